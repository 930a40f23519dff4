"""A job renamed or removed together with what refers to it: dependencies, expressions, tests."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bunsui.asl.expressions import field_step
from bunsui.document.edit.edits import DocumentEdit, EditSequence, RemoveValue, RenameKey, SetValue
from bunsui.document.yaml.tree import Path
from bunsui.model.json import Json

_HOLDERS = ("jobs", "on_failure", "finally")
_KEYED_BY_JOB = ("mocks", "jobs", "output", "retries")
"""Mappings of a test whose keys are jobs, `JOB.OPERATION` too."""


def rename_job(data: Json, path: Path, name: str) -> DocumentEdit:
    """Return the edit that gives the job at the path another name, and that name to everything that refers to it.

    What an expression makes of a job's name at run time, such as `$lookup($jobs, 'NAME')`, is not found; what looks like a
    reference inside a text of an expression is taken for one.
    """
    old = str(path[-1])
    others = (
        *_dependencies(data, old, name),
        *_rules(data, old, name),
        *_expressions(data, (), old, name),
        *_tests(data, old, name),
    )
    return EditSequence(edits=(*others, RenameKey(path=path, key=name)))


def remove_job(data: Json, path: Path) -> DocumentEdit:
    """Return the edit that removes the job at the path, and takes it out of what others depend on.

    Expressions and tests that read it stay: what they should read instead, a person must say.
    """
    return EditSequence(edits=(*_dependencies(data, str(path[-1]), ""), RemoveValue(path=path)))


def jobs_at(data: Json) -> Iterator[tuple[Path, Mapping[str, Json]]]:
    """Return every job of a pipeline's file with its path, those of `on_failure` and `finally` that have names included."""
    for holder in _HOLDERS:
        found = data.get(holder) if isinstance(data, Mapping) else None
        if isinstance(found, Mapping) and not (holder != "jobs" and {"type", "operations"} & set(found)):
            for name, job in found.items():
                if isinstance(job, Mapping):
                    yield (holder, name), job


def _dependencies(data: Json, old: str, new: str) -> Iterator[DocumentEdit]:
    """Yield the edits of `depends_on`; an empty `new` takes the job out."""
    for path, job in jobs_at(data):
        needs, place = job.get("depends_on"), (*path, "depends_on")
        if needs == old or (not new and needs == [old]):
            yield SetValue(path=place, value=new) if new else RemoveValue(path=place)
        elif isinstance(needs, list) and old in needs:
            index = needs.index(old)
            yield SetValue(path=(*place, index), value=new) if new else RemoveValue(path=(*place, index))


def _rules(data: Json, old: str, new: str) -> Iterator[DocumentEdit]:
    """Yield the edits of rules of recovery that start again from the job."""
    held: list[tuple[Path, Json]] = [((), data), *jobs_at(data)]
    for path, one in held:
        rules = one.get("recover") if isinstance(one, Mapping) else None
        listed = isinstance(rules, list)
        for index, rule in enumerate(rules if isinstance(rules, list) else [rules]):
            if isinstance(rule, Mapping) and rule.get("job") == old:
                yield SetValue(path=(*path, "recover", *((index,) if listed else ()), "job"), value=new)


def _expressions(value: Json, path: Path, old: str, new: str) -> Iterator[DocumentEdit]:
    """Yield the edits of texts with expressions that read the job."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _expressions(inner, (*path, key), old, new)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _expressions(inner, (*path, index), old, new)
    elif isinstance(value, str) and "{%" in value:
        read = re.compile(rf"(\$(?:jobs|errors|status)\.)(?:`{re.escape(old)}`|{re.escape(old)}(?![A-Za-z0-9_]))")
        renamed = read.sub(lambda found: found[1] + field_step(new), value)
        if renamed != value:
            yield SetValue(path=path, value=renamed)


def _tests(data: Json, old: str, new: str) -> Iterator[DocumentEdit]:
    tests = data.get("tests") if isinstance(data, Mapping) else None
    for index, test in enumerate(tests if isinstance(tests, list) else ()):
        expect = test.get("expect") if isinstance(test, Mapping) else None
        for path, held in ((("tests", index), test), (("tests", index, "expect"), expect)):
            if isinstance(held, Mapping):
                yield from _keys(held, path, old, new)
        ran = expect.get("path") if isinstance(expect, Mapping) else None
        for place, name in enumerate(ran if isinstance(ran, list) else ()):
            if name == old:
                yield SetValue(path=("tests", index, "expect", "path", place), value=new)


def _keys(held: Mapping[str, Json], path: Path, old: str, new: str) -> Iterator[DocumentEdit]:
    for key in _KEYED_BY_JOB:
        found = held.get(key)
        for name in found if isinstance(found, Mapping) else ():
            if name == old or name.startswith(f"{old}."):
                yield RenameKey(path=(*path, key, name), key=new + name[len(old) :])
