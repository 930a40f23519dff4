"""The Plan screen: what would change, why, and making it so, or a part of it, after a confirmation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from bunsui.plan.model import OUTSIDE_CHANGES, Plan, ResourceChange
from bunsui.tui.bridge import Bridge
from bunsui.tui.messages import Failed, NotPlanned, Planned, PlanViewed, ReadingProgress, RunningWork, ScreenPlace
from bunsui.tui.problem import ShownProblem, problem_lines
from bunsui.tui.saved_plan import origin_line
from bunsui.tui.screens.choose import ChooseScreen, MenuChoice
from bunsui.tui.screens.plan_keeping import KeepingScreen
from bunsui.tui.widgets.filter_bar import FilterBar
from bunsui.tui.widgets.plan_pages import PlanPages, ShownPlan
from bunsui.tui.widgets.plan_tree import PlanTree
from bunsui.tui.widgets.virtual_table import VirtualTable
from bunsui.view.diagnostic import diagnostic_lines
from bunsui.view.plan.review.copies import plan_copies
from bunsui.view.plan.review.impact import sessions_in_flight
from bunsui.view.plan.review.marks import Marks, marks_of
from bunsui.view.plan.review.standing import open_findings, summed_status
from bunsui.view.plan.review.tree import NodeKind, Selection
from bunsui.view.spans import Line, Role, line, span

CONTEXTS = (0, 3, 1000)
"""How many unchanged neighbours `u` shows, in turn."""
_READING = line(span("reading the repository and the account …", Role.MUTED))
_NARROW = 90
"""Below so many columns the panes stand one above the other, so that names have room."""


class PlanScreen(KeepingScreen):
    """A tree at the left, what it means at the right."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "apply", "apply…", id="plan.apply"),
        Binding("r", "plan", "plan", id="plan.again"),
        Binding("space", "mark", "mark", id="plan.mark"),
        Binding("A", "mark_all", "mark all, or nothing", id="plan.mark_all", show=False),
        Binding("u", "context", "context", id="plan.context"),
        Binding("vertical_line", "split", "split", id="plan.split", key_display="|"),
        Binding("v", "side", "before, after", id="plan.side", show=False),
        Binding("left_square_bracket", "page(-1)", "page before", id="page.before", show=False, key_display="["),
        Binding("right_square_bracket", "page(1)", "pages", id="page.next", key_display="]"),
        Binding("d", "destructive", "destructive", id="plan.destructive"),
        Binding("s", "unchanged", "unchanged too", id="plan.unchanged", show=False),
        Binding("y", "yank", "copy…", id="screen.copy"),
        Binding("escape", "back", "clear the filter", id="screen.back", show=False),
    ]

    DEFAULT_CSS = """
    PlanScreen {
        & #panes { height: 1fr; }
        & #tree { width: 46%; min-width: 34; }
        & #pages { width: 1fr; }
        & #tree.-off { display: none; }
    }
    PlanScreen.-stacked #panes { layout: vertical; }
    PlanScreen.-stacked #tree { width: 100%; height: 45%; }
    PlanScreen.-stacked #pages { width: 100%; border-left: none; border-top: solid $rule; }
    PlanScreen.-stacked #pages.-alone { border-top: none; }
    """

    def __init__(self, bridge: Bridge) -> None:
        """Begin without a plan; it is made once the first frame is shown."""
        super().__init__(bridge)
        self.tree_pane = PlanTree()
        self.pages = PlanPages(invocation=bridge.invocation)
        self._newest: Plan | None = None
        """What was planned last; shown as soon as it is known what there is to show."""
        self._wanted_pipelines: tuple[str, ...] = ()
        """Pipelines to mark once there is a plan."""
        self.selection = Selection()
        self.context = CONTEXTS[0]
        self._waits = False
        """True while the plan that is wanted cannot begin, since another one is being made."""
        self._of_files = 0
        """How often files had been written when the last plan began."""

    @property
    def age_word(self) -> str:
        """A plan is planned."""
        return "planned"

    def body(self) -> ComposeResult:
        """Two panes."""
        with Horizontal(id="panes"):
            yield self.tree_pane
            yield self.pages

    def on_mount(self) -> None:
        """Plan once the first frame is on the screen."""
        self._show_alone((_READING,), title="Planning …")
        self.call_after_refresh(self._first)

    def classes_of(self, width: int, height: int) -> dict[str, bool]:
        """Put the panes one above the other where there is little room."""
        return {**super().classes_of(width, height), "-stacked": width < _NARROW}

    def _first(self) -> None:
        self.tree_pane.focus()
        self.action_plan()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave out what cannot be done now."""
        if action == "apply":
            return self.can_apply or (self.bridge.file is None and bool(self.why_not_applied))
        if action in ("mark", "mark_all"):  # a saved plan is applied whole
            return self.can_apply and self.bridge.file is None
        if action == "keep":
            return self.can_keep
        if action == "plan":
            return not self.is_applying and self.bridge.file is None
        if action in ("context", "destructive", "unchanged", "yank", "split", "side", "page"):
            return self.view is not None
        return True

    def action_plan(self) -> None:
        """Plan, or plan again."""
        written = self.bridge.files_written
        self._waits = not self.bridge.plan(self)
        if not self._waits:
            self._of_files = written
            self.hush()
            if self.view is None:
                self._show_alone((_READING,), title="Planning …")
            else:
                self.title_bar.show(line(span("Planning again …", Role.STRONG)))

    def on_planned(self, message: Planned) -> None:
        """Ask for what is shown of the plan; an apply before it is over."""
        self._newest, self.progress, self.read_at = message.plan, None, message.at
        self.bridge.view_plan(self, message.plan, context=self.context)

    def on_plan_viewed(self, message: PlanViewed) -> None:
        """Show the plan as it was asked for, unless something else was asked for since."""
        if message.plan is not self._newest or message.context != self.context:
            return
        self.marks = marks_of(message.plan, self.marks.marked)
        self.plan, self.view = message.plan, message.view
        self._refill()
        self.show_age()
        self.refresh_bindings()
        self._show_origin()
        self._mark_wanted()

    def on_screen_resume(self) -> None:
        """Look at once whether the plan is about the files of now."""
        self.show_age()

    def show_age(self) -> None:
        """Say how old the plan is; plan again once files were written since, in the Builder for one, and where a plan that
        somebody else had asked for was under way."""
        super().show_age()
        is_due = self._waits or self._of_files != self.bridge.files_written
        if self.is_current and is_due and self.check_action("plan", ()):
            self.action_plan()

    def show_place(self, place: ScreenPlace) -> None:
        """Show where the user is working, and whether a saved plan can be applied there, now that this is known."""
        super().show_place(place)
        if self.plan is not None:
            self._show_origin()

    def _show_origin(self) -> None:
        if self.bridge.file is not None and self.progress is None:
            self.say(origin_line(self.bridge.file, self.bridge.now(), can_apply=self.can_apply))
            self.refresh_bindings()

    def on_reading_progress(self, message: ReadingProgress) -> None:
        """Say how far the reading of AWS is."""
        if not self.is_applying:
            word = "Planning" if self.view is None else "Planning again"
            parts = (
                span(f"{word} … ", Role.STRONG),
                span(f"{message.done}/{message.total} kinds of resources read", Role.MUTED),
            )
            self.title_bar.show(line(*parts))

    def on_not_planned(self, message: NotPlanned) -> None:
        """Show what is wrong in the files; an older plan would no longer be about them."""
        self.plan, self.view, self.progress, self.read_at = None, None, None, self.bridge.now()
        self._newest = None
        self.tree_pane.forget_plan()
        errors = sum(found.is_error for found in message.diagnostics)
        title = f"The files have {errors} error{'s' * (errors != 1)}: nothing was planned"
        ordered = sorted(message.diagnostics, key=lambda found: not found.is_error)
        self._show_alone(diagnostic_lines(ordered), title=title)
        self.show_age()
        self.refresh_bindings()

    def on_failed(self, message: Failed) -> None:
        """Show what went wrong: in full without a plan, else on one line with the plan left as it is."""
        if self.view is None:
            self._show_alone(self.problem_text(message.problem), title="")
        else:
            self.say_problem(message.problem)
            self._show_title()
        if message.work in (RunningWork.ADMIT, RunningWork.APPLY):
            self.end_apply(message.problem)

    def action_context(self) -> None:
        """Show more of what did not change around a change, or less."""
        self.context = CONTEXTS[(CONTEXTS.index(self.context) + 1) % len(CONTEXTS)]
        if self._newest is not None:
            self.bridge.view_plan(self, self._newest, context=self.context)

    def action_split(self) -> None:
        """Show what is there beside what will be there, or sentences again."""
        self.pages.turn_split()

    def action_side(self) -> None:
        """Show the graph with marks, before, or after."""
        self.pages.turn_side()

    def action_page(self, step: int) -> None:
        """Go on to the next page about the row, or back."""
        self.pages.tabs.turn(step)

    def action_destructive(self) -> None:
        """Show only what deletes or replaces, or everything again."""
        self._select(replace(self.selection, destructive_only=not self.selection.destructive_only))

    def action_unchanged(self) -> None:
        """Show also what does not change, or hide it again."""
        self._select(replace(self.selection, unchanged_too=not self.selection.unchanged_too))

    def action_mark(self) -> None:
        """Mark what the row stands for, or take the mark away, and go on to the next row."""
        node = self.tree_pane.node(self.tree_pane.cursor_key)
        if self.plan is not None and node is not None and node.changes:
            self._mark(self.marks.turn(self.plan, node.changes))
            if node.kind is not NodeKind.PLACE:
                self.tree_pane.action_move(1)

    def action_mark_all(self) -> None:
        """Take all marks away, or mark everything that is shown where nothing is marked."""
        view = self.view
        if self.plan is None or view is None:
            return
        shown = [row.address for node in view.pipelines for row in node.changed if self.selection.shows(node, row)]
        self._mark(Marks() if self.marks.marked else marks_of(self.plan, shown))

    def show_pipelines(self, names: Sequence[str]) -> None:
        """Show one pipeline alone; mark what the plan changes of several, now or as soon as there is a plan."""
        self.filter_by(names[0] if len(names) == 1 else "")
        self._wanted_pipelines = tuple(names) if len(names) > 1 else ()
        self._mark_wanted()

    def _mark_wanted(self) -> None:
        names = self._wanted_pipelines
        if not names or self.plan is None or self.view is None:
            return
        self._wanted_pipelines = ()
        found = {change.address for change in self.plan.pending if change.address.pipeline in names}
        self._mark(marks_of(self.plan, found))
        if not found:
            self.answer(line(span(f"nothing to change in {', '.join(names)}", Role.MUTED)))

    def _mark(self, marks: Marks) -> None:
        self.marks = marks
        self.tree_pane.show_marks(marks)
        self._show_title()

    def action_yank(self) -> None:
        """Copy the name, the ARN or the command of the row under the cursor."""
        node = self.tree_pane.node(self.tree_pane.cursor_key)
        if node is not None and self.plan is not None:
            offered = plan_copies(node, self.plan, self.marks, self.bridge.invocation)
            choices = [MenuChoice(label=label, value=value) for label, value in offered]
            self.app.push_screen(ChooseScreen("Copy", choices), self._copy)

    def _copy(self, choice: MenuChoice | None) -> None:
        if choice is not None:
            self.app.copy_to_clipboard(choice.value)
            self.answer(line(span("copied ", Role.MUTED), span(choice.value, Role.NAME)))

    def show_progress(self, *, begins: bool = False) -> None:
        """Show how far the apply is."""
        if begins:
            self._refill()
        elif self.progress is not None:
            self.tree_pane.show_status(self.progress.status)
            self._show_title()
            self._show_details()

    @property
    def outside_change(self) -> ResourceChange | None:
        """The change of the one resource under the cursor, where somebody changed it outside."""
        node = self.tree_pane.node(self.tree_pane.cursor_key)
        if self.plan is None or node is None or node.kind not in (NodeKind.RESOURCE, NodeKind.PLACE, NodeKind.PIPELINE):
            return None
        rows = [row for row in node.rows or node.pipeline.changed if row.reason in OUTSIDE_CHANGES]
        if len(rows) != 1:
            return None
        return next(change for change in self.plan.changes if change.address == rows[0].address)

    def show_reasons(self, lines: tuple[Line, ...]) -> None:
        """Show why an outside change cannot be kept, beside the plan."""
        self.pages.show_lines("kept", lines)

    def show_failed_apply(self, problem: ShownProblem) -> None:
        """Show why nothing was applied, beside the plan."""
        self.pages.show_lines("failed", problem_lines(problem))

    @on(FilterBar.Changed)
    def _on_filter_changed(self, event: FilterBar.Changed) -> None:
        self._select(replace(self.selection, text=event.text))

    @on(FilterBar.Closed)
    def _filter_closed(self) -> None:
        self.tree_pane.focus()

    @on(VirtualTable.Moved)
    def _on_moved(self) -> None:
        self.refresh_bindings()
        self._show_details()

    @on(PlanTree.Left)
    def _left(self) -> None:
        self.pages.focus_page()

    @on(PlanTree.InSyncAsked)
    def _on_in_sync_asked(self) -> None:
        self.action_unchanged()

    def _select(self, selection: Selection) -> None:
        self.selection = selection
        self._refill()

    def _refill(self) -> None:
        if self.plan is None or self.view is None:
            return
        is_empty = not self.plan.pending and not self.selection.unchanged_too
        self.tree_pane.set_class(is_empty, "-off")
        self.pages.set_class(is_empty, "-alone")
        self.tree_pane.show_marks(self.marks)
        self.tree_pane.show_plan(self.view, self.selection, self.progress.status if self.progress else {})
        self._show_title()
        self._show_details()

    def _show_title(self) -> None:
        if self.view is None or self.plan is None:
            return
        left = self.progress.title if self.progress else self.view.summary
        if self.marks.marked and self.progress is None:
            left = self.marks.line(self.plan)
        states = ["destructive only"] if self.selection.destructive_only else []
        states += ["unchanged too"] if self.selection.unchanged_too else []
        running = sessions_in_flight(self.plan) if self.progress is None else ""
        parts = [span(f"{words}  ", Role.WARN) for words in (*states, running) if words]
        total = self.view.resources if self.selection.unchanged_too else len(self.plan.pending)
        chip = self.filter.chip(self.tree_pane.shown_resources, total) if self.selection.text else line()
        self.title_bar.show(left, line(*parts, *chip.parts))

    def _show_details(self) -> None:
        if self.view is None or self.plan is None:
            return
        node = self.tree_pane.node(self.tree_pane.cursor_key)
        if self.progress is not None and (told := self.progress.page(node.changes if node is not None else ())):
            self.pages.show_lines("progress", told)
            return
        is_empty = not self.view.counts and not self.selection.unchanged_too
        status = self.progress.status if self.progress is not None else {}
        shown = ShownPlan(
            plan=self.plan,
            view=replace(self.view, findings=open_findings(self.view.findings, status)),
            context=self.context,
            applied=summed_status(node.changes, status) if node is not None else None,
        )
        self.pages.show_row(shown, None if is_empty else node)

    def _show_alone(self, lines: tuple[Line, ...], *, title: str) -> None:
        self.tree_pane.add_class("-off")
        self.pages.add_class("-alone")
        self.pages.show_lines(title, lines)
        self.title_bar.show(line(span(title, Role.STRONG)))
