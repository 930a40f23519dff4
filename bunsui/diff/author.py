"""The difference of two texts of one pipeline in its author's terms: jobs by name, operations and schedules by id.

Nothing in it is made by the compiler. A job that only got another name is one edit, and so is a default of an operation type,
whatever inherits it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from bunsui.diff.author_names import Entries, by_event, by_id, in_file_order, renamed_jobs, with_names
from bunsui.model.json import Json


class EditedPart(Enum):
    """What of a pipeline an edit is in."""

    PIPELINE = "pipeline"
    """A key of the file's top level."""
    PARAMETER = "parameter"
    SCHEDULE = "schedule"
    ALERT = "alert"
    """By its event."""
    FUNCTION = "function"
    """A named function."""
    JOB = "job"


class EditOperation(Enum):
    """What the author did at a place."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    RENAMED = "renamed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorEdit:
    """One edited place of a pipeline's file."""

    part: EditedPart
    name: str = ""
    """Of the parameter, schedule, function or job; empty for the pipeline. The new one of what was renamed."""
    operation: str = ""
    """Id of the operation in the job, its type where it has none; empty where the job has one only, or for its own keys."""
    path: tuple[str, ...] = ()
    """Keys below, numbers for entries of lists; empty when the part itself, or the whole operation, came or went, or became one
    of another type."""
    edit: EditOperation
    before: Json = None
    """Meaningless when added; the old name of what was renamed."""
    after: Json = None
    """Meaningless when removed."""
    inherited_by: tuple[str, ...] = ()
    """Of a default, the jobs that have another value because of it."""


