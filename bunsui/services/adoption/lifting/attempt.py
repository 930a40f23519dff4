"""Tries to lift a definition that a project has as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from bunsui.document.lifting.lift import Lifted, lift
from bunsui.document.lifting.refusals import StaysRawError
from bunsui.document.lifting.rendering import PLACEHOLDER
from bunsui.errors import InvalidInput
from bunsui.model.json import Json
from bunsui.project.overlay import OverlaySource
from bunsui.project.repository import Repository
from bunsui.services.adoption.definition_text import DefinitionText
from bunsui.services.adoption.lifting.comparing import LiftComparison, compare
from bunsui.services.testing.machine_under_test import MachineUnderTest, errors_of, machines_under_test

FileWriter: TypeAlias = Callable[[Mapping[str, Json]], bytes]

_PLACEHOLDER = re.compile(r'"(?:[^"\\\n]|\\.)*"|\$\{([A-Za-z_][A-Za-z0-9_.:-]*)\}')
_INSIDE = re.compile(r"(\$?)\$\{([A-Za-z_][A-Za-z0-9_.:-]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftAttempt:
    """What came of a definition."""

    content: bytes | None = None
    """The pipeline's file with jobs in place of `definition`; None where it stays as it is."""
    why: str = ""
    place: tuple[str, ...] = ()
    """Where in the definition the reason is: the state's name, then its fields."""
    compared: LiftComparison | None = None
    found: Lifted | None = None

    @property
    def where(self) -> str:
        """The place in one line."""
        return ".".join(self.place)

    @property
    def refusal(self) -> str:
        """Why it stays a definition, after the place; empty where it has jobs."""
        return ": ".join(filter(None, (self.where, self.why)))


def try_lift(
    repository: Repository, name: str, path: str, files: Mapping[str, bytes], text: DefinitionText, *, write: FileWriter
) -> LiftAttempt:
    """Say the definition of the pipeline `name` in jobs, and run both. Nothing is written.

    `files` has the pipeline's file, at `path`, with the definition as it is, and what it names; those need not be there yet.
    `write` makes the file of the keys that stand in place of `definition`.
    """
    try:
        found = lift(*_data(text))
    except StaysRawError as error:
        return LiftAttempt(why=error.why, place=error.place)
    entry: dict[str, Json] = {}
    if found.reads_input:
        entry["parameters"] = {"input": {"type": "object", "description": "What an execution is started with."}}
    if found.timeout_seconds is not None:
        entry["timeout"] = f"{found.timeout_seconds}s"
    entry["jobs"] = found.jobs
    original = _machine(repository, name, files)
    if isinstance(original, str):
        return LiftAttempt(why=original)
    content = write(entry)
    lifted = _machine(repository, name, {**files, path: content})
    if isinstance(lifted, str):
        return LiftAttempt(why=f"its jobs would not be valid: {lifted}", found=found)
    compared = compare(original.definition, lifted.definition, found)
    if compared.difference:
        return LiftAttempt(why=f"its jobs would behave differently: {compared.difference}", compared=compared)
    return LiftAttempt(content=content, compared=compared, found=found)


def _machine(repository: Repository, name: str, files: Mapping[str, bytes]) -> MachineUnderTest | str:
    """Return the machine that is compiled of the files, or the first thing that is wrong with them."""
    laid = replace(repository, source=OverlaySource(repository.source, files))
    machines, project = machines_under_test(laid, [name])
    if name in machines:
        return machines[name]
    return next((finding.summary for finding in errors_of(project, [name])), "it cannot be compiled")


def _data(text: DefinitionText) -> tuple[Mapping[str, Json], Mapping[str, Json]]:
    """Return the definition with placeholders as marks, and what each stands for. Raises StaysRawError."""
    content = text.content.decode()
    opens, closes = PLACEHOLDER
    values: Mapping[str, Json] = {}
    if not isinstance(text.substitutions, str):
        values = text.substitutions
        if values:
            content = _PLACEHOLDER.sub(lambda one: one.group() if one.group(1) is None else f'"{one.group()}"', content)
            content = _INSIDE.sub(lambda one: one.group() if one.group(1) else f"{opens}{one.group(2)}{closes}", content)
            content = content.replace("$${", "${")
    try:
        data = json.loads(content)
    except ValueError as error:
        raise StaysRawError("only definitions in JSON are lifted") from error
    if not isinstance(data, Mapping):
        raise InvalidInput("not-a-definition", "the file is not the definition of a state machine")
    return data, values
