"""Keeps what somebody changed outside: the edit that writes the value that AWS has into the file that says another one.

Which key of a file an attribute comes from stands in `_PLACES`. Nothing here believes that alone: the files are compiled with
the edit, and an attribute counts as kept only when they then want what AWS has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as Folder

from bunsui.diff.model import DiffItem
from bunsui.document.closing_jobs import with_closing_jobs
from bunsui.document.edit.draft import Draft, draft_of
from bunsui.document.edit.editing import EditRefusal
from bunsui.document.edit.edits import DocumentEdit, RemoveValue, SetValue
from bunsui.document.form.shapes import is_placeholder
from bunsui.document.schema.check import job_form
from bunsui.document.short_forms import long_form
from bunsui.document.yaml.reader import read_document
from bunsui.document.yaml.tree import Document, Path
from bunsui.errors import NotFound
from bunsui.kinds.lambda_function import FUNCTION
from bunsui.kinds.log_group import LOG_GROUP
from bunsui.kinds.schedule import SCHEDULE
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.durations import format_duration
from bunsui.model.json import Json, value_at
from bunsui.model.pipeline import Pipeline
from bunsui.model.values import Value
from bunsui.plan.model import Reason, ResourceChange
from bunsui.project.compile import compile_project
from bunsui.project.repository import Repository
from bunsui.services.drafting.checking import with_drafts
from bunsui.services.drafting.kept import content_of
from bunsui.sessions.shape import job_of

_PROJECT_FILE = "bunsui.yaml"
_CODE = {"memory_mb": "memory", "handler": "handler", "runtime": "runtime", "architecture": "architecture"}
_SETTINGS: Mapping[str, Path] = {
    "subnets": ("network", "subnets"),
    "security_groups": ("network", "security_groups"),
    "layers": ("layers",),
    "ephemeral_storage_mb": ("ephemeral_storage",),
    "tracing": ("tracing",),
    "dead_letter_arn": ("dead_letter",),
    "kms_key_arn": ("kms_key",),
    "reserved_concurrency": ("reserved_concurrency",),
}
"""Settings of functions -> where they stand under `code`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOutside:
    """An attribute whose outside change is not written into a file."""

    attribute: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptOutside:
    """What keeping an outside change writes."""

    drafts: tuple[Draft, ...]
    """The files with the edits; show `Draft.diff()`, then `write_draft` each. Empty when nothing can be kept."""
    kept: tuple[str, ...]
    """Attributes that the files then want as AWS has them: the next plan has nothing to undo there."""
    left: tuple[LeftOutside, ...]


class _NoPlace(Exception):
    """No key of a file says it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True, kw_only=True)
class _Keeper:
    repository: Repository
    root: Folder
    change: ResourceChange
    pipeline: Pipeline
    document: Document
    """The pipeline's file in the long form, whose parts know where they stand in the file."""
    drafts: dict[str, Draft] = field(default_factory=dict)


def keep_outside(repository: Repository, root: Folder, change: ResourceChange) -> KeptOutside:
    """Return the drafts that write what somebody changed outside into the files. Nothing is written.

    Raises:
        NotFound: `pipeline-not-read`, when the change's pipeline has no file, or one with errors.

    """
    attributes = tuple(dict.fromkeys(item.attribute for item in change.drift))
    if change.reason is Reason.DELETED_OUTSIDE or change.actual is None:
        reason = "it was deleted outside: to leave it deleted, remove it from the file"
        return KeptOutside(drafts=(), kept=(), left=tuple(LeftOutside(attribute=one, reason=reason) for one in attributes))
    keeper = _keeper(repository, root, change)
    kept: list[str] = []
    left: list[LeftOutside] = []
    for attribute in attributes:
        reason = _keep(keeper, attribute)
        if reason:
            left.append(LeftOutside(attribute=attribute, reason=reason))
        else:
            kept.append(attribute)
    changed = tuple(draft for draft in keeper.drafts.values() if draft.is_changed)
    return KeptOutside(drafts=changed, kept=tuple(kept), left=tuple(left))


