"""Reads single values while a pipeline is lowered; what cannot be read is a finding, and a default stands in for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.document.yaml.tree import Document, Path
from bunsui.model.alerts import Alert
from bunsui.model.durations import parse_duration
from bunsui.model.environment.alert_routes import AlertRoute
from bunsui.model.json import Json
from bunsui.model.pipeline import GivenRoles
from bunsui.model.values import Expression, Value, leaves
from bunsui.operations.contract import OperationType
from bunsui.ports.source import Source


@dataclass(slots=True, kw_only=True)
class Lowering:
    """The lowering of one file: what it may look at, what holds by default, and what was found."""

    document: Document
    source: Source
    registry: Mapping[str, OperationType]
    timezone: str
    """The project's."""
    project_defaults: Mapping[str, Json]
    roles: GivenRoles = field(default_factory=GivenRoles)
    """The environment's."""
    alerts: tuple[Alert, ...] = ()
    """The project's, for pipelines without their own."""
    routes: tuple[AlertRoute, ...] = ()
    """The project's, for alerts that name no channel."""
    channels: Collection[str] = ()
    """The names of the environment's channels."""
    resident_only: Collection[str] = ()
    """Those of them on which only a resident tells."""
    tells: bool = True
    """False where nobody is told of anything."""
    has_resident: bool = True
    """False where the environment has no resident that watches."""
    default_retry: Mapping[str, Value] | None = None
    default_timeout: int | None = None
    functions: Mapping[str, Value] = field(default_factory=dict)
    """The pipeline's `functions` by name."""
    findings: list[Diagnostic] = field(default_factory=list)

    def report(
        self, code: str, summary: str, path: Path, *, hint: str = "", severity: Severity = Severity.ERROR, detail: str = ""
    ) -> None:
        """Remember a finding about the value at the path."""
        self.findings.append(self.document.finding(code, summary, path, hint=hint, severity=severity, detail=detail))

    def text(self, path: Path, value: Value, default: str) -> str:
        """Return a text that must be known now."""
        if value is None:
            return default
        if isinstance(value, str):
            return value
        self._not_known(path, value, "text")
        return default

    def whole(self, path: Path, value: Value, default: int) -> int:
        """Return a whole number that must be known now."""
        if value is None:
            return default
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        self._not_known(path, value, "a whole number")
        return default

    def number(self, path: Path, value: Value, default: float) -> float:
        """Return a number that must be known now."""
        if value is None:
            return default
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
        self._not_known(path, value, "a number")
        return default

    def flag(self, path: Path, value: Value, *, default: bool) -> bool:
        """Return a yes or no that must be known now."""
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        self._not_known(path, value, "true or false")
        return default

    def duration(self, path: Path, value: Value) -> int | None:
        """Return the seconds of a duration; None when there is none."""
        if value is None:
            return None
        if not isinstance(value, str):
            self._not_known(path, value, "a duration")
            return None
        try:
            return parse_duration(value)
        except ValueError as error:
            self.report("BS113", str(error), path)
            return None

    def constant(self, path: Path, value: Value) -> Json:
        """Return plain JSON that must be known now."""
        for leaf in leaves(value):
            if isinstance(leaf, Expression):
                self._not_known(path, leaf, "a value")
                return None
        return value  # type: ignore[return-value]  # no leaf is anything but JSON: only expressions come out of a file

    def _not_known(self, path: Path, value: Value, wanted: str) -> None:
        if isinstance(value, Expression):
            self.report(
                "BS312",
                f"{path[-1]} is needed at plan time and cannot be an expression",
                path,
                hint="Write the value itself, or ${var.NAME} for one that differs between environments.",
            )
        else:
            self.report("BS103", f"{path[-1]} must be {wanted}", path)


def mapping_at(value: Value, *keys: str) -> Mapping[str, Value]:
    """Return the mapping that the keys lead to; an empty one when there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def given_roles(value: Value) -> GivenRoles:
    """Return the roles that an entry names; the schema says what is wrong with others."""
    entry = value if isinstance(value, Mapping) else {}
    named = {key: arn for key in ("machine", "function", "scheduler") if isinstance(arn := entry.get(key), str)}
    return GivenRoles(**named)
