"""What a screen does that applies a plan: find out what must be asked, ask, follow the apply."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, ClassVar

from bunsui.model.address import Address
from bunsui.plan.model import Plan
from bunsui.tui.apply_progress import ApplyProgress
from bunsui.tui.bridge import Bridge
from bunsui.tui.messages import Admitted, Applied, Waited
from bunsui.tui.problem import ShownProblem
from bunsui.tui.screens.base import FullScreen
from bunsui.tui.screens.confirm import ConfirmScreen
from bunsui.view.apply.partial import left_lines
from bunsui.view.apply.questions import name_to_type, title
from bunsui.view.commands import completed, prose
from bunsui.view.plan.model import PlanView
from bunsui.view.plan.outside import undone_lines
from bunsui.view.plan.review.impact import stakes_lines
from bunsui.view.plan.review.marks import Marks, marks_of
from bunsui.view.plan.summary import SYMBOLS
from bunsui.view.spans import Line, Role, line, span

if TYPE_CHECKING:
    # At run time this would bring YAML and pydantic before the first frame.
    from bunsui.plan.partial import Division
    from bunsui.services.apply.admission import Admission

_REDRAWN_SECONDS = 0.1
"""How often an apply is drawn at most."""
_GRAVE = frozenset(
    {"affects-running-sessions", "overwrites-outside-change", "widens-permissions", "retires", "replaces", "destroys"}
)


class ApplyingScreen(FullScreen):
    """A screen that applies plans. Subclasses show the plan, `progress` while there is one, and a failure."""

    writes: ClassVar[frozenset[str]] = frozenset({"apply"})

    def __init__(self, bridge: Bridge) -> None:
        """Begin without an apply."""
        super().__init__(bridge)
        self.plan: Plan | None = None
        self.view: PlanView | None = None
        self.marks = Marks()
        self.progress: ApplyProgress | None = None
        self._asked: Plan | None = None
        self._is_due = False
        """True while events wait to be shown together."""

    def show_progress(self, *, begins: bool = False) -> None:
        """Show how far the apply is; `begins` when it is another one than before, or none any more."""

    def show_failed_apply(self, problem: ShownProblem) -> None:
        """Show why nothing was applied, or why it ended."""

    @property
    def is_applying(self) -> bool:
        """True from the first event of an apply to its last."""
        return self.progress is not None and self.progress.finished is None

    @property
    def can_apply(self) -> bool:
        """True where there is something to apply that nothing forbids."""
        is_here = self.bridge.file is None or self.bridge.file_fits
        may = is_here and not self.bridge.read_only and self.progress is None
        return may and self.view is not None and self.view.can_apply

    @property
    def why_not_applied(self) -> str:
        """Why the plan that is shown cannot be applied, for who asks for it; empty where that is no question."""
        if self.bridge.read_only or self.view is None or self.is_applying or self.can_apply:
            return ""
        if self.progress is not None:
            return "this plan was applied already: r plans again, also what was changed in files since"
        changes = bool(self.view.digest)
        return "nothing here can be applied: its findings say why" if changes else "nothing to apply: r plans again"

    def is_offered(self, action: str) -> bool:
        """Name the apply only where there is something to apply."""
        return action != "apply" or self.can_apply

    def action_apply(self) -> None:
        """Ask what has to be asked, then apply what is marked, or everything in the plan where nothing is."""
        if not self.can_apply:
            self.answer(line(span(self.why_not_applied, Role.WARN)))
        elif self.plan is not None:
            self.ask_to_apply(self.plan, self.marks.marked)

    def ask_to_apply(self, plan: Plan, targets: frozenset[Address]) -> None:
        """Ask what has to be asked, then apply these changes with what they need, or everything where none is named."""
        self._asked = plan
        if self.bridge.file is not None:
            self.say(line(span("comparing the plan with the files and the account …", Role.MUTED)))
        self.bridge.ask(self, plan, targets=targets)

    def on_admitted(self, message: Admitted) -> None:
        """Ask, unless the plan is another by now."""
        admission = message.admission
        if message.asked_for is not self._asked or self.progress is not None:
            return
        if isinstance(self.app.screen, ConfirmScreen):
            return  # the key was pressed twice: one question is enough
        if admission.questions:
            self._ask(admission)
        else:  # what was reviewed before is not asked about, and yet never one key away
            self._confirm("Apply this plan?", admission, yes="apply", on_yes=lambda: self._apply(admission))

    def _ask(self, admission: Admission) -> None:
        """Ask one question after the other, then apply."""
        if not admission.questions:
            self._apply(admission)
            return
        question, *rest = admission.questions
        self._confirm(
            title(question),
            admission,
            yes="go on" if rest else "apply",
            on_yes=lambda: self._ask(admission.answered(question)),
            type_name=name_to_type(question),
        )

    def _confirm(
        self, question: str, admission: Admission, *, yes: str, on_yes: Callable[[], object], type_name: str = ""
    ) -> None:
        request = admission.request
        part = [marks_of(request.plan, request.targets).line(request.plan), line()] if request.targets else []
        lines = [*self._place_lines(), *part, *_stakes(admission.division)]
        self.app.push_screen(ConfirmScreen(question, lines, yes=yes, on_yes=on_yes, type_name=type_name))

    def _apply(self, admission: Admission) -> None:
        if self.bridge.apply(self, admission):
            self.progress = ApplyProgress.of(admission.plan)
            self.hush()
            self.refresh_bindings()
            self.show_progress(begins=True)

    def on_waited(self, message: Waited) -> None:
        """Show who holds the lock, and what can be done."""
        if self.progress is not None:
            self.progress.wait(message.waiting, now=message.at, patience_seconds=message.patience_seconds)
            self.show_progress()

    def on_applied(self, message: Applied) -> None:
        """Show how the apply goes on."""
        if self.progress is None:
            return
        self.progress.take(message.event)
        if self.progress.finished is None:
            self._show_progress_soon()
        else:
            self.show_progress()
            self.refresh_bindings()
            again = (
                "r plans again and shows what is left; 2, then n, starts a run; 1, then R, resumes one that failed"
                if self.bridge.file is None
                else "`bunsui plan` shows what is left"
            )
            self.say(completed(line(*prose(again, Role.MUTED)), self.bridge.invocation), lasts=True)

    def _show_progress_soon(self) -> None:
        """Show the events of a moment together: hundreds may come within one."""
        if not self._is_due:
            self._is_due = True
            self.set_timer(_REDRAWN_SECONDS, self._show_due_progress)

    def _show_due_progress(self) -> None:
        self._is_due = False
        if self.progress is not None:
            self.show_progress()

    def end_apply(self, problem: ShownProblem) -> None:
        """Forget the apply that failed as a whole, and show why."""
        self.progress = None
        self.refresh_bindings()
        self.show_progress(begins=True)
        self.show_failed_apply(problem)

    def _place_lines(self) -> Iterator[Line]:
        place = self.bridge.place
        for name, value in (("account", place.account), ("region", place.region), ("environment", place.environment)):
            yield line(span(f"{name:<13}", Role.MUTED), span(value, Role.NAME))
        yield line()


def _stakes(division: Division) -> Iterator[Line]:
    """What a person should know before saying yes: what is done, what is undone that others did, what is left."""
    counts = division.plan.counts()
    for action, (symbol, word, role) in SYMBOLS.items():
        if count := counts.get(action):
            yield line(span(f"{symbol} {word:<11}", role), span(f"{count}", Role.STRONG))
    risks = {change.risk.value for change in division.plan.pending if change.risk.value in _GRAVE}
    if risks:
        yield line()
        yield line(span(f"risk         {', '.join(sorted(risks))}", Role.RISK))
    for more in (stakes_lines(division.plan), undone_lines(division.plan), left_lines(division.left)):
        told = tuple(more)
        if told:
            yield line()
            yield from told
