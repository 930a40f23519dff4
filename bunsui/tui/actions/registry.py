"""All actions on sessions: the one list from which keys, menus and help are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.binding import Binding

from bunsui.model.session import Session
from bunsui.tui.actions.action import SessionAction
from bunsui.tui.actions.approve import APPROVE
from bunsui.tui.actions.redrive import REDRIVE
from bunsui.tui.actions.reject import REJECT
from bunsui.tui.actions.restart import RESTART
from bunsui.tui.actions.restart_from import RESTART_FROM
from bunsui.tui.actions.resume import RESUME
from bunsui.tui.actions.skip import SKIP
from bunsui.tui.actions.stop import STOP
from bunsui.tui.actions.take import TAKE

SESSION_ACTIONS: Sequence[SessionAction] = (APPROVE, REJECT, RESUME, RESTART, RESTART_FROM, SKIP, REDRIVE, TAKE, STOP)
BY_NAME: Mapping[str, SessionAction] = {action.name: action for action in SESSION_ACTIONS}
ACTION_BINDINGS = tuple(
    Binding(one.key, one.handle, f"{one.name}…", id=f"session.{one.name}", show=one.is_frequent)
    for one in SESSION_ACTIONS
    if one.key
)
"""The keys of the actions that have one."""


def possible(sessions: Sequence[Session]) -> tuple[SessionAction, ...]:
    """Return the actions that can be done with all of these sessions; none without any."""
    return tuple(action for action in SESSION_ACTIONS if sessions and all(map(action.fits, sessions)))