def _keeper(repository: Repository, root: Folder, change: ResourceChange) -> _Keeper:
    project = compile_project(repository, select=[change.address.pipeline], asks_whether_refused=False)
    pipelines = {pipeline.name: pipeline for pipeline in project.documents.pipelines}
    pipeline = pipelines.get(change.address.pipeline)
    document = None
    if pipeline is not None:
        document = read_document(pipeline.path, repository.source.read(pipeline.path)).document
    if pipeline is None or document is None:
        raise NotFound(
            "pipeline-not-read",
            "the pipeline has no file that can be read, so nothing can be written into it",
            hint="Correct its file first.",
            pipeline=change.address.pipeline,
        )
    whole = long_form(with_closing_jobs(document), job_form(repository.registry))
    return _Keeper(repository=repository, root=root, change=change, pipeline=pipeline, document=whole)


def _keep(keeper: _Keeper, attribute: str) -> str:
    """Put the edits for one attribute into the drafts; return why not, with the drafts as they were."""
    before = dict(keeper.drafts)
    try:
        for file, edit in _edits(keeper, attribute):
            _apply(keeper, file, edit, attribute)
    except _NoPlace as problem:
        keeper.drafts = before
        return problem.reason
    if _is_wanted(keeper, attribute):
        return ""
    keeper.drafts = before
    return "the file would not want the same after the edit: another key decides as well"


def _apply(keeper: _Keeper, file: str, edit: DocumentEdit, attribute: str) -> None:
    draft = keeper.drafts.get(file) or draft_of(file, content_of(keeper.root, file))
    result = draft.edit(edit, f"{attribute} as it is in AWS")
    if isinstance(result, EditRefusal):
        raise _NoPlace(f"{result.position}: {result.reason}")
    keeper.drafts[file] = result


def _is_wanted(keeper: _Keeper, attribute: str) -> bool:
    """Tell whether the files with the drafts want the attribute as AWS has it."""
    laid = with_drafts(keeper.repository, *keeper.drafts.values())
    compiled = compile_project(laid, select=[keeper.change.address.pipeline], asks_whether_refused=False)
    for resource in compiled.resources:
        if resource.address == keeper.change.address:
            return _plain(resource.attributes.get(attribute)) == _plain(_actual_value(keeper, attribute))
    return False


def _edits(keeper: _Keeper, attribute: str) -> Iterator[tuple[str, DocumentEdit]]:
    place = _PLACES.get((keeper.change.address.kind, attribute))
    if place is None:
        reason = _NOT_WRITTEN_BACK.get((keeper.change.address.kind, attribute), "no key of a file says it")
        raise _NoPlace(reason)
    yield from place(keeper, attribute)


def _function(keeper: _Keeper, attribute: str) -> Iterator[tuple[str, DocumentEdit]]:
    file, path = _code_place(keeper)
    yield file, _set(keeper, file, (*path, _CODE[attribute]), _json(_actual_value(keeper, attribute)))


def _function_setting(keeper: _Keeper, attribute: str) -> Iterator[tuple[str, DocumentEdit]]:
    file, path = _code_place(keeper)
    place = (*path, *_SETTINGS[attribute])
    value = _actual_value(keeper, attribute)
    if value is None:
        yield file, RemoveValue(path=place)
    else:
        yield (
            file,
            _set(keeper, file, place, [_json(one) for one in value] if isinstance(value, (list, tuple)) else _json(value)),
        )


def _function_timeout(keeper: _Keeper, attribute: str) -> Iterator[tuple[str, DocumentEdit]]:
    file, path = _code_place(keeper)
    seconds = _actual_value(keeper, attribute)
    if not isinstance(seconds, int):
        raise _NoPlace("AWS says no timeout")
    yield file, _set(keeper, file, (*path, "timeout"), format_duration(seconds))


def _environment(keeper: _Keeper, attribute: str) -> Iterator[tuple[str, DocumentEdit]]:
    file, path = _code_place(keeper)
    yield from _entries(keeper, attribute, file, (*path, "environment"))


def _tags(keeper: _Keeper, attribute: str) -> Iterator[tuple[str, DocumentEdit]]:
    yield from _entries(keeper, attribute, keeper.pipeline.path, ("tags",))


