"""What is done with a draft, whatever panes show it: jobs, undo, trials, writing, another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding, BindingType

from bunsui.tui.bridge import Bridge
from bunsui.tui.building.messages import (
    CodeShown,
    DraftSaved,
    DraftTried,
    EditRefused,
    JobCodeFound,
    NewPipelineShown,
    SimulationAsked,
    TestsMissing,
)
from bunsui.tui.building.text_editor import edit_in_editor
from bunsui.tui.building.trying import Trial
from bunsui.tui.messages import Failed, RunningWork
from bunsui.tui.problem import problem_lines
from bunsui.tui.screens.base import FullScreen
from bunsui.tui.screens.choose import ChooseScreen, MenuChoice
from bunsui.tui.screens.confirm import ConfirmScreen
from bunsui.tui.screens.editing.code_editing import CodeEditor
from bunsui.tui.screens.editing.copying import draft_copies
from bunsui.tui.screens.editing.job_editing import JobEditor
from bunsui.tui.screens.editing.simulation_form import SimulationFormScreen
from bunsui.tui.screens.editing.starting import Starter
from bunsui.tui.screens.editing.write_question import WriteQuestion
from bunsui.tui.screens.enter_value import EnterValueScreen
from bunsui.tui.screens.notice import NoticeScreen
from bunsui.view.safe import safe
from bunsui.view.spans import Line, Role, line, span

if TYPE_CHECKING:
    # At run time these would bring YAML and pydantic before the first frame.
    from bunsui.diagnostics import Diagnostic
    from bunsui.document.form.form import Form, FormField
    from bunsui.view.builder.page import DraftPage

_NEEDS_A_DRAFT = (
    "add_job",
    "undo",
    "redo",
    "attempt",
    "editor",
    "fix",
    "write",
    "commit",
    "delete_job",
    "move_job",
    "rename_job",
    "code",
    "yank",
)


DRAFT_BINDINGS: tuple[BindingType, ...] = (
    Binding("C", "code", "code file…", id="builder.code"),
    Binding("a", "add_job", "add job…", id="builder.add"),
    Binding("w", "write", "write…", id="builder.write"),
    Binding("c", "commit", "commit…", id="builder.commit", show=False),
    Binding("u", "undo", "undo", id="builder.undo"),
    Binding("f", "fix", "fix", id="builder.fix"),
    Binding("P", "attempt('plan')", "plan", id="builder.plan"),
    Binding("s", "attempt('simulation')", "simulate", id="builder.simulate"),
    Binding("t", "attempt('tests')", "tests", id="builder.test"),
    Binding("e", "editor", "editor", id="builder.editor"),
    Binding("o", "open", "open…", id="builder.open"),
    Binding("n", "new", "new…", id="builder.new"),
    Binding("D", "delete_job", "delete job", id="builder.delete", show=False),
    Binding("R", "rename_job", "rename the job…", id="builder.rename", show=False),
    Binding("J", "move_job(1)", "move down", id="builder.move-down", show=False),
    Binding("K", "move_job(-1)", "move up", id="builder.move-up", show=False),
    Binding("y", "yank", "copy…", id="screen.copy", show=False),
    Binding("ctrl+r", "redo", "do again what was undone", id="builder.redo", show=False),
)
"""For the subclasses, so that these are the keys of their own."""


class DraftingScreen(FullScreen):
    """Subclasses show the draft, and say what is under the cursor."""

    writes = frozenset({"write", "new", "commit", "code"})

    def __init__(self, bridge: Bridge) -> None:
        """Begin without a draft."""
        super().__init__(bridge)
        self.page: DraftPage | None = None
        self.forms: tuple[Form, ...] = ()
        """From the outermost to the one that is open."""
        self.starter = Starter(self, bridge.desk)
        self._jobs = JobEditor(self, bridge.desk)
        self._code = CodeEditor(self, bridge.desk)
        self.is_led = False
        """True once a certain pipeline was asked for, so that none is opened unasked."""
        self._awaited: bytes | None = None
        """The text whose trial the user waits for; None once something else was done."""

    def is_offered(self, action: str) -> bool:
        """Name the way to a code file at a job that has none yet."""
        return action != "code" or self._lacks_code

    @property
    def job(self) -> str:
        """The job under the cursor; empty on none."""
        return ""

    @property
    def entry(self) -> tuple[Form, FormField] | None:
        """The entry of a map or list under the cursor, which may be moved."""
        return None

    @property
    def finding(self) -> Diagnostic | None:
        """The finding under the cursor."""
        return None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave out what cannot be done now."""
        if action in self.writes and self.bridge.read_only:
            return False
        if action in _NEEDS_A_DRAFT:
            return self.page is not None
        return True

    def show_pipeline(self, file: str) -> None:
        """Open the draft of a pipeline's file."""
        self.is_led = True
        self.bridge.desk.open(self, file)

    def show_job(self, pipeline: str, job: str) -> None:
        """Open the draft of a pipeline at a job."""
        self.is_led = True
        self.bridge.desk.open_job(self, pipeline, job)

    def on_new_pipeline_shown(self, message: NewPipelineShown) -> None:
        """Ask before files are written that come with a new pipeline."""
        self.starter.confirm(message)

    def on_edit_refused(self, message: EditRefused) -> None:
        """Say why an edit was not made."""
        self.answer(message.told)

    def on_failed(self, message: Failed) -> None:
        """Say why something was not done; of a trial that is waited for in full, with what to do next."""
        if message.work is RunningWork.TRY and self._awaited is not None and self.is_current:
            self._awaited = None
            self.hush()
            begins = line(
                span("t ", Role.HINT), span("begins a test with a mock for each task, or runs those there are", Role.MUTED)
            )
            more = (line(), begins) if message.problem.code == "mock-missing" else ()
            self.app.push_screen(NoticeScreen((*problem_lines(message.problem), *more)))
        else:
            self.say_problem(message.problem)

    def on_simulation_asked(self, message: SimulationAsked) -> None:
        """Ask for the values of the parameters, and run with them."""
        if not self._is_awaited:
            return
        self.hush()

        def run(params: tuple[str, ...] | None) -> None:
            if params is not None and self.page is not None and self.bridge.desk.trials.simulate(self, params):
                self._await_trial(Trial.SIMULATE)

        form = SimulationFormScreen(self.bridge.invocation, message.pipeline, message.form)
        self.app.push_screen(form, run)

    def on_tests_missing(self, message: TestsMissing) -> None:
        """Offer to begin a test: what it would hold is an edit of the draft, to be seen and undone there."""
        if not self._is_awaited:
            self.answer(line(span(f"{message.pipeline} has no test", Role.MUTED)))
            return
        self.hush()
        told = (
            line(span("A test runs the pipeline on a virtual clock: tasks answer what it tells them.", Role.MUTED)),
            line(span("It is begun in the draft, with a mock for each task; null is for you to fill in.", Role.MUTED)),
        )
        name = message.pipeline
        self.app.push_screen(
            ConfirmScreen(
                f"{name} has no test: begin one?",
                told,
                yes="begin it",
                on_yes=self._begin_test,
            )
        )

    def _begin_test(self) -> None:
        self.bridge.desk.trials.begin_test(self)
        self.show_form()
        self.answer(line(span("a test is begun in the draft: t runs it, u takes it back", Role.MUTED)))

    def show_form(self) -> None:
        """Go from the jobs to the form that is open."""

    def on_job_code_found(self, message: JobCodeFound) -> None:
        """Go on with what was wanted of the code."""
        self._code.take(message)

    def on_code_shown(self, message: CodeShown) -> None:
        """Ask before a code file is written."""
        self._code.confirm(message)

    def on_draft_tried(self, message: DraftTried) -> None:
        """Show what came out of a trial; once the user went on, only say so: a notice would take the next keys."""
        awaited, self._awaited = self._awaited, None
        if awaited is None or self.page is None or awaited != self.page.draft.content or not self.is_current:
            self.answer(
                line(span(message.title, Role.STRONG), span(": done, after you went on; ask again to see it", Role.MUTED))
            )
            return
        self.hush()
        self.app.push_screen(NoticeScreen((line(span(message.title, Role.STRONG)), line(), *message.lines)))

    def on_screen_suspend(self) -> None:
        """Something else is in front: a trial is waited for no more."""
        self.wait_no_more()

    def wait_no_more(self) -> None:
        """The user went on: what comes out of a trial is only told of."""
        self._awaited = None

    def on_draft_saved(self, message: DraftSaved) -> None:
        """Say what was written."""
        self.answer(line(*(part for told in message.told for part in told.parts)))
        self.bridge.desk.look(self)

    def action_add_job(self) -> None:
        """Add a job after the one under the cursor."""
        if self.page is not None:
            self._jobs.add(self.page, after=self.job)

    def action_delete_job(self) -> None:
        """Take the job under the cursor away; undo brings it back."""
        if self.page is not None and self.job:
            self._jobs.delete(self.page, self.job)

    def action_rename_job(self) -> None:
        """Rename the job under the cursor, also where others depend on it."""
        if self.page is not None and self.job:
            self._jobs.rename(self.page, self.job)

    def action_move_job(self, step: int) -> None:
        """Move the job under the cursor in the file, or the item of the form."""
        if self.page is None:
            return
        if self.entry is not None:
            self._jobs.move_entry(*self.entry, step)
        elif self.job:
            self._jobs.move(self.page, self.job, step)

    def action_undo(self) -> None:
        """Take the last edit back."""
        self.bridge.desk.undo(self)

    def action_redo(self) -> None:
        """Do again what was undone."""
        self.bridge.desk.redo(self)

    def action_fix(self) -> None:
        """Make the edit that the finding under the cursor offers, else the first finding that offers one."""
        if self.page is None:
            return
        offered = (finding for finding in self.page.findings if finding in self.page.offers)
        finding = self.finding or next(offered, None)
        if finding is not None:
            self.bridge.desk.fix(self, finding)
        else:
            told = "; C makes the code of the job" if self._lacks_code else ""
            self.answer(line(span(f"no finding here offers a fix of one key{told}", Role.MUTED)))

    @property
    def _lacks_code(self) -> bool:
        """True at a job that names neither a function nor the code of one."""
        fields = {field.key: field for field in self.forms[-1].fields} if self.forms and self.job else {}
        return {"code", "function"} <= fields.keys() and not (fields["code"].is_present or fields["function"].is_present)

    def action_attempt(self, trial: str) -> None:
        """Plan, simulate or test the draft, without writing it."""
        if self.page is not None and self.bridge.desk.trials.attempt(self, Trial(trial)):
            self._await_trial(Trial(trial))

    def _await_trial(self, trial: Trial) -> None:
        if self.page is not None:
            self._awaited = self.page.draft.content
            self.say(line(span(f"{trial.value} of the draft …", Role.MUTED)))

    @property
    def _is_awaited(self) -> bool:
        """True while nothing was done since a trial was asked for."""
        return self.page is not None and self._awaited == self.page.draft.content and self.is_current

    def action_editor(self) -> None:
        """Edit the text in $EDITOR, and come back with it; of a job with a code file, choose which of the two."""
        if self.page is None:
            return
        if self.job:
            self._code.look(self.code_place, otherwise=self._edit_text)
        else:
            self._edit_text()

    def action_code(self) -> None:
        """Make the code file of the job under the cursor, or open the one that is there."""
        if self.page is not None and self.job:
            self._code.make(self.code_place)
        else:
            self.answer(line(span("go to the job whose code is meant", Role.WARN)))

    @property
    def code_place(self) -> tuple[str | int, ...]:
        """The place of the job, or of the operation whose form is open."""
        here = self.forms[-1].path if self.forms else ()
        return here if here[:2] == ("jobs", self.job) else ("jobs", self.job)

    def _edit_text(self) -> None:
        if self.page is None:
            return
        found = edit_in_editor(self.app, self.page.draft.content)
        if isinstance(found, Line):
            self.answer(found)
        elif found == self.page.draft.content:
            self.answer(line(span("back from the editor: the draft is as it was", Role.MUTED)))
        else:
            self.bridge.desk.rewrite(self, found)
            self.answer(line(span("the draft is as it came back from the editor; u takes it back", Role.MUTED)))

    def action_commit(self) -> None:
        """Commit the file, as it was written: ask for a branch, then for the message."""
        if self.page is None or self.page.draft.is_changed:
            self.answer(line(span("nothing to commit: the draft is not written yet", Role.MUTED)))
            return
        file = safe(self.page.draft.file)

        def take_branch(branch: str) -> str | None:
            def take_message(message: str) -> str | None:
                if not message.strip():
                    return "a commit has a message"
                self.bridge.desk.commit(self, message.strip(), branch.strip())
                return None

            self.call_after_refresh(self.app.push_screen, EnterValueScreen(f"message for {file}", on_text=take_message))
            return None

        told = [line(span("a new branch is made where you are; without a name it is the one that you are on", Role.MUTED))]
        self.app.push_screen(EnterValueScreen(f"commit {file} on which branch?", told, on_text=take_branch))

    def action_yank(self) -> None:
        """Copy the finding or the job under the cursor, the text, a name, or the command that checks it."""
        if self.page is not None:
            choices = draft_copies(self.page, self.job, self.finding, self.bridge.invocation.complete)
            self.app.push_screen(ChooseScreen("Copy", choices), self._copy)

    def _copy(self, choice: MenuChoice | None) -> None:
        if choice is not None:
            self.app.copy_to_clipboard(choice.value)
            self.answer(line(span("copied ", Role.MUTED), span(choice.shown, Role.NAME)))

    def action_open(self) -> None:
        """Choose another pipeline."""
        self.starter.choose(self.show_pipeline)

    def action_new(self) -> None:
        """Begin a new pipeline."""
        self.starter.begin()

    def action_write(self) -> None:
        """Show what writing the draft would change, and ask."""
        if self.page is None:
            return
        diff = self.page.draft.diff()
        if not diff.lines and not diff.is_new:
            self.answer(line(span("nothing to write: the draft is as in the file", Role.MUTED)))
            return
        self.app.push_screen(WriteQuestion(self.page, diff, on_yes=lambda: self.bridge.desk.write(self, diff.digest)))
