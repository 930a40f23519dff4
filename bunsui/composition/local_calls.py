"""What the embedded AWS made of the calls of a pipeline's roles: told beside a session where something was refused, or where
nobody could judge it.

The embedded AWS counts kinds of calls (role, action, resource) from its start, and no sessions: so kinds are told here, and of
later sessions of the pipeline too.
"""

from __future__ import annotations

from pathlib import Path

from bunsui.emulator.launcher.folder import DataFolder, read_announcement
from bunsui.emulator.launcher.judged_calls import JudgedCalls, RoleCall, read_judged
from bunsui.model.names import ROLE_NAME_LIMIT, SEPARATOR, resource_name
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
    ours = [one for one in judged.calls if one.at >= since and _is_of(one.role.rpartition("/")[2], names)]
    told = [one for one in ours if one.outcome != "allowed"]
    if not told:
        return []
    counts = {outcome: sum(one.outcome == outcome for one in ours) for outcome in ("allowed", "refused", "not judged")}
    said = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
    heading = span("kinds of calls by the pipeline's roles since this session began", Role.STRONG)
    rows = [line(), line(heading, span(f"  {said}", Role.MUTED))]
    rows += [line(span(_row_of(one), _ROLES[one.outcome]), indent=2) for one in told[:_MOST_SHOWN]]
    if len(told) > _MOST_SHOWN:
        rows.append(line(span(f"and {len(told) - _MOST_SHOWN} more", Role.MUTED), indent=2))
    return rows


def _is_of(role: str, names: tuple[str, str, str]) -> bool:
    """Tell whether a role's name is that of the pipeline's machine, or of another part of it such as a function."""
    if role == resource_name(*names, limit=ROLE_NAME_LIMIT):
        return True
    beginning = f"{SEPARATOR.join(names)}{SEPARATOR}"
    kept = ROLE_NAME_LIMIT - _CUT
    return role.startswith(beginning if len(beginning) < kept else beginning[:kept].rstrip("-"))


def _row_of(one: RoleCall) -> str:
    if one.outcome == "refused":
        return f"refused: {one.reason}"
    return f"not judged: {f'{one.action} {one.resource}'.rstrip()}: {one.reason}"
