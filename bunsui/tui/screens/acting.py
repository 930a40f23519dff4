"""A screen on which something can be done with sessions: asked for by key or from a menu, shown, confirmed, carried out."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from bunsui.model.session import Session
from bunsui.tui.actions.action import Foreseen, SessionAction
from bunsui.tui.actions.registry import ACTION_BINDINGS, BY_NAME, SESSION_ACTIONS, possible
from bunsui.tui.messages import ActionDone, ActionForeseen, ActionRefused
from bunsui.tui.problem import problem_lines
from bunsui.tui.screens.ask_text import AskTextScreen
from bunsui.tui.screens.choose import ChooseScreen, MenuChoice
from bunsui.tui.screens.confirm import ConfirmScreen
from bunsui.tui.screens.notice import NoticeScreen
from bunsui.tui.screens.polled import PolledScreen
from bunsui.view.safe import safe
from bunsui.view.spans import Line, Role, line, span

_TOLD_WHOLE = 3
"""Of so many sessions everything is shown before an action; of more a line each."""
_MOST_TOLD = 12


class ActingScreen(PolledScreen):
    """Subclasses give the `targets`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *ACTION_BINDINGS,
        Binding("x", "actions", "actions…", id="session.actions"),
    ]

    writes = frozenset(action.handle for action in SESSION_ACTIONS)

    @abstractmethod
    def targets(self) -> Sequence[Session]:
        """Return the sessions that are meant."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave out what cannot be done with what is meant."""
        if action == "act":
            asked = BY_NAME.get(str(parameters[0]))
            return not self.bridge.read_only and asked in possible(self.targets())
        if action == "actions":
            return bool(self.targets())
        return True

    def action_act(self, name: str) -> None:
        """Find out what the action would do."""
        self.begin(BY_NAME[name], tuple(self.targets()))

    def begin(self, action: SessionAction, sessions: Sequence[Session]) -> None:
        """Find out what the action would do with the sessions, once what it needs was typed."""
        asked = action.asks
        if not sessions or self.bridge.read_only:
            return
        if asked is not None:
            self.app.push_screen(
                AskTextScreen(
                    action.name.capitalize(),
                    asked.prompt,
                    example=asked.example,
                    on_text=lambda text: self.begin(asked.then(text), sessions),
                )
            )
        elif self.bridge.foresee(self, action, sessions):
            self.say(line(span(f"finding out what {action.name} would do …", Role.RUNNING)))

    def action_actions(self) -> None:
        """Offer what can be done with what is meant, each with its command."""
        sessions = tuple(self.targets())
        found = () if self.bridge.read_only else possible(sessions)
        if not found:
            why = "this was started read-only" if self.bridge.read_only else "nothing can be done with it now"
            self.answer(line(span(why, Role.MUTED)))
            return
        choices = [
            MenuChoice(label=action.name, value=action.name, told=action.role, command=self._command(action, sessions))
            for action in found
        ]
        self.app.push_screen(ChooseScreen(_title(sessions), choices), self._chosen_action)

    def on_action_foreseen(self, message: ActionForeseen) -> None:
        """Show what would be done, and ask."""
        self.hush()
        if isinstance(self.app.screen, ConfirmScreen):
            return  # the key was pressed twice: one question is enough
        if not message.foreseen:
            self.app.push_screen(NoticeScreen(_refusals(message.refused)))
            return
        count = len(message.foreseen)
        question = message.action.question if count == 1 else message.action.question_many.format(count=count)
        self.app.push_screen(
            ConfirmScreen(
                question,
                (*self._place_lines(), *_stakes(message.foreseen), *_left_out(message.refused)),
                yes=message.action.name,
                on_yes=lambda: self._carry_out(message.action, message.foreseen),
            )
        )

    def on_action_done(self, message: ActionDone) -> None:
        """Say what was done; what became of it is read already."""
        if message.refused:
            self.app.push_screen(NoticeScreen(_refusals(message.refused)))
        if message.sessions:
            which = message.sessions[0].pipeline if len(message.sessions) == 1 else f"{len(message.sessions)} sessions"
            attempt = message.sessions[0].latest
            number = f", attempt {attempt.number}" if attempt is not None and len(message.sessions) == 1 else ""
            self.answer(line(span(f"✓ {message.action.done} ", Role.GOOD), span(f"{which}{number}", Role.STRONG)))
        self.after_action()

    def after_action(self) -> None:
        """Something was done with what was meant."""

    def _command(self, action: SessionAction, sessions: Sequence[Session]) -> str:
        more = f"  and so for {len(sessions) - 1} more" if len(sessions) > 1 else ""
        return self.bridge.invocation.complete(action.command(sessions[0])) + more

    def _chosen_action(self, choice: MenuChoice | None) -> None:
        if choice is not None:
            self.action_act(choice.value)

    def _carry_out(self, action: SessionAction, foreseen: Sequence[Foreseen]) -> None:
        if self.bridge.act(self, action, foreseen):
            self.say(line(span(f"{action.name} …", Role.RUNNING)))
        else:
            self.answer(line(span("another action is still under way", Role.WARN)))

    def _place_lines(self) -> tuple[Line, ...]:
        place = self.bridge.place
        facts = (("account", place.account), ("region", place.region), ("environment", place.environment))
        return (*(line(span(f"{name:<13}", Role.MUTED), span(value, Role.NAME)) for name, value in facts), line())


def _title(sessions: Sequence[Session]) -> str:
    return f"{len(sessions)} sessions" if len(sessions) > 1 else f"{safe(sessions[0].pipeline)} {safe(sessions[0].id)}"


def _stakes(foreseen: Sequence[Foreseen]) -> list[Line]:
    lines: list[Line] = []
    whole = len(foreseen) <= _TOLD_WHOLE
    for one in foreseen[: _TOLD_WHOLE if whole else _MOST_TOLD]:
        lines.append(line(span(one.session.pipeline, Role.STRONG), span(f"  {one.session.id}", Role.MUTED)))
        lines += [item.indented(2) for item in (one.lines if whole else one.lines[:1])]
    if not whole and len(foreseen) > _MOST_TOLD:
        lines.append(line(span(f"… and {len(foreseen) - _MOST_TOLD} more", Role.MUTED)))
    return lines


def _left_out(refused: Sequence[ActionRefused]) -> list[Line]:
    return [
        line(span(f"- {one.session.pipeline}  ", Role.WARN), span(f"left as it is: {one.problem.summary}", Role.MUTED))
        for one in refused
    ]


def _refusals(refused: Sequence[ActionRefused]) -> list[Line]:
    lines: list[Line] = []
    for one in refused:
        lines += [*([line()] if lines else []), *problem_lines(one.problem)]
    return lines
