"""`bunsui.yaml` as a value: checked with its schema, then laid out for one environment."""

from __future__ import annotations

import contextlib
import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bunsui.diagnostics import Diagnostic, Position
from bunsui.document.channels import channels_of, check_channels, check_routes, read_alerts, read_routes
from bunsui.document.checks.rules import check_rules
from bunsui.document.checks.tags import check_ignored_tags
from bunsui.document.checks.times import timezone_problem
from bunsui.document.error_limit import at_most
from bunsui.document.lowering.values import given_roles
from bunsui.document.project import LOCAL, PATTERNS, RETIRE_SECONDS, EnvironmentDocument, ProjectDocument
from bunsui.document.rules import Rules, read_rules
from bunsui.document.schema.check import project_check
from bunsui.document.yaml.reader import read_document
from bunsui.document.yaml.tree import Document, Path
from bunsui.model.durations import parse_duration
from bunsui.model.environment.freeze import FREEZE_PATTERN, FreezeWindow, freeze_problem
from bunsui.model.json import Json
from bunsui.model.names import is_id
from bunsui.model.time_zones import DAY_SECONDS

_LOCAL_REGION = "us-east-1"
MOST_LAG_SECONDS = 20
"""How late the embedded AWS may be asked to be: `refresh/consistency.py` waits for half a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectText:
    """The project file, read and checked, no environment chosen yet."""

    document: Document | None
    """None when there are errors."""
    diagnostics: tuple[Diagnostic, ...]

    @property
    def declared(self) -> tuple[str, ...]:
        """The names of the declared environments, in the order of the file."""
        return tuple(_mapping(self._data, "environments"))

    @property
    def default_environment(self) -> str:
        """The environment when none is asked for."""
        return str(self._data.get("default_environment", LOCAL))

    def _places(self, patterns: Json) -> Iterator[Position]:
        if self.document is not None and isinstance(patterns, list):
            yield from (self.document.at(("pipelines", index)) for index in range(len(patterns)))

    @property
    def _data(self) -> Mapping[str, Json]:
        data = self.document.data if self.document is not None else None
        return data if isinstance(data, Mapping) else {}

    def project(self, environment: str) -> ProjectDocument:
        """Return the project with this environment chosen; KeyError when it is neither declared nor `local`."""
        data = self._data
        if environment != LOCAL and environment not in self.declared:
            raise KeyError(environment)
        chosen = _environment(environment, _mapping(data, "environments", environment))
        patterns = data.get("pipelines")
        return ProjectDocument(
            name=str(data["project"]),
            id=str(data["id"]),
            environment=chosen,
            timezone=str(data.get("timezone", "UTC")),
            patterns=tuple(str(pattern) for pattern in patterns) if isinstance(patterns, list) else PATTERNS,
            patterns_at=self.document.at(("pipelines",)) if self.document is not None else None,
            pattern_places=tuple(self._places(patterns)),
            variables={**_mapping(data, "variables"), **chosen.variables},
            defaults=_mapping(data, "defaults"),
            document=self.document,
            rules=Rules(of_project=read_rules(_mapping(data, "rules"))),
            channels=channels_of(data, environment) if chosen.alerts_enabled else {},
            alerts=tuple(read_alerts(data.get("alerts"))),
            alert_routes=tuple(read_routes(data.get("alert_routes"))),
            alerts_text=tuple(_list(data.get("alerts"))),
            ignored_tags=tuple(map(str, _list(_mapping(data, "ignore").get("tags")))),
            local_ecs=_text(_mapping(data, "local").get("ecs")) or "none",
            local_iam=_text(_mapping(data, "local").get("iam")) or "enforce",
            local_lag_seconds=_seconds(_mapping(data, "local").get("lag"), 0),
            local_answers=_mapping(data, "local", "answers"),
            environments=self.declared,
        )


def read_project(file: str, content: bytes) -> ProjectText:
    """Read the project file; its findings are located in it."""
    intake = read_document(file, content)
    document = intake.document
    if document is None:
        return ProjectText(document=None, diagnostics=intake.diagnostics)
    findings = (*project_check()(document, document.data), *at_most(document, _further(document)))
    has_errors = any(finding.is_error for finding in findings)
    return ProjectText(document=None if has_errors else document, diagnostics=findings)


def _environment(name: str, entry: Mapping[str, Json]) -> EnvironmentDocument:
    return EnvironmentDocument(
        name=name,
        account=_text(entry.get("account")),
        region=_text(entry.get("region")) or _LOCAL_REGION,
        profile=_text(entry.get("profile")),
        role_arn=_text(entry.get("role_arn")),
        variables=_mapping(entry, "variables"),
        schedules_enabled=entry.get("schedules", "enabled") == "enabled",
        protected=bool(entry.get("protected", False)),
        overwrites_drift=entry.get("drift", "ask") == "overwrite",
        freeze=tuple(_windows(entry.get("freeze"))),
        retire_seconds=_seconds(entry.get("retire_for"), RETIRE_SECONDS),
        retention_seconds=_seconds(entry["retention"], 0) if "retention" in entry else None,
        permissions_boundary=_text(entry.get("permissions_boundary")),
        state_key_is_managed=entry.get("state_encryption", "aws_owned") == "aws_managed",
        bucket=_text(entry.get("bucket")) or "",
        bucket_kms_key=_text(entry.get("bucket_kms_key")) or "",
        roles=given_roles(entry.get("roles")),
        alerts_enabled=entry.get("alerts", "enabled") == "enabled",
        resident=entry.get("resident") is True,
    )


def _further(document: Document) -> Iterator[Diagnostic]:
    """What the schema cannot see. The data may be of any shape."""
    data = document.data
    if not isinstance(data, Mapping):
        return
    name = data.get("project")
    if isinstance(name, str) and "--" in name:
        yield document.finding("BS105", f"the project's name {name} holds --, which joins names in AWS", ("project",))
    timezone = data.get("timezone")
    problem = timezone_problem(timezone) if isinstance(timezone, str) else None
    if problem is not None:
        yield document.finding("BS111", problem.summary, ("timezone",), hint=problem.hint)
    declared = _mapping(data, "environments")
    default = data.get("default_environment")
    if isinstance(default, str) and default != LOCAL and default not in declared:
        near = difflib.get_close_matches(default, [*declared, LOCAL], n=1, cutoff=0.6)
        summary = f"default_environment names {default}, which is not declared"
        yield document.finding("BS215", summary, ("default_environment",), hint=f"Did you mean {near[0]}?" if near else "")
    yield from _check_lag(document, data)
    yield from check_rules(document, _mapping(data, "rules"))
    yield from _variables(document, _mapping(data, "variables"), ("variables",))
    yield from check_channels(document, data)
    yield from check_routes(document, data)
    yield from check_ignored_tags(document, _mapping(data, "ignore").get("tags"))
    for environment in declared:
        path: Path = ("environments", environment)
        if "--" in environment or not is_id(environment):
            yield document.finding(
                "BS105", f"{environment} cannot name an environment: no --, no - at the end", path, on_key=True
            )
        entry = _mapping(declared, environment)
        yield from _variables(document, _mapping(entry, "variables"), (*path, "variables"))
        yield from _freezes(document, entry.get("freeze"), (*path, "freeze"))
        yield from _kept_for(document, entry.get("retire_for"), (*path, "retire_for"))
        yield from _kept_for(document, entry.get("retention"), (*path, "retention"), least=DAY_SECONDS)
        yield from _lonely_key(document, entry, path)
        if environment == LOCAL:
            for key in ("account", "profile", "role_arn", "region"):
                if key in entry:
                    yield document.finding(
                        "BS215",
                        f"{key} has no meaning in local, the embedded AWS",
                        (*path, key),
                        on_key=True,
                        hint="Remove it.",
                    )
        else:
            for key in ("account", "region"):
                if key not in entry:
                    yield document.finding(
                        "BS102",
                        f"the key {key} is missing in the environment {environment}",
                        path,
                        on_key=True,
                        detail="Credentials alone must not decide where things are written.",
                    )


def _lonely_key(document: Document, entry: Mapping[str, Json], path: Path) -> Iterator[Diagnostic]:
    if "bucket_kms_key" in entry and "bucket" not in entry:
        summary = f"bucket_kms_key says how a bucket is encrypted, and {path[-1]} has none"
        hint = "Write `bucket: managed`, or the name of one, beside it; or remove it."
        yield document.finding("BS215", summary, (*path, "bucket_kms_key"), on_key=True, hint=hint)


def _variables(document: Document, variables: Mapping[str, Json], path: Path) -> Iterator[Diagnostic]:
    for name, value in variables.items():
        if isinstance(value, str) and ("${" in value or "{%" in value):
            yield document.finding(
                "BS205",
                f"the variable {name} is a plain value: nothing is filled in or evaluated in it",
                (*path, name),
                hint="Put the ${…} or {% … %} where the variable is used.",
            )


def _mapping(value: Json, *keys: str) -> Mapping[str, Json]:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _seconds(value: Json, default: int) -> int:
    return parse_duration(value) if isinstance(value, str) else default


def _check_lag(document: Document, data: Mapping[str, Json]) -> Iterator[Diagnostic]:
    with contextlib.suppress(ValueError):
        if _seconds(_mapping(data, "local").get("lag"), 0) > MOST_LAG_SECONDS:
            summary = f"lag is more than {MOST_LAG_SECONDS}s: an apply waits half a minute for what is read late"
            yield document.finding("BS113", summary, ("local", "lag"), hint=f"Such as 3s; {MOST_LAG_SECONDS}s at most.")


def _windows(value: Json) -> Iterator[FreezeWindow]:
    for entry in value if isinstance(value, list) else ():
        if isinstance(entry, Mapping):
            yield FreezeWindow(first=str(entry["from"]), last=str(entry["to"]), reason=str(entry.get("reason", "")))


def _freezes(document: Document, value: Json, path: Path) -> Iterator[Diagnostic]:
    for index, entry in enumerate(value if isinstance(value, list) else ()):
        first, last = (_text(entry.get(key)) if isinstance(entry, Mapping) else None for key in ("from", "to"))
        if first is None or last is None or not all(re.match(FREEZE_PATTERN, text) for text in (first, last)):
            continue  # the schema has said it
        if problem := freeze_problem(first, last):
            yield document.finding("BS111", problem, (*path, index), hint="Such as 12-25 to 01-05.")


def _kept_for(document: Document, value: Json, path: Path, *, least: int = 0) -> Iterator[Diagnostic]:
    if not isinstance(value, str):
        return
    try:
        seconds = parse_duration(value)
    except ValueError as error:
        yield document.finding("BS113", str(error), path)
    else:
        if seconds < least:
            what = "less than a day" if least else "negative"
            hint = "Such as 90d, or 1d." if least else "Such as 14d, or 0s."
            yield document.finding("BS113", f"{path[-1]} cannot be {what}", path, hint=hint)


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None
