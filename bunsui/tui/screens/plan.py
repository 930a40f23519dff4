"""The Plan screen: what would change, why, and making it so after a confirmation."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from bunsui.command_line import command_line
from bunsui.model.address import Address
from bunsui.plan.model import Plan, Reason
from bunsui.tui.apply_progress import ApplyProgress
from bunsui.tui.bridge import Bridge
from bunsui.tui.messages import Admitted, Applied, Failed, NotPlanned, Planned, ReadingProgress, RunningWork, Waited
from bunsui.tui.problem import ShownProblem, problem_lines
from bunsui.tui.screens.base import FullScreen
from bunsui.tui.screens.choose import ChooseScreen, MenuChoice
from bunsui.tui.screens.confirm import ConfirmScreen
from bunsui.tui.widgets.diff_pane import DiffPane, finding_lines
from bunsui.tui.widgets.filter_bar import FilterBar
from bunsui.tui.widgets.plan_tree import PlanTree, Selection
from bunsui.tui.widgets.virtual_table import VirtualTable
from bunsui.view.apply.partial import left_lines
from bunsui.view.apply.questions import name_to_type, title
from bunsui.view.diagnostic import diagnostic_lines
from bunsui.view.plan.model import PlanView, plan_view
from bunsui.view.plan.outside import undone_lines
from bunsui.view.plan.summary import SYMBOLS
from bunsui.view.spans import Line, Role, Span, line, span

if TYPE_CHECKING:
    # At run time this would bring YAML and pydantic before the first frame.
    from bunsui.plan.partial import Division
    from bunsui.services.apply.admission import Admission

CONTEXTS = (0, 3, 1000)
"""How many unchanged neighbours `u` shows, in turn."""


class PlanScreen(FullScreen):
    """A tree at the left, what it means at the right."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "apply", "apply…", id="plan.apply"),
        Binding("r", "plan", "plan", id="plan.again"),
        Binding("u", "context", "context", id="plan.context"),
        Binding("d", "destructive", "destructive", id="plan.destructive"),
        Binding("s", "unchanged", "unchanged too", id="plan.unchanged", show=False),
        Binding("y", "yank", "copy…", id="screen.copy"),
        Binding("escape", "back", "clear the filter", id="screen.back", show=False),
    ]

    DEFAULT_CSS = """
    PlanScreen {
        & #panes { height: 1fr; }
        & #tree { width: 46%; min-width: 34; }
        & #diff { width: 1fr; }
        & #tree.-off { display: none; }
        & #diff.-alone { border-left: none; padding: 0 1; }
    }
    PlanScreen.-narrow #panes { layout: vertical; }
    PlanScreen.-narrow #tree { width: 100%; height: 50%; }
    PlanScreen.-narrow #diff { width: 100%; border-left: none; border-top: solid $rule; padding: 0 1; }
    """

    def __init__(self, bridge: Bridge) -> None:
        """Begin without a plan; it is made once the first frame is shown."""
        super().__init__(bridge)
        self.tree_pane = PlanTree()
        self.diff_pane = DiffPane(id="diff", invocation=bridge.invocation)
        self.plan: Plan | None = None
        self.view: PlanView | None = None
        self.progress: ApplyProgress | None = None
        self.selection = Selection()
        self.context = CONTEXTS[0]
        self._viewed: tuple[Plan | None, int] = (None, self.context)

    @property
    def age_word(self) -> str:
        """A plan is planned."""
        return "planned"

    def body(self) -> ComposeResult:
        """Two panes."""
        with Horizontal(id="panes"):
            yield self.tree_pane
            yield self.diff_pane

    def on_mount(self) -> None:
        """Plan once the first frame is on the screen."""
        super().on_mount()
        self._show_alone((line(span("reading the repository and the account …", Role.MUTED)),), title="Planning …")
        self.call_after_refresh(self._first)

    def _first(self) -> None:
        self.tree_pane.focus()
        self.bridge.open(self)
        self.action_plan()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave out what cannot be done now."""
        if action == "apply":
            return not self.bridge.read_only and self.view is not None and self.view.can_apply and self.progress is None
        if action == "plan":
            return not self._is_applying
        if action in ("context", "destructive", "unchanged", "yank"):
            return self.view is not None
        return True

    @property
    def _is_applying(self) -> bool:
        return self.progress is not None and self.progress.finished is None

    def action_plan(self) -> None:
        """Plan, or plan again."""
        if self.bridge.plan(self):
            self.hush()
            if self.view is None:
                self._show_alone((line(span("reading the repository and the account …", Role.MUTED)),), title="Planning …")
            else:
                self.title_bar.show(line(span("Planning again …", Role.STRONG)))

    def on_planned(self, message: Planned) -> None:
        """Show the plan."""
        self.plan, self.progress, self.read_at = message.plan, None, message.at
        self._refill()
        self.show_age()
        self.refresh_bindings()

    def on_reading_progress(self, message: ReadingProgress) -> None:
        """Say how far the reading of AWS is."""
        if not self._is_applying:
            word = "Planning" if self.view is None else "Planning again"
            parts = (
                span(f"{word} … ", Role.STRONG),
                span(f"{message.done}/{message.total} kinds of resources read", Role.MUTED),
            )
            self.title_bar.show(line(*parts))

    def on_not_planned(self, message: NotPlanned) -> None:
        """Show what is wrong in the files; an older plan would no longer be about them."""
        self.plan, self.view, self.progress, self.read_at = None, None, None, self.bridge.now()
        self.tree_pane.forget_plan()
        errors = sum(found.is_error for found in message.diagnostics)
        title = f"The files have {errors} error{'s' * (errors != 1)}: nothing was planned"
        ordered = sorted(message.diagnostics, key=lambda found: not found.is_error)
        self._show_alone(diagnostic_lines(ordered), title=title)
        self.show_age()
        self.refresh_bindings()

    def on_failed(self, message: Failed) -> None:
        """Show what went wrong: in full without a plan, else on one line with the plan left as it is."""
        if message.work is RunningWork.OPEN:
            return
        if self.view is None:
            self._show_alone(problem_lines(message.problem), title="")
        else:
            self.say_problem(message.problem)
            self._show_title()
        if message.work in (RunningWork.ADMIT, RunningWork.APPLY):
            self._apply_failed(message.problem)

    def action_context(self) -> None:
        """Show more of what did not change around a change, or less."""
        self.context = CONTEXTS[(CONTEXTS.index(self.context) + 1) % len(CONTEXTS)]
        self._refill()

    def action_destructive(self) -> None:
        """Show only what deletes or replaces, or everything again."""
        self._select(Selection(text=self.selection.text, destructive_only=not self.selection.destructive_only))

    def action_unchanged(self) -> None:
        """Show also what does not change, or hide it again."""
        self._select(Selection(text=self.selection.text, unchanged_too=not self.selection.unchanged_too))

    def action_yank(self) -> None:
        """Copy the name, the ARN or the command of the row under the cursor."""
        node = self.tree_pane.node(self.tree_pane.cursor_key)
        if node is None or self.plan is None:
            return
        choices = [MenuChoice(label="pipeline", value=node.pipeline.name)]
        if node.row is not None:
            choices += self._names(node.row.address)
        choices.append(
            MenuChoice(label="command", value=self.bridge.invocation.complete(command_line("plan", node.pipeline.name)))
        )
        self.app.push_screen(ChooseScreen("Copy", choices), self._copy)

    def _names(self, address: Address) -> list[MenuChoice]:
        change = next(change for change in self.plan.changes if change.address == address) if self.plan else None
        if change is None:
            return []
        choices = [MenuChoice(label="name", value=change.physical_name), MenuChoice(label="address", value=str(address))]
        arn = change.actual.outputs.get("arn", "") if change.actual else ""
        return [*choices, MenuChoice(label="ARN", value=arn)] if arn else choices

    def _copy(self, choice: MenuChoice | None) -> None:
        if choice is not None:
            self.app.copy_to_clipboard(choice.value)
            self.answer(line(span("copied ", Role.MUTED), span(choice.value, Role.NAME)))

    def action_apply(self) -> None:
        """Ask what has to be asked, then apply everything in the plan."""
        if self.plan is not None:
            self.bridge.ask(self, self.plan)

    def on_admitted(self, message: Admitted) -> None:
        """Ask, unless the plan is another by now."""
        if message.admission.request.plan is self.plan and self.progress is None:
            self._ask(message.admission)

    def _ask(self, admission: Admission) -> None:
        """Ask one question after the other, then apply."""
        if not admission.questions:
            self._apply(admission)
            return
        question, *rest = admission.questions
        self.app.push_screen(
            ConfirmScreen(
                title(question),
                self._stakes(admission.division),
                yes="go on" if rest else "apply",
                on_yes=lambda: self._ask(admission.answered(question)),
                type_name=name_to_type(question),
            )
        )

    def _apply(self, admission: Admission) -> None:
        if self.plan is not None and self.bridge.apply(self, admission):
            self.progress = ApplyProgress.of(admission.plan)
            self.hush()
            self.refresh_bindings()
            self._refill()

    def on_waited(self, message: Waited) -> None:
        """Show who holds the lock, and what can be done."""
        if self.progress is not None:
            self.progress.wait(message.waiting, now=message.at, patience_seconds=message.patience_seconds)
            self._show_title()
            self._show_details()

    def on_applied(self, message: Applied) -> None:
        """Show how the apply goes on."""
        if self.progress is None:
            return
        self.progress.take(message.event)
        self._refill()
        if self.progress.finished is not None:
            self.refresh_bindings()
            self.say(line(span("r", Role.HINT), span(" plans again and shows what is left", Role.MUTED)))

    def _apply_failed(self, problem: ShownProblem) -> None:
        self.progress = None
        self.refresh_bindings()
        self._refill()
        self.diff_pane.show(problem_lines(problem), from_top=True)

    @on(FilterBar.Changed)
    def _on_filter_changed(self, event: FilterBar.Changed) -> None:
        current = self.selection
        self._select(Selection(text=event.text, destructive_only=current.destructive_only, unchanged_too=current.unchanged_too))

    @on(FilterBar.Closed)
    def _filter_closed(self) -> None:
        self.tree_pane.focus()

    @on(VirtualTable.Moved)
    def _on_moved(self) -> None:
        self._show_details()

    @on(PlanTree.Left)
    def _left(self) -> None:
        self.diff_pane.focus()

    def _select(self, selection: Selection) -> None:
        self.selection = selection
        self._refill()

    def _refill(self) -> None:
        if self.plan is None:
            return
        if self.view is None or self._viewed != (self.plan, self.context):
            # Made once for a plan and a context, not for each event of an apply.
            self.view = plan_view(self.plan, context=self.context, ask_for_states="u shows them")
            self._viewed = (self.plan, self.context)
        status = self.progress.status if self.progress else {}
        is_empty = not self.plan.pending and not self.selection.unchanged_too
        self.tree_pane.set_class(is_empty, "-off")
        self.diff_pane.set_class(is_empty, "-alone")
        self.tree_pane.show_plan(self.view, self.selection, status)
        self._show_title()
        self._show_details()

    def _show_title(self) -> None:
        if self.view is None:
            return
        left = self.progress.title if self.progress else self.view.summary
        marks: list[Span] = []
        if self.context:
            marks.append(span(f"context {self.context if self.context < CONTEXTS[-1] else 'all'}  ", Role.WARN))
        if self.selection.destructive_only:
            marks.append(span("destructive only  ", Role.WARN))
        if self.selection.unchanged_too:
            marks.append(span("unchanged too  ", Role.WARN))
        total = self.view.resources if self.selection.unchanged_too else len(self.plan.pending) if self.plan else 0
        chip = self.filter.chip(self.tree_pane.shown_resources, total) if self.selection.text else line()
        self.title_bar.show(left, line(*marks, *chip.parts))

    def _show_details(self) -> None:
        view = self.view
        if view is None:
            return
        if not view.counts and not self.selection.unchanged_too:
            self.diff_pane.show(_nothing_to_change(view))
            return
        if self.progress is not None and self.progress.lock:
            self.diff_pane.show(self.progress.lock)
            return
        if self.progress is not None and (problems := self.progress.problems):
            self.diff_pane.show((line(span("Not done", Role.STRONG)), line(), *problems))
            return
        node = self.tree_pane.node(self.tree_pane.cursor_key)
        if node is None:
            self.diff_pane.show((line(span("nothing matches the filter", Role.MUTED)),))
        else:
            self.diff_pane.show_node(node, view)

    def _show_alone(self, lines: tuple[Line, ...], *, title: str) -> None:
        self.tree_pane.add_class("-off")
        self.diff_pane.add_class("-alone")
        self.diff_pane.show(lines, from_top=True)
        self.title_bar.show(line(span(title, Role.STRONG)))

    def _stakes(self, division: Division) -> list[Line]:
        """What a person should know before saying yes: what is done, what is undone that others did, what is left."""
        view = plan_view(division.plan)
        place = self.bridge.place
        facts = (("account", place.account), ("region", place.region), ("environment", place.environment))
        lines = [line(span(f"{name:<13}", Role.MUTED), span(value, Role.NAME)) for name, value in facts]
        lines.append(line())
        for action, (symbol, word, role) in SYMBOLS.items():
            if count := view.counts.get(action):
                lines.append(line(span(f"{symbol} {word:<11}", role), span(f"{count}", Role.STRONG)))
        risks = {row.risk.value for pipeline in view.pipelines for row in pipeline.changed if row.risk.value in _GRAVE}
        if risks:
            lines += [line(), line(span(f"risk         {', '.join(sorted(risks))}", Role.RISK))]
        for more in (tuple(undone_lines(division.plan)), tuple(left_lines(division.left))):
            lines += [line(), *more] if more else []
        return lines


_GRAVE = frozenset(
    {"affects-running-sessions", "overwrites-outside-change", "widens-permissions", "retires", "replaces", "destroys"}
)


def _nothing_to_change(view: PlanView) -> tuple[Line, ...]:
    retired = [row for node in view.pipelines for row in node.rows if row.reason is Reason.RETIRED and row.note]
    return (
        line(span("✓ ", Role.GOOD), span("Nothing to change", Role.STRONG)),
        line(),
        line(span("s", Role.HINT), span(" shows what was compared", Role.MUTED)),
        *(
            line(span("○ ", Role.MUTED), span(row.physical_name, Role.NAME), span(f"  {row.note}", Role.MUTED))
            for row in retired
        ),
        *finding_lines(view.findings),
    )