def _tracing(keeper: _Keeper, attribute: str) -> Iterator[tuple[str, DocumentEdit]]:
    file = keeper.pipeline.path
    yield file, _set(keeper, file, ("tracing",), _json(_actual_value(keeper, attribute)))


def _log_level(keeper: _Keeper, attribute: str) -> Iterator[tuple[str, DocumentEdit]]:
    logging = _actual_value(keeper, attribute)
    level = logging.get("level") if isinstance(logging, Mapping) else None
    yield keeper.pipeline.path, _set(keeper, keeper.pipeline.path, ("logging", "level"), _json(level))


def _retention(keeper: _Keeper, attribute: str) -> Iterator[tuple[str, DocumentEdit]]:
    days = _json(_actual_value(keeper, attribute))
    yield keeper.pipeline.path, _set(keeper, keeper.pipeline.path, ("logging", "retention_days"), days)


def _concurrency(keeper: _Keeper, attribute: str) -> Iterator[tuple[str, DocumentEdit]]:
    """Yield the edits for how many items of a foreach run at once; what else a state does is no value of one key."""
    file = keeper.pipeline.path
    items = [item for item in keeper.change.drift if item.attribute == attribute]
    if any(item.path != ("MaxConcurrency",) for item in items):
        raise _NoPlace(_NOT_WRITTEN_BACK[(MACHINE, attribute)])
    actual = _concurrency_of(_actual_value(keeper, attribute))
    for item in items:
        path: Path = ("jobs", job_of(item.subject), "foreach")
        if not isinstance(value_at(keeper.document.data, path), Mapping):
            raise _NoPlace(f"no foreach of the file makes the state {item.subject}")
        yield file, _set(keeper, file, (*path, "max_concurrency"), actual.get(item.subject, 0))


def _concurrency_of(definition: Value) -> dict[str, Json]:
    """Return how many items at once each Map of a definition runs, by its name; 0 for any number."""
    found: dict[str, Json] = {}
    waiting: list[Value] = [definition]
    while waiting:
        scope = waiting.pop()
        states = scope.get("States") if isinstance(scope, Mapping) else None
        for name, state in states.items() if isinstance(states, Mapping) else ():
            if isinstance(state, Mapping):
                if state.get("Type") == "Map":
                    found[name] = _json(state.get("MaxConcurrency", 0))
                branches = state.get("Branches")
                waiting += [state.get("ItemProcessor"), *(branches if isinstance(branches, list | tuple) else ())]
    return found


def _schedule(keeper: _Keeper, attribute: str) -> Iterator[tuple[str, DocumentEdit]]:
    file, value = keeper.pipeline.path, _actual_value(keeper, attribute)
    schedules = [one.id for one in keeper.pipeline.schedules]
    if keeper.change.address.name not in schedules:
        raise _NoPlace("the file has no such schedule")
    path: Path = ("schedules", schedules.index(keeper.change.address.name))
    if attribute != "expression":
        yield file, _set(keeper, file, (*path, attribute), _json(value))
        return
    kind, _, inner = str(value).partition("(")
    if kind not in ("cron", "rate", "at") or not inner.endswith(")"):
        raise _NoPlace("the expression is none that a file can have")
    found = keeper.document.node(path).value
    for other in ("cron", "rate", "at"):
        if other != kind and isinstance(found, Mapping) and other in found:
            yield file, RemoveValue(path=(*path, other))
    yield file, _set(keeper, file, (*path, kind), inner.removesuffix(")"))


def _entries(keeper: _Keeper, attribute: str, file: str, path: Path) -> Iterator[tuple[str, DocumentEdit]]:
    """Yield the edits for single entries of a mapping: those that were changed, added or removed outside."""
    actual, desired = (_mapping(one) for one in (_actual_value(keeper, attribute), _wanted_value(keeper, attribute)))
    for key, value in actual.items():
        if key not in desired or desired[key] != value:
            yield file, _set(keeper, file, (*path, key), _json(value))
    for key in desired:
        if key not in actual:
            yield file, RemoveValue(path=(*path, key))


