"""The desk: one draft at a time, edited, checked, kept beside its file, tried, written; each question is a task in a thread."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message
from textual.message_pump import MessagePump

from bunsui.errors import BunsuiError, Refused
from bunsui.tui.building.code_desk import CodeDesk
from bunsui.tui.building.held_draft import MakeEdit
from bunsui.tui.building.messages import (
    DraftSaved,
    DraftShown,
    EditRefused,
    NamesFound,
    NewPipelineShown,
    ProjectLooked,
)
from bunsui.tui.building.trial_desk import TrialDesk
from bunsui.tui.building.trying import offers_of, outlook_of
from bunsui.tui.messages import RunningWork
from bunsui.tui.opened_project import OpenedProject
from bunsui.tui.work_threads import Post, Task, WorkThreads
from bunsui.view.spans import Line, Role, line, span

if TYPE_CHECKING:
    from bunsui.diagnostics import Diagnostic
    from bunsui.document.edit.draft import Draft
    from bunsui.document.form.form import Form
    from bunsui.document.yaml.tree import Path as Place
    from bunsui.operations.contract import OperationType
    from bunsui.project.repository import Repository
    from bunsui.services.drafting.new_pipeline import NewPipeline
    from bunsui.view.builder.page import DraftPage


class DraftDesk:
    """Holds the draft that is worked on. Its public methods begin work and return at once."""

    def __init__(
        self,
        workers: WorkThreads,
        project: OpenedProject,
        *,
        folder: Path | None,
        read_only: bool,
    ) -> None:
        """Begin without a draft. `folder` is where a project is made if there is none; None: nowhere."""
        self._workers = workers
        self._project = project
        self._folder = folder
        self._read_only = read_only
        self.when_written: Callable[[], object] = lambda: None
        """Told when files of the project were written; called in the thread that wrote them."""
        self._lock = threading.Lock()
        self._waiting: deque[tuple[MessagePump, Task]] = deque()
        self._repository: Repository | None = None
        self._page: DraftPage | None = None
        self._forms: tuple[Form, ...] = ()
        self._place: Place = ()
        self._new: NewPipeline | None = None
        self.trials = TrialDesk(self, workers, project)
        self.code = CodeDesk(self)

    @property
    def page(self) -> DraftPage | None:
        """The draft of now with what was found in it; None before one is open."""
        return self._page

    @property
    def types(self) -> Mapping[str, OperationType]:
        """The operation types that there are, by name; empty before the project was looked at."""
        return self._repository.registry if self._repository is not None else {}

    @property
    def can_begin_project(self) -> bool:
        """True where a project may be made if there is none."""
        return self._folder is not None and not self._read_only

    def look(self, asker: MessagePump) -> None:
        """Look which pipelines there are; answers ProjectLooked."""
        self.do(asker, self._look)

    def open(self, asker: MessagePump, file: str) -> None:
        """Take the draft that was kept of a file, else begin one; answers DraftShown."""
        self.do(asker, lambda post: self._open(file, post, asker))

    def open_job(self, asker: MessagePump, pipeline: str, job: str) -> None:
        """Open the draft of a pipeline, at a job; answers DraftShown, or EditRefused where no file has it."""
        self.do(asker, lambda post: self._open_job(pipeline, job, post, asker))

    def begin(self, asker: MessagePump, name: str, template: str) -> None:
        """Begin a new pipeline: answers DraftShown, or NewPipelineShown when other files come with it."""
        self.do(asker, lambda post: self._begin(name, template, post, asker))

    def write_new(self, asker: MessagePump, digest: str) -> None:
        """Write the files of a new pipeline, if those were shown, and open it; answers DraftSaved and DraftShown."""
        self.do(asker, lambda post: self._write_new(digest, post, asker))

    def open_form(self, asker: MessagePump, place: Place) -> None:
        """Open the form of a place; answers DraftShown."""
        self.do(asker, lambda post: self._open_form(place, post))

    def find_names(self, asker: MessagePump, place: Place) -> None:
        """Find what an expression at a place of the draft may read; answers NamesFound."""
        self.do(asker, lambda post: self._find_names(place, post))

    def edit(self, asker: MessagePump, make: MakeEdit, summary: str, *, then: Place | None = None) -> None:
        """Make an edit, and open the form of the place `then`; answers DraftShown, or EditRefused."""
        self.do(asker, lambda post: self.apply_edit(make, summary, then, post, asker))

    def fix(self, asker: MessagePump, finding: Diagnostic) -> None:
        """Make the likeliest edit that settles a finding; answers DraftShown, or EditRefused when there is none."""
        self.do(asker, lambda post: self._fix(finding, post, asker))

    def commit(self, asker: MessagePump, message: str, branch: str) -> None:
        """Commit the file of the draft as it was written, on a new branch if one is named; answers DraftSaved."""
        self.do(asker, lambda post: self._commit(message, branch, post))

    def rewrite(self, asker: MessagePump, content: bytes) -> None:
        """Take the text as it came back from an editor; answers DraftShown."""
        self.do(asker, lambda post: self._take(self.draft().rewrite(content), post, asker))

    def undo(self, asker: MessagePump) -> None:
        """Go one state back; answers DraftShown."""
        self.do(asker, lambda post: self._go(post, asker, back=True))

    def redo(self, asker: MessagePump) -> None:
        """Go one state on; answers DraftShown."""
        self.do(asker, lambda post: self._go(post, asker, back=False))

    def write(self, asker: MessagePump, digest: str) -> None:
        """Write the draft over its file, if that is what was shown; answers DraftSaved."""
        self.do(asker, lambda post: self._write(digest, post, asker))

    def do(self, asker: MessagePump, task: Task) -> None:
        """Let a task follow those that were asked for before."""
        with self._lock:
            self._waiting.append((asker, task))
        self._workers.start(RunningWork.DRAFT, asker, self._do_all)

    def _do_all(self, post: Post) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    return
                asker, task = self._waiting.popleft()
            try:
                task(lambda message, asker=asker: _post(asker, message))  # type: ignore[misc]
            except BunsuiError as problem:
                hint = f"  {problem.hint.splitlines()[0]}" if problem.hint else ""
                post(EditRefused(line(span(problem.summary, Role.BAD), span(hint, Role.MUTED))))

    @property
    def root(self) -> Path:
        """The project's folder. Refused where there are no files to edit."""
        from bunsui.project.files import RootFolder

        source = self.files().source
        if not isinstance(source, RootFolder):
            raise Refused("no-files", "there are no files here to edit", hint="Work in a checkout of the project.")
        return source.root

    def files(self, *, anew: bool = False) -> Repository:
        """Return the project's files; read `anew`, also what others wrote meanwhile."""
        if self._repository is None or anew:
            self._repository = self._project.repository()
        return self._repository

    def draft(self) -> Draft:
        """Return the draft as it is now. Refused where none is open."""
        if self._page is None:
            raise Refused("no-draft", "no pipeline is open", hint="Open one, or begin a new one.")
        return self._page.draft

    def _look(self, post: Post) -> None:
        from bunsui.services.drafting.kept import kept_drafts
        from bunsui.services.drafting.new_pipeline import template_words

        try:
            repository = self.files(anew=True)
        except BunsuiError:
            if self._folder is None or (self._folder / "bunsui.yaml").exists():
                raise
            post(ProjectLooked((), (), template_words(), has_project=False))
            return
        files = repository.source.find(repository.project.patterns)
        folders = dict.fromkeys(file.rpartition("/")[0] for file in files) or {"pipelines": None}
        drafts = [file for folder in folders for file in kept_drafts(self.root, folder)]
        post(ProjectLooked(files, drafts, template_words(), has_project=True))

    def _open(self, file: str, post: Post, asker: MessagePump) -> None:
        from bunsui.document.edit.draft import Draft, draft_of
        from bunsui.services.drafting.kept import content_of, find_draft

        self.files(anew=True)
        kept = find_draft(self.root, file)
        self._page, self._forms, self._place = None, (), ()
        if kept is None:
            self._take(draft_of(file, content_of(self.root, file)), post, asker)
            return
        draft, told = kept.draft, f"goes on with the draft of {kept.saved_at:%Y-%m-%d %H:%M} UTC"
        if kept.is_stale:
            rebased = draft.rebase(kept.now)
            if isinstance(rebased, Draft):
                draft, told = rebased, "the file changed since the draft began: both changes are in it now"
            else:
                told = f"the file changed since the draft began, and both differ at line {rebased.line}: the draft is as it was"
        self._take(draft, post, asker, told=line(span(told, Role.INFO)))

    def _open_job(self, pipeline: str, job: str, post: Post, asker: MessagePump) -> None:
        from bunsui.services.drafting.pipeline_file import file_of_pipeline

        self._open(file_of_pipeline(self.files(anew=True), pipeline), post, asker)
        if self._page is not None and any(one.name == job for one in self._page.jobs):
            self._open_form(("jobs", job), post)

    def _begin(self, name: str, template: str, post: Post, asker: MessagePump) -> None:
        from bunsui.services.drafting.new_pipeline import new_pipeline

        new = new_pipeline(self._root_or_folder, name, template=template)
        if new.beside:
            self._new = new
            post(NewPipelineShown(new))
        else:
            self._page, self._forms, self._place = None, (), ()
            self._take(new.pipeline, post, asker)

    def _write_new(self, digest: str, post: Post, asker: MessagePump) -> None:
        from bunsui.services.drafting.new_pipeline import write_new

        self.refuse_when_read_only()
        assert self._new is not None, "what is written was shown"
        written = write_new(self._root_or_folder, self._new, digest=digest)
        self.when_written()
        post(DraftSaved((line(span(f"✓ {len(written)} files written ", Role.GOOD)),)))
        self._open(self._new.pipeline.file, post, asker)

    @property
    def _root_or_folder(self) -> Path:
        """Where a new pipeline goes: the project, or the folder in which one is made."""
        if self._repository is not None or self._folder is None:
            return self.root
        return self._folder

    def _open_form(self, place: Place, post: Post) -> None:
        self._place = place
        self._show(post)

    def _find_names(self, place: Place, post: Post) -> None:
        from bunsui.document.form.expression_names import expression_names

        draft = self.draft()
        post(NamesFound(expression_names(draft.file, draft.content, place, self.files().registry)))

    def apply_edit(self, make: MakeEdit, summary: str, then: Place | None, post: Post, asker: MessagePump) -> None:
        """Make an edit now, in the thread of a task, and show what came of it."""
        from bunsui.document.edit.editing import EditRefusal

        found = self.draft().edit(make(self.draft(), self.files()), summary)
        if isinstance(found, EditRefusal):
            post(EditRefused(line(span(found.reason, Role.BAD), span(f"  {found.position}", Role.MUTED))))
            return
        self._place = self._place if then is None else then
        removed = found.steps[found.at].removed_comments if found.at else ()
        told = line(span(f"went with it: {' '.join(removed)}", Role.WARN)) if removed and found is not self.draft() else None
        self._take(found, post, asker, told=told)

    def _fix(self, finding: Diagnostic, post: Post, asker: MessagePump) -> None:
        from bunsui.services.drafting.fixing import fixes_of

        found = fixes_of(self.files(), self.draft(), finding)
        if found:
            told = line(span("fixed: ", Role.MUTED), span(found[0].words))
            self._take(found[0].draft, post, asker, told=told)
        else:
            post(EditRefused(line(span("no edit of one key settles this", Role.MUTED))))

    def _commit(self, message: str, branch: str, post: Post) -> None:
        from bunsui.checkout.draft_commit import commit_files

        self.refuse_when_read_only()
        if self.draft().is_changed:
            raise Refused("draft-not-written", "the draft is not written yet", hint="Write it first.")
        made = commit_files(self.root, [self.draft().file], message=message, branch=branch)
        post(DraftSaved((line(span(f"✓ committed {made.commit} on ", Role.GOOD), span(made.branch, Role.NAME)),)))

    def _go(self, post: Post, asker: MessagePump, *, back: bool) -> None:
        draft = self.draft()
        what = draft.undoes if back else draft.redoes
        if not what:
            post(EditRefused(line(span("nothing to undo" if back else "nothing to redo", Role.MUTED))))
            return
        told = line(span("undone: " if back else "done again: ", Role.MUTED), span(what))
        self._take(draft.undo() if back else draft.redo(), post, asker, told=told)

    def _take(self, draft: Draft, post: Post, asker: MessagePump, told: Line | None = None) -> None:
        """Take a draft as the one of now: show it, keep it, and have it checked."""
        from bunsui.services.drafting.kept import drop_draft, keep_draft
        from bunsui.view.builder.page import draft_page

        self._page = draft_page(draft, self._page)
        self._show(post, told)
        if draft.is_changed and not self._read_only:
            keep_draft(self.root, draft, self._project.now())
        elif not self._read_only:
            drop_draft(self.root, draft.file)
        self.check_again(asker)

    def check_again(self, asker: MessagePump) -> None:
        """Hold the draft against the files as they are now, which somebody wrote."""
        self._workers.start(RunningWork.CHECK, asker, self._check)

    def _show(self, post: Post, told: Line | None = None) -> None:
        page = self._page
        assert page is not None, "a form is opened of a draft"
        self._forms = self._read_forms(page)
        for module in ("form_rows", "diff_lines"):  # which the screen then imports without holding keys up
            import_module(f"bunsui.view.builder.{module}")
        post(DraftShown(page, self._forms, told))

    def _read_forms(self, page: DraftPage) -> tuple[Form, ...]:
        """Return the forms from the outermost to the open one; of a text that cannot be read those of before."""
        from bunsui.document.form.form import read_form

        found: list[Form] = []
        for length in range(len(self._place) + 1):
            form = read_form(
                page.draft.file,
                page.draft.content,
                self._place[:length],
                self.files().registry,
                findings=page.findings,
            )
            if form is None:
                return self._forms
            found.append(form)
        return tuple(found)

    def _check(self, post: Post) -> None:
        """Check the draft by itself, then in the whole project; what is another one by then is not told."""
        from bunsui.services.drafting.checking import check_draft
        from bunsui.view.builder.page import with_findings

        page = self._page
        if page is None:
            return
        own = check_draft(self.files(), page.draft, with_others=False)
        self._tell_findings(page, with_findings(page, own.own, None), post)
        whole = check_draft(self.files(), page.draft)
        found = with_findings(page, whole.own, whole.others)
        self._tell_findings(page, found, post)
        if not whole.has_errors:
            found = replace(found, outlook=outlook_of(self.files(), page.draft))
            self._tell_findings(page, found, post)
        if offers := offers_of(self.files(), page.draft, whole.own):
            self._tell_findings(page, replace(found, offers=offers), post)

    def _tell_findings(self, asked: DraftPage, found: DraftPage, post: Post) -> None:
        with self._lock:
            now = self._page
            if now is None or now.draft.content != asked.draft.content:
                return
            self._page = replace(found, draft=now.draft)
        self._show(post)

    def _write(self, digest: str, post: Post, asker: MessagePump) -> None:
        from bunsui.services.drafting.writing import write_draft

        self.refuse_when_read_only()
        written = write_draft(self.root, self.draft(), digest=digest)
        self.when_written()
        word = "made" if written.is_new else "written"
        self._take(written.draft, post, asker)
        post(DraftSaved((line(span(f"✓ {word} ", Role.GOOD), span(written.file, Role.NAME)),)))

    def refuse_when_read_only(self) -> None:
        """Refuse to write where that was excluded at the start."""
        if self._read_only:
            raise Refused("read-only", "this was started read-only", hint="Start it without --read-only to change something.")


def _post(asker: MessagePump, message: Message) -> None:
    with suppress(RuntimeError):  # the screen may be gone
        asker.post_message(message)
