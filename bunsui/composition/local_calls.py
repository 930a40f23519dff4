"""What the embedded AWS made of the calls of a session's roles: told beside the session where something was refused, or where
nobody could judge it."""

from __future__ import annotations

from pathlib import Path

from bunsui.emulator.launcher.folder import DataFolder, read_announcement
from bunsui.emulator.launcher.judged_calls import JudgedCalls, RoleCall, read_judged
from bunsui.model.names import ROLE_NAME_LIMIT, SEPARATOR
from bunsui.view.spans import Line, Role, line, span

_CUT = 9
"""What of a name too long is a digest of the whole, as `bunsui.model.names.fitted` writes it."""
_MOST_SHOWN = 10
_ROLES = {"refused": Role.WARNING, "not judged": Role.MUTED}


def calls_of_session(data: Path, *, names: tuple[str, str, str], since: float) -> list[Line]:
    """Return lines for `show`; none where nothing runs or every call was allowed.

    `names` are the project's, the environment's and the pipeline's; `since` is the session's start, in seconds since 1970.
    """
    running = read_announcement(DataFolder(data.resolve()))
    judged = read_judged(running) if running is not None else None
    return [] if judged is None else calls_lines(judged, names=names, since=since)


def calls_lines(judged: JudgedCalls, *, names: tuple[str, str, str], since: float) -> list[Line]:
    """Return the lines of what was judged; see `calls_of_session`."""
    beginning = f"{SEPARATOR.join(names)}{SEPARATOR}"[: ROLE_NAME_LIMIT - _CUT]
    ours = [one for one in judged.calls if one.at >= since and one.role.rpartition("/")[2].startswith(beginning)]
    told = [one for one in ours if one.outcome != "allowed"]
    if not told:
        return []
    counts = {outcome: sum(one.outcome == outcome for one in ours) for outcome in ("allowed", "refused", "not judged")}
    said = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
    rows = [line(), line(span("calls of roles", Role.STRONG), span(f"  {said}", Role.MUTED))]
    rows += [line(span(_row_of(one), _ROLES[one.outcome]), indent=2) for one in told[:_MOST_SHOWN]]
    if len(told) > _MOST_SHOWN:
        rows.append(line(span(f"and {len(told) - _MOST_SHOWN} more: bunsui local status", Role.MUTED), indent=2))
    return rows


def _row_of(one: RoleCall) -> str:
    if one.outcome == "refused":
        return f"refused, {one.count}×: {one.reason}"
    return f"not judged, {one.count}×: {f'{one.action} {one.resource}'.rstrip()}: {one.reason}"