def _code_place(keeper: _Keeper) -> tuple[str, Path]:
    """Return the file, and the path in it, of the code that a function is made of."""
    group, _, name = keeper.change.address.name.partition(".")
    if group == "functions" and isinstance(value_at(keeper.document.data, ("functions", name)), Mapping):
        return keeper.pipeline.path, ("functions", name)
    project = keeper.repository.project.document
    if group == "functions" and project is not None and isinstance(value_at(project.data, ("functions", name)), Mapping):
        return _PROJECT_FILE, ("functions", name)
    for job in keeper.pipeline.jobs:
        if job.name == group:
            for index, operation in enumerate(job.operations):
                if operation.id == name:
                    return keeper.pipeline.path, keeper.document.origin(("jobs", group, "operations", index, "code"))
    raise _NoPlace("its operation stands inside another one; change it there")


def _set(keeper: _Keeper, file: str, path: Path, value: Json) -> DocumentEdit:
    """Return the edit that sets a key; refused where a placeholder stands, which other environments fill in otherwise."""
    content = keeper.drafts[file].content if file in keeper.drafts else content_of(keeper.root, file)
    document = read_document(file, content or b"").document
    written = value_at(document.data if document is not None else None, path)
    if is_placeholder(written):
        raise _NoPlace(f"the file says {written}, which other environments fill in otherwise; change it there")
    return SetValue(path=path, value=value)


def _actual_value(keeper: _Keeper, attribute: str) -> Value:
    return keeper.change.actual.attributes.get(attribute) if keeper.change.actual is not None else None


def _wanted_value(keeper: _Keeper, attribute: str) -> Value:
    return keeper.change.desired.attributes.get(attribute) if keeper.change.desired is not None else None


def _mapping(value: Value) -> Mapping[str, Value]:
    return value if isinstance(value, Mapping) else {}


def _json(value: Value) -> Json:
    """Return a plain value; what is hidden, or known only after an apply, is none."""
    if isinstance(value, str | int | float | bool):
        return value
    raise _NoPlace("AWS does not say the value")


def _plain(value: Value) -> object:
    """Return what of an attribute a file decides: of logging its level, of a definition how many items run at once, which is
    all that is written back of it."""
    if isinstance(value, Mapping) and "States" in value:
        return _concurrency_of(value)
    if isinstance(value, Mapping) and "level" in value and "log_group_arn" in value:
        return value["level"]
    return dict(value) if isinstance(value, Mapping) else value


_Place = Callable[[_Keeper, str], Iterator[tuple[str, DocumentEdit]]]
_PLACES: Mapping[tuple[str, str], _Place] = {
    **{(FUNCTION, attribute): _function for attribute in _CODE},
    **{(FUNCTION, attribute): _function_setting for attribute in _SETTINGS},
    (FUNCTION, "timeout_seconds"): _function_timeout,
    (FUNCTION, "environment"): _environment,
    (FUNCTION, "tags"): _tags,
    (MACHINE, "tracing"): _tracing,
    (MACHINE, "logging"): _log_level,
    (MACHINE, "tags"): _tags,
    (MACHINE, "definition"): _concurrency,
    (LOG_GROUP, "retention_days"): _retention,
    (LOG_GROUP, "tags"): _tags,
    (SCHEDULE, "expression"): _schedule,
    (SCHEDULE, "timezone"): _schedule,
    (SCHEDULE, "enabled"): _schedule,
}

_NOT_WRITTEN_BACK: Mapping[tuple[str, str], str] = {
    (MACHINE, "definition"): "what a state does is not written back; change its job in the file by hand",
}
"""Attributes that a file does decide, and whose change is left to a person: it is no value of one key."""


def may_be_kept(change: ResourceChange) -> bool:
    """Tell whether any of what was changed outside has a key in a file; whether it can be kept, `keep_outside` says."""
    return any(_has_key(change, item) for item in _drift(change))


def _has_key(change: ResourceChange, item: DiffItem) -> bool:
    is_of_state = (change.address.kind, item.attribute) == (MACHINE, "definition")
    return item.path == ("MaxConcurrency",) if is_of_state else (change.address.kind, item.attribute) in _PLACES


def _drift(change: ResourceChange) -> tuple[DiffItem, ...]:
    return change.drift if change.reason is not Reason.DELETED_OUTSIDE and change.actual is not None else ()
