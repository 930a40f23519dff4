"""All actions on sessions: the one list from which keys, menus and help are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.binding import Binding

from bunsui.model.recovery import Strategy
from bunsui.model.session import Session
from bunsui.tui.actions.action import SessionAction
from bunsui.tui.actions.approve import APPROVE, approve
from bunsui.tui.actions.redrive import REDRIVE
from bunsui.tui.actions.reject import REJECT, reject
from bunsui.tui.actions.restart import RESTART
from bunsui.tui.actions.restart_from import RESTART_FROM, restart_from
from bunsui.tui.actions.resume import RESUME
from bunsui.tui.actions.skip import SKIP, skip_job
from bunsui.tui.actions.stop import STOP
from bunsui.tui.actions.take import TAKE
from bunsui.view.sessions.tabs.recovery_rows import WayRow

SESSION_ACTIONS: Sequence[SessionAction] = (APPROVE, REJECT, RESUME, RESTART, RESTART_FROM, SKIP, REDRIVE, TAKE, STOP)
BY_NAME: Mapping[str, SessionAction] = {action.name: action for action in SESSION_ACTIONS}
ACTION_BINDINGS = tuple(
    Binding(one.key, one.handle, f"{one.name}…", id=f"session.{one.name}", show=one.is_frequent)
    for one in SESSION_ACTIONS
    if one.key
)
"""The keys of the actions that have one."""


def action_of(way: WayRow) -> SessionAction:
    """Return the action that goes on in a way, about the job or the gate that it names."""
    if way.gate:
        return approve(way.gate) if way.key.startswith("approve") else reject(way.gate)
    option = way.option
    if option is None:
        return STOP
    match option.strategy:
        case Strategy.RESTART_FROM:
            return restart_from(option.job)
        case Strategy.SKIP:
            return skip_job(option.job, given=None if option.outputs else "")
        case Strategy.MANUAL:
            return TAKE
        case Strategy.REDRIVE:
            return REDRIVE
        case Strategy.RESTART:
            return RESTART
        case _:
            return RESUME


def possible(sessions: Sequence[Session]) -> tuple[SessionAction, ...]:
    """Return the actions that can be done with all of these sessions; none without any."""
    return tuple(action for action in SESSION_ACTIONS if sessions and all(map(action.fits, sessions)))
