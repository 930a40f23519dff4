"""What an installed package must be, as the metadata of bunsui says: the few forms in which it is written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_REQUIREMENT = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)\s*(?P<clauses>[^;]*)(?:;\s*(?P<marker>.*))?$")
_CLAUSE = re.compile(r"^(==|>=|<=|!=|<|>)\s*(\d+(?:\.\d+)*)")
_EXTRA = re.compile(r"""extra == ['"]([\w-]+)['"]""")
_BEFORE = re.compile(r"""python_version < ['"](\d+)\.(\d+)['"]""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One package that is needed."""

    name: str
    clauses: str
    """Such as `>=8,<9`."""
    extra: str = ""
    """The optional part that needs it; empty where bunsui itself does."""

    def allows(self, version: str) -> bool:
        """Tell whether a version is one that is wanted; a clause of a form that is not known counts as met."""
        return all(_meets(version, clause.strip()) for clause in self.clauses.split(",") if clause.strip())


def read_requirements(lines: Iterable[str], python: tuple[int, int]) -> tuple[Requirement, ...]:
    """Return what the lines ask for on this version of Python."""
    found = []
    for line in lines:
        match = _REQUIREMENT.match(line.strip())
        if match is None:
            continue
        marker = match["marker"] or ""
        extra, before = _EXTRA.search(marker), _BEFORE.search(marker)
        if before is not None and python >= (int(before[1]), int(before[2])):
            continue
        found.append(
            Requirement(name=match["name"], clauses=match["clauses"].strip(" ()"), extra=extra[1] if extra is not None else "")
        )
    return tuple(found)


def _meets(version: str, clause: str) -> bool:
    match = _CLAUSE.match(clause)
    if match is None:
        return True
    wanted, has = _numbers(match[2]), _numbers(version)
    width = max(len(wanted), len(has))
    left, right = (numbers + (0,) * (width - len(numbers)) for numbers in (has, wanted))
    return {
        "==": left == right,
        "!=": left != right,
        ">=": left >= right,
        "<=": left <= right,
        ">": left > right,
        "<": left < right,
    }[match[1]]


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(map(int, found[0].split("."))) if found is not None else ()
