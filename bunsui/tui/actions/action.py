"""One thing that can be done with a session: its key and words, what it would do, and doing it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bunsui.model.gates import ApprovalGate
from bunsui.model.session import Session
from bunsui.view.spans import Line

if TYPE_CHECKING:
    from bunsui.services.resume import Resumption
    from bunsui.services.session_context import SessionContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What an action would do with one session."""

    session: Session
    lines: tuple[Line, ...]
    """What a person should know before saying yes."""
    gate: ApprovalGate | None = None
    """Where somebody decides, of an action that answers a gate."""
    resumption: Resumption | None = None
    """What is kept and what runs, of an action that starts the session again: what was shown is what is carried out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextAsked:
    """A text that is typed before it can be said what an action would do."""

    prompt: str
    """What is asked for, such as `A note, which others read`."""
    example: str = ""
    then: Callable[[str], SessionAction]
    """Returns the action with the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionAction:
    """An action. Its functions run in a thread of the bridge, and import services when they are called."""

    name: str
    """As the command line calls it, such as `stop`."""
    key: str
    """Empty for one that only the menu offers."""
    question: str
    """For one session, such as `Stop this session?`."""
    question_many: str
    """For several, with `{count}`."""
    done: str
    """What is said of a session afterwards, such as `stopped`."""
    role: str
    """Why somebody wants it, for the menu."""
    is_frequent: bool = True
    """Whether its key stands in the footer."""
    fits: Callable[[Session], bool]
    """Whether the session's status allows it."""
    foresee: Callable[[SessionContext, Session], Foreseen]
    """Finds out what it would do; nothing is changed. Raises what refuses it."""
    carry_out: Callable[[SessionContext, Foreseen], Session]
    """Does it, and gives the session as it stands then."""
    command: Callable[[Session], str]
    """The command that does the same."""
    asks: TextAsked | None = None
    """What has to be typed first; None for nothing."""

    @property
    def handle(self) -> str:
        """What Textual calls to ask for it."""
        return f"act('{self.name}')"
