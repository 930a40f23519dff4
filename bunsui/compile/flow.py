"""What travels between the states of a compiled machine: names, and how each state hands it on.

The data is `{jobs: {JOB: outputs}, status: {JOB: status}}`, plus `errors: {JOB: error}` when some job's failure is caught, plus
`ops` and `item` inside a job. Objects are merged per key, never whole: merging whole payloads loses branches silently.
What nobody reads any more is dropped by the next job's exit, or at the end of the branch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bunsui.asl.expressions import string_literal
from bunsui.asl.model import code
from bunsui.compile.values import names_list, path
from bunsui.model.json import Json

INPUT = "$states.input"
JOBS = "$states.input.jobs"
STATUS = "$states.input.status"
ERRORS = "$states.input.errors"
OPS = "$states.input.ops"
ITEM = "$states.input.item"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What the data holds when a job is entered, and what must still be there after it."""

    available: frozenset[str]
    """Jobs whose outputs may be in the data (a skipped job has none)."""
    live: frozenset[str]
    """Jobs whose outputs are read later."""
    errors: bool
    """True when the data carries caught errors."""

    def carried(self, *, job: str, status: str, outputs: str | None = None, error: str | None = None) -> dict[str, Json]:
        """Return the Output with which a job is left.

        `status` and `outputs` and `error` are JSONata; without `outputs` the job has no key in `jobs`.
        """
        output: dict[str, Json] = {
            "jobs": code(self.jobs(job, outputs)),
            "status": code(f"$merge([{STATUS}, {{{string_literal(job)}: {status}}}])"),
        }
        if self.errors:
            added = ERRORS if error is None else f"$merge([{ERRORS}, {{{string_literal(job)}: {error}}}])"
            output["errors"] = code(added)
        return output

    def jobs(self, job: str, outputs: str | None) -> str:
        """Return the outputs of the jobs that are still needed, and this job's own, as JSONata."""
        kept = kept_keys(JOBS, self.available - {job}, self.live)
        own = None if outputs is None else f"{{{string_literal(job)}: {outputs}}}"
        if own is None:
            return "{}" if kept is None else kept if kept == JOBS else f"$merge([{kept}])"
        return own if kept is None else f"$merge([{kept}, {own}])"


def kept_keys(text: str, available: frozenset[str], wanted: frozenset[str]) -> str | None:
    """Return JSONata for the wanted keys of the object `text`, which may hold the available ones; None when none is left.

    `$sift` gives nothing at all when no key matches, so the result only stands inside of `$merge([...])`.
    """
    kept = available & wanted
    if not kept:
        return None
    if kept == available:
        return text
    return f"$sift({text}, function($v, $k) {{ $k in {names_list(tuple(sorted(kept)))} }})"


def merged(parts: tuple[str | None, ...]) -> str:
    """Return JSONata that merges the objects that there are."""
    present = [part for part in parts if part is not None]
    return "$merge([" + ", ".join(present) + "])" if present else "{}"


def job_status(job: str) -> str:
    """Return JSONata for a job's status; undefined before the job was decided."""
    return path(STATUS, job)


def restored_values(job: str) -> Mapping[str, str]:
    """Return JSONata for what an earlier attempt left of a job: `when` it is there, its `status` and its `outputs`."""
    status = path("$resume.status", job)
    outputs = path("$resume.jobs", job)
    return {"when": f"$exists({status})", "status": status, "outputs": outputs}
