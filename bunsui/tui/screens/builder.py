"""The Builder screen: a pipeline made or changed as a draft, by forms beside its text; written after its diff was shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from bunsui.tui.bridge import Bridge
from bunsui.tui.building.messages import DraftShown, ProjectLooked
from bunsui.tui.screens.drafting import DRAFT_BINDINGS, DraftingScreen
from bunsui.tui.screens.editing.field_editing import FieldEditor
from bunsui.tui.screens.editing.write_question import WriteQuestion
from bunsui.tui.widgets.bar import Bar
from bunsui.tui.widgets.filter_bar import FilterBar
from bunsui.tui.widgets.findings_pane import FindingsPane
from bunsui.tui.widgets.folded_bar import FoldedBar
from bunsui.tui.widgets.form_pane import FormPane
from bunsui.tui.widgets.graph_pane import GraphPane
from bunsui.tui.widgets.jobs_pane import PIPELINE, JobsPane
from bunsui.tui.widgets.line_pane import LinePane
from bunsui.tui.widgets.source_pane import SourcePane
from bunsui.tui.widgets.virtual_table import VirtualTable
from bunsui.view.spans import Role, Span, line, span

if TYPE_CHECKING:
    # At run time these would bring YAML and pydantic before the first frame.
    from bunsui.diagnostics import Diagnostic
    from bunsui.document.form.form import Form, FormField
    from bunsui.document.yaml.tree import Path

_ONE_PANE = 90
"""Columns below which one pane is shown at a time."""
_GRAPH_HEIGHT = 30
"""Lines from which the graph has room below the other panes."""
_PANES = ("jobs", "form", "text", "findings", "graph")


class BuilderScreen(DraftingScreen):
    """Jobs at the left, the form of the chosen one, the text with what is wrong in it, the graph below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *DRAFT_BINDINGS,
        Binding("right_square_bracket", "pane(1)", "next pane", id="builder.next", key_display="]", show=False),
        Binding("left_square_bracket", "pane(-1)", "previous pane", id="builder.previous", key_display="[", show=False),
        Binding("escape", "back", "one form out", id="screen.back", show=False),
    ]

    DEFAULT_CSS = """
    BuilderScreen {
        & #panes { height: 1fr; }
        & #parts { width: 27%; max-width: 40; }
        & #middle { width: 34%; border-left: solid $rule; }
        & #form { height: 1fr; }
        & #about { height: auto; max-height: 6; border-top: solid $rule; }
        & #right { width: 1fr; border-left: solid $rule; }
        & #source { height: 1fr; }
        & #findings { height: auto; max-height: 7; border-top: solid $rule; display: none; }
        & #findings.-some { display: block; }
        & #graph { height: auto; max-height: 9; border-top: solid $rule; }
        & #outlook { display: none; }
        & #outlook.-some { display: block; }
        & #welcome { display: none; }
    }
    BuilderScreen.-empty #panes { display: none; }
    BuilderScreen.-empty #graph, BuilderScreen.-empty #outlook { display: none; }
    BuilderScreen.-empty #welcome { display: block; height: 1fr; }
    BuilderScreen.-low #graph { display: none; }
    BuilderScreen.-one-pane #panes > * { display: none; width: 100%; max-width: 100%; border-left: none; }
    BuilderScreen.-one-pane #graph { display: none; }
    BuilderScreen.-one-pane.-jobs #parts { display: block; }
    BuilderScreen.-one-pane.-form #middle { display: block; }
    BuilderScreen.-one-pane.-text #right { display: block; }
    BuilderScreen.-one-pane.-findings #right { display: block; }
    BuilderScreen.-one-pane.-findings #source { display: none; }
    BuilderScreen.-one-pane.-findings #findings { display: block; height: 1fr; max-height: 100%; border-top: none; }
    BuilderScreen.-one-pane.-text #findings { display: none; }
    BuilderScreen.-one-pane.-graph #panes { display: none; }
    BuilderScreen.-one-pane.-graph #graph { display: block; height: 1fr; max-height: 100%; border-top: none; }
    """

    def __init__(self, bridge: Bridge) -> None:
        """Begin without a draft; the project is looked at once the first frame is shown."""
        super().__init__(bridge)
        self.jobs_pane, self.form_pane, self.source_pane = JobsPane(), FormPane(), SourcePane()
        self.findings_pane, self.graph_pane = FindingsPane(), GraphPane(id="graph")
        self.place_bar, self.outlook_bar = Bar(id="place"), FoldedBar(id="outlook")
        self.about_pane, self.welcome = LinePane(id="about"), LinePane(id="welcome")
        self.pane = _PANES[0]
        self._fields = FieldEditor(self, bridge.desk)
        self._wanted_field = ""
        self.add_class("-empty", f"-{self.pane}", update=False)

    def body(self) -> ComposeResult:
        """Three panes side by side, the graph below."""
        with Horizontal(id="panes"):
            yield self.jobs_pane
            with Vertical(id="middle"):
                yield self.place_bar
                yield self.form_pane
                yield self.about_pane
            with Vertical(id="right"):
                yield self.source_pane
                yield self.findings_pane
        yield self.graph_pane
        yield self.outlook_bar
        yield self.welcome

    def on_mount(self) -> None:
        """Look at the project once the first frame is on the screen."""
        self.title_bar.show(line(span("Builder", Role.STRONG)))
        self.welcome.show((line(span("looking for pipelines …", Role.MUTED)),))
        self.call_after_refresh(self.bridge.desk.look, self)

    def classes_of(self, width: int, height: int) -> dict[str, bool]:
        """Show one pane at a time where there is little room."""
        return {**super().classes_of(width, height), "-one-pane": width < _ONE_PANE, "-low": height < _GRAPH_HEIGHT}

    def on_resize(self, event: events.Resize) -> None:
        """Say as much as there is room for."""
        self.outlook_bar.fold(*event.size)
        self._show_title()

    def on_click(self, event: events.Click) -> None:
        """Go to the pane whose name in the title is under the mouse."""
        if event.widget is self.title_bar and self.has_class("-one-pane"):
            name = self.title_bar.word_at(event.x).removeprefix("▸")
            if name in self._panes_here:
                self._go_to(name)

    def on_project_looked(self, message: ProjectLooked) -> None:
        """Open the pipeline that was worked on last, or offer to begin one."""
        self.starter.learn(message)
        if self.page is not None or self.is_led:
            return
        if message.files or message.drafts:
            self.show_pipeline((*message.drafts, *message.files)[0])
        else:
            self.welcome.show(self.starter.welcome_lines())
            self.welcome.focus()

    def on_draft_shown(self, message: DraftShown) -> None:
        """Show a draft as it is now."""
        from bunsui.view.builder.form_rows import form_title  # deferred: brings YAML

        is_first = self.page is None or self.page.draft.file != message.page.draft.file
        self.page, self.forms = message.page, message.forms
        self.remove_class("-empty")
        self._show_title()
        self.jobs_pane.show_page(self.page)
        if self.forms:
            if self.form_pane.form is not None and self.form_pane.form.path != self.forms[-1].path:
                self.filter.value = ""  # it was about the fields of the form before
                self.form_pane.narrow("")
            self.form_pane.show_form(self.forms[-1])
            self._go_to_field()
            place = self.forms[-1].path
            self.place_bar.show(form_title(self.forms[-1]))
            self.jobs_pane.move_to(str(place[1]) if len(place) > 1 and place[0] == "jobs" else PIPELINE)
        self.source_pane.show_page(self.page)
        self.findings_pane.show_page(self.page)
        self.findings_pane.set_class(bool(self.findings_pane.keys), "-some")
        self.graph_pane.show(self.page.picture)
        self.graph_pane.move_to(self.jobs_pane.job)
        self.outlook_bar.show(self.page.outlook or line())
        self.outlook_bar.set_class(self.page.outlook is not None, "-some")
        self._show_field()
        if message.told is not None:
            self.answer(message.told)
        if is_first:
            self.jobs_pane.focus()
        for screen in self.app.screen_stack:
            if isinstance(screen, WriteQuestion):
                screen.follow(self.page)
        self.refresh_bindings()

    @on(VirtualTable.Moved)
    def _on_moved(self, event: VirtualTable.Moved) -> None:
        event.stop()
        if event.table is self.jobs_pane and self.focused is self.jobs_pane:
            self._open_form(("jobs", self.jobs_pane.job) if self.jobs_pane.job else ())
        elif event.table is self.form_pane:
            self._show_field()

    @on(VirtualTable.Chosen)
    def _on_chosen(self, event: VirtualTable.Chosen) -> None:
        event.stop()
        if event.table is self.jobs_pane:
            self._go_to("form")
        elif event.table is self.source_pane and self.page is not None:
            job = self.page.job_at(self.source_pane.line_number)
            self._open_form(("jobs", job) if job else ())
            self._go_to("form")
        elif event.table is self.findings_pane:
            self._jump()

    @on(GraphPane.JobReached)
    def _on_job_reached(self, event: GraphPane.JobReached) -> None:
        event.stop()
        if self.focused is self.graph_pane:
            self._open_form(("jobs", event.job))

    @on(GraphPane.JobChosen)
    def _on_job_chosen(self, event: GraphPane.JobChosen) -> None:
        event.stop()
        self._open_form(("jobs", event.job))
        self._go_to("form")

    @on(FilterBar.Changed)
    def _on_filter_changed(self, event: FilterBar.Changed) -> None:
        event.stop()
        self.form_pane.narrow(event.text)

    @on(FilterBar.Closed)
    def _on_filter_closed(self, event: FilterBar.Closed) -> None:
        event.stop()
        self._go_to("form")

    @on(FormPane.FieldAsked)
    def _on_field_asked(self, event: FormPane.FieldAsked) -> None:
        event.stop()
        form, field = self.form_pane.form, event.row.field
        if form is None or self.page is None:
            return
        if field is None:
            self._fields.add(form)
        elif event.what == "unset":
            self._fields.unset(form, field)
        elif event.what == "type":
            self._fields.type_value(form, field)
        else:
            jobs = tuple(job.name for job in self.page.jobs if job.name != self.job) if field.key == "depends_on" else ()
            self._fields.edit(form, field, job_names=jobs)

    @on(FormPane.LeftForm)
    def _on_left_form(self, event: FormPane.LeftForm) -> None:
        event.stop()
        self.action_back()

    def action_back(self) -> None:
        """Go one form out, from the outermost to the jobs."""
        self.wait_no_more()
        if self.filter.value:
            self.filter.clear()
        elif self.forms and len(self.forms[-1].path) > 2:
            left = self.forms[-1].path
            self._wanted_field = str(left[-1])
            self._open_form(left[:-1])
        elif self.forms and self.forms[-1].path[:1] not in ((), ("jobs",)):
            self._wanted_field = str(self.forms[-1].path[-1])
            self._open_form(self.forms[-1].path[:-1])
        else:
            self._go_to("jobs")

    def action_pane(self, step: int) -> None:
        """Go to the next pane (1) or the one before (-1)."""
        panes = self._panes_here
        at = panes.index(self.pane) if self.pane in panes else 0
        self._go_to(panes[(at + step) % len(panes)])

    def _open_form(self, place: Path) -> None:
        if self.page is not None and (not self.forms or self.forms[-1].path != place):
            self.bridge.desk.open_form(self, place)

    def _jump(self) -> None:
        """Go to the field that the finding under the cursor is about."""
        finding = self.findings_pane.finding
        if self.page is None or finding is None:
            return
        if finding.position is not None:
            self.source_pane.move_to(str(finding.position.line))
        path = self.findings_pane.place_of(finding, self.page)
        if path:
            self._wanted_field = str(path[-1])
            self._open_form(path[:-1])
            self._go_to_field()
            self._go_to("form")

    def _go_to_field(self) -> None:
        if self._wanted_field and self._wanted_field in self.form_pane.keys:
            self.form_pane.move_to(self._wanted_field)
            self._wanted_field = ""

    def _go_to(self, pane: str) -> None:
        self.update_classes({f"-{name}": name == pane for name in _PANES})
        self.pane = pane
        self._show_title()
        self._widget_of(pane).focus()

    def show_form(self) -> None:
        """Go from the jobs to the form that is open."""
        self._go_to("form")

    @property
    def job(self) -> str:
        """The job under the cursor."""
        return self.jobs_pane.job

    @property
    def entry(self) -> tuple[Form, FormField] | None:
        """The entry of a map or list whose form is focused."""
        form, field = self.form_pane.form, self.form_pane.field
        return (form, field) if self.focused is self.form_pane and form is not None and field is not None else None

    @property
    def finding(self) -> Diagnostic | None:
        """The finding under the cursor, while the findings are focused."""
        return self.findings_pane.finding if self.focused is self.findings_pane else None

    @property
    def _panes_here(self) -> list[str]:
        """The panes that there is something in."""
        return [name for name in _PANES if name != "findings" or self.findings_pane.keys]

    def _widget_of(self, pane: str) -> Widget:
        return {
            "jobs": self.jobs_pane,
            "form": self.form_pane,
            "text": self.source_pane,
            "findings": self.findings_pane,
            "graph": self.graph_pane,
        }[pane]

    def _show_field(self) -> None:
        """Say what the field under the cursor is for, and go to its line."""
        form, field = self.form_pane.form, self.form_pane.field
        if form is None:
            return
        from bunsui.view.builder.form_rows import field_lines

        self.about_pane.show(field_lines(form, field), from_top=True)
        number = (field.line if field is not None else 0) or form.line
        if number and self.focused is not self.source_pane:
            self.source_pane.go_to_line(number)

    def _show_title(self) -> None:
        if self.page is None:
            return
        from bunsui.view.builder.page import title_line

        tabs: list[Span] = []
        if self.has_class("-one-pane"):
            tabs.append(span("[", Role.HINT))
            for name in self._panes_here:
                is_chosen = name == self.pane
                tabs.append(span(f"▸{name}" if is_chosen else f" {name}", Role.HINT if is_chosen else Role.MUTED))
            tabs.append(span(" ]", Role.HINT))
        self.title_bar.show(title_line(self.page, is_short=bool(tabs)), line(*tabs))
