"""A definition seen as a tree of machines with their states, whatever stands in it: nothing here trusts a type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from bunsui.asl.validation.finding import Path
from bunsui.model.json import Json

Language = Literal["JSONPath", "JSONata"]
Kind = Literal["STANDARD", "EXPRESS"]

TYPES = ("Task", "Pass", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map")
FLOWING = frozenset({"Task", "Pass", "Wait", "Parallel", "Map"})
"""Types that have Next or End."""
PROCESSORS = ("ItemProcessor", "Iterator")


@dataclass(frozen=True, kw_only=True)
class MachineView:
    """The whole machine, a branch of a Parallel, or the processor of a Map. Its states are looked at by a dozen rules, so they
    are made once (and there are no slots, which could not keep them)."""

    fields: Mapping[str, Any]
    path: Path
    language: Language
    """What the whole machine says; a Map's or Parallel's own language does not reach the states inside it."""
    kind: Kind
    """What executes the states here: STANDARD or EXPRESS, also for the children of a distributed Map."""
    owner: StateView | None = None
    """The Parallel or Map around it."""
    isolated: bool = False
    """True for the children of a distributed Map: they do not see outer variables."""

    @property
    def states(self) -> Mapping[str, Any]:
        """Return the states, empty when there are none."""
        found = self.fields.get("States")
        return found if isinstance(found, Mapping) else {}

    def views(self) -> tuple[StateView, ...]:
        """Return every state that is an object, not those nested."""
        return self._views

    @cached_property
    def _views(self) -> tuple[StateView, ...]:
        states = self.states.items()
        return tuple(
            StateView(name=str(name), fields=fields, machine=self) for name, fields in states if isinstance(fields, Mapping)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StateView:
    """One state."""

    name: str
    fields: Mapping[str, Any]
    machine: MachineView

    @property
    def path(self) -> Path:
        """Return the way from the definition's root."""
        return (*self.machine.path, "States", self.name)

    @property
    def type(self) -> str:
        """Return the state's type, empty when it has none."""
        found = self.fields.get("Type")
        return found if isinstance(found, str) else ""

    @property
    def language(self) -> Language:
        """Return the query language that AWS takes: JSONPath only when it is named exactly so, or inherited."""
        if "QueryLanguage" not in self.fields:
            return self.machine.language
        return "JSONPath" if self.fields["QueryLanguage"] == "JSONPath" else "JSONata"

    @property
    def is_distributed(self) -> bool:
        """Tell whether the state is a Map whose items run as child executions."""
        return any(_mode(self.fields.get(key)) == "DISTRIBUTED" for key in PROCESSORS)

    def machines(self) -> Iterator[MachineView]:
        """Return the machines inside a Parallel or Map."""
        if self.type == "Parallel":
            branches = self.fields.get("Branches")
            for index, branch in enumerate(branches if isinstance(branches, list) else ()):
                if isinstance(branch, Mapping):
                    yield self._inner(branch, ("Branches", index))
        elif self.type == "Map":
            for key in PROCESSORS:
                processor = self.fields.get(key)
                if isinstance(processor, Mapping):
                    yield self._inner(processor, (key,))

    def _inner(self, fields: Mapping[str, Any], step: Path) -> MachineView:
        config = fields.get("ProcessorConfig")
        express = isinstance(config, Mapping) and config.get("ExecutionType") == "EXPRESS"
        return MachineView(
            fields=fields,
            path=(*self.path, *step),
            language=self.machine.language,
            kind="EXPRESS" if express else self.machine.kind,
            owner=self,
            isolated=_mode(fields) == "DISTRIBUTED",
        )


def whole(definition: Mapping[str, Any], kind: Kind) -> MachineView:
    """Return the view of a whole definition."""
    said = definition.get("QueryLanguage", "JSONPath")
    return MachineView(fields=definition, path=(), language="JSONPath" if said == "JSONPath" else "JSONata", kind=kind)


def machines(root: MachineView) -> Iterator[MachineView]:
    """Return the machine and all machines inside it, outer ones first."""
    yield root
    for state in root.views():
        for inner in state.machines():
            yield from machines(inner)


def is_opaque(value: Json) -> bool:
    """Tell whether a value is filled in later: a `${placeholder}`, or a CloudFormation function."""
    if isinstance(value, str):
        return "${" in value
    if isinstance(value, (dict, Mapping)) and len(value) == 1:
        key = next(iter(value))
        return isinstance(key, str) and (key == "Ref" or key.startswith(("Fn::", "!")))
    return False


def _mode(processor: Any) -> Any:
    config = processor.get("ProcessorConfig") if isinstance(processor, Mapping) else None
    return config.get("Mode") if isinstance(config, Mapping) else None