_Place = tuple[tuple[str, ...], EditOperation, Json, Json]
_SORTED = frozenset({"parameters", "schedules", "alerts", "functions", "jobs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _JobEdit:
    edit: AuthorEdit
    kind: str = ""
    """The operation's type."""


def author_edits(before: Mapping[str, Json], after: Mapping[str, Json]) -> tuple[AuthorEdit, ...]:
    """Return what differs between two texts: the pipeline's own keys, parameters, schedules, alerts, named functions, jobs.

    Each in the order of `after`, with what is gone where it stood.
    """
    names = renamed_jobs(_entries(before.get("jobs")), _entries(after.get("jobs")))
    old_jobs = {names.get(name, name): with_names(job, names) for name, job in _entries(before.get("jobs")).items()}
    own = list(_own(before, after))
    jobs = list(_jobs(old_jobs, _entries(after.get("jobs")), {new: old for old, new in names.items()}))
    defaults = _Inheritance.of(own)
    left = [job.edit for job in jobs if not defaults.explains(job)]
    return (
        *(defaults.told(edit) for edit in own),
        *_parts(EditedPart.PARAMETER, _entries(before.get("parameters")), _entries(after.get("parameters"))),
        *_parts(EditedPart.SCHEDULE, by_id(before.get("schedules")), by_id(after.get("schedules"))),
        *_parts(EditedPart.ALERT, by_event(before.get("alerts")), by_event(after.get("alerts"))),
        *_parts(EditedPart.FUNCTION, _entries(before.get("functions")), _entries(after.get("functions"))),
        *left,
    )


def edited_jobs(edits: Sequence[AuthorEdit]) -> frozenset[str]:
    """Return the names of the jobs whose own text differs, inherited defaults included."""
    found = {edit.name for edit in edits if edit.part is EditedPart.JOB}
    return frozenset(found.union(*(edit.inherited_by for edit in edits)))


def _entries(value: Json) -> Entries:
    return value if isinstance(value, Mapping) else {}


def _own(before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[AuthorEdit]:
    old = {key: value for key, value in before.items() if key not in _SORTED}
    new = {key: value for key, value in after.items() if key not in _SORTED}
    for path, edit, was, now in _places(old, new, ()):
        yield AuthorEdit(part=EditedPart.PIPELINE, path=path, edit=edit, before=was, after=now)


def _parts(part: EditedPart, old: Entries, new: Entries) -> Iterator[AuthorEdit]:
    names = {} if part is EditedPart.JOB else _renamed(old, new)
    for name in in_file_order({names.get(one, one): entry for one, entry in old.items()}, new):
        if name in names.values():
            former = next(before for before, after in names.items() if after == name)
            yield AuthorEdit(part=part, name=name, edit=EditOperation.RENAMED, before=former, after=name)
        else:
            for path, edit, was, now in _between(old, new, name):
                yield AuthorEdit(part=part, name=name, path=path, edit=edit, before=was, after=now)


def _renamed(old: Entries, new: Entries) -> dict[str, str]:
    """Return new names by old ones, of the entries that are otherwise equal, their ids left out."""
    names: dict[str, str] = {}
    for before in (name for name in old if name not in new):
        came = (name for name in new if name not in old and name not in names.values())
        match = next((after for after in came if _same(_without_id(old[before]), _without_id(new[after]))), None)
        if match is not None:
            names[before] = match
    return names


def _without_id(entry: Json) -> Json:
    return {key: value for key, value in entry.items() if key != "id"} if isinstance(entry, Mapping) else entry


def _between(old: Entries, new: Entries, name: str) -> Iterator[_Place]:
    if name not in old:
        yield (), EditOperation.ADDED, None, new[name]
    elif name not in new:
        yield (), EditOperation.REMOVED, old[name], None
    else:
        yield from _places(old[name], new[name], ())


def _jobs(old: Entries, new: Entries, formerly: Mapping[str, str]) -> Iterator[_JobEdit]:
    for name in in_file_order(old, new):
        if name in formerly:
            renamed = AuthorEdit(
                part=EditedPart.JOB, name=name, edit=EditOperation.RENAMED, before=formerly[name], after=name
            )  # fmt: skip
            yield _JobEdit(edit=renamed)
        if name not in old or name not in new:
            yield from (_JobEdit(edit=edit) for edit in _parts(EditedPart.JOB, _only(old, name), _only(new, name)))
            continue
        was, now = _entries(old[name]), _entries(new[name])
        for path, edit, one, other in _places(_without_operations(was), _without_operations(now), ()):
            yield _JobEdit(edit=AuthorEdit(part=EditedPart.JOB, name=name, path=path, edit=edit, before=one, after=other))
        yield from _operations(name, was.get("operations"), now.get("operations"))


def _only(entries: Entries, name: str) -> Entries:
    return {name: entries[name]} if name in entries else {}


def _without_operations(job: Entries) -> Entries:
    return {key: value for key, value in job.items() if key != "operations"}


def _operations(job: str, before: Json, after: Json) -> Iterator[_JobEdit]:
    old, new = by_id(before), by_id(after)
    is_alone = len(old) == 1 and len(new) == 1
    if is_alone:  # another type, or another id, is an edit of the one operation that there is
        old, new = {"": next(iter(old.values()))}, {"": next(iter(new.values()))}
    for name in in_file_order(old, new):
        kind = str(_entries(new.get(name, old.get(name))).get("type", ""))
        for path, edit, was, now in _operation_places(old, new, name):
            found = AuthorEdit(
                part=EditedPart.JOB, name=job, operation=name, path=path, edit=edit, before=was, after=now
            )  # fmt: skip
            yield _JobEdit(edit=found, kind=kind)
    kept = [[name for name in side if name in old and name in new] for side in (old, new)]
    if kept[0] != kept[1]:
        moved = AuthorEdit(
            part=EditedPart.JOB,
            name=job,
            path=("operations",),
            edit=EditOperation.CHANGED,
            before=kept[0],
            after=kept[1],
        )
        yield _JobEdit(edit=moved)


def _operation_places(old: Entries, new: Entries, name: str) -> Iterator[_Place]:
    """Return the places of an operation; one of another type is another one as a whole."""
    if name in old and name in new and _entries(old[name]).get("type") != _entries(new[name]).get("type"):
        yield (), EditOperation.CHANGED, old[name], new[name]
    else:
        yield from _between(old, new, name)


def _places(before: Json, after: Json, path: tuple[str, ...]) -> Iterator[_Place]:
    """Return the places that differ: keys of mappings, entries of lists of mappings of one length, else whole values."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in in_file_order(before, after):
            if key not in before:
                below, value = _smallest(after[key])
                yield (*path, key, *below), EditOperation.ADDED, None, value
            elif key not in after:
                below, value = _smallest(before[key])
                yield (*path, key, *below), EditOperation.REMOVED, value, None
            else:
                yield from _places(before[key], after[key], (*path, key))
    elif isinstance(before, list) and isinstance(after, list) and _are_alike(before, after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _places(one, other, (*path, str(index)))
    elif not _same(before, after):
        yield path, EditOperation.CHANGED, before, after


def _smallest(value: Json) -> tuple[tuple[str, ...], Json]:
    """Return the way to the first part that is not a mapping of one key, and the part."""
    path: tuple[str, ...] = ()
    while isinstance(value, Mapping) and len(value) == 1:
        ((key, value),) = value.items()
        path = (*path, key)
    return path, value


def _are_alike(before: list[Json], after: list[Json]) -> bool:
    return len(before) == len(after) and all(isinstance(entry, Mapping) for entry in (*before, *after))


def _same(one: Json, other: Json) -> bool:
    """Tell whether two values mean the same; 2.0 is 2, and true is not 1."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return isinstance(one, bool) is isinstance(other, bool) and one == other


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inheritance:
    """What follows from edits of `defaults`, which the texts lay under the operations: each default once, not once a job."""

    reasons: Mapping[tuple[object, ...], AuthorEdit]
    """(type, path, operation, values) of the edit that a default makes in an operation -> the default's own edit."""
    heirs: dict[int, dict[str, None]] = field(default_factory=dict)
    """By the identity of the default's edit, the jobs that inherit it."""

    @classmethod
    def of(cls, edits: Sequence[AuthorEdit]) -> _Inheritance:
        reasons = {
            reason: edit
            for edit in edits
            if edit.path[:1] == ("defaults",)
            for reason in _reasons(edit.path[1:], edit.edit, edit.before, edit.after)
        }
        return cls(reasons=reasons)

    def explains(self, job: _JobEdit) -> bool:
        edit = job.edit
        default = self.reasons.get(_reason((job.kind, *edit.path), edit.edit, edit.before, edit.after)) if job.kind else None
        if default is not None:
            self.heirs.setdefault(id(default), {})[edit.name] = None
        return default is not None

    def told(self, edit: AuthorEdit) -> AuthorEdit:
        heirs = self.heirs.get(id(edit))
        if heirs is None:
            return edit
        return AuthorEdit(
            part=edit.part,
            path=edit.path,
            edit=edit.edit,
            before=edit.before,
            after=edit.after,
            inherited_by=tuple(heirs),
        )


def _reasons(path: tuple[str, ...], edit: EditOperation, before: Json, after: Json) -> Iterator[tuple[object, ...]]:
    """Return what the edit of a default may be in an operation: a mapping that came or went, as any of its parts."""
    yield _reason(path, edit, before, after)
    whole = after if edit is EditOperation.ADDED else before
    if edit is not EditOperation.CHANGED and isinstance(whole, Mapping):
        for key, value in whole.items():
            was, now = (None, value) if edit is EditOperation.ADDED else (value, None)
            yield from _reasons((*path, key), edit, was, now)


def _reason(path: tuple[str, ...], edit: EditOperation, before: Json, after: Json) -> tuple[object, ...]:
    return path, edit, repr(before), repr(after)
