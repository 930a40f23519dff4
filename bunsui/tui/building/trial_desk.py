"""Trials of the draft that is on the desk: what has to be asked before one, the trial itself, the beginning of a test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.message_pump import MessagePump

from bunsui.tui.building.held_draft import HeldDraft
from bunsui.tui.building.messages import DraftTried, SimulationAsked, TestsMissing
from bunsui.tui.building.trying import Trial, has_tests, simulation_form, try_draft
from bunsui.tui.messages import RunningWork
from bunsui.tui.opened_project import OpenedProject
from bunsui.tui.work_threads import Post, WorkThreads
from bunsui.view.diagnostic import diagnostic_lines

if TYPE_CHECKING:
    # At run time these would bring YAML and pydantic before the first frame.
    from bunsui.document.edit.edits import DocumentEdit
    from bunsui.view.builder.page import DraftPage


class TrialDesk:
    """Tries the draft as it is when it is asked. Its methods begin work and return at once."""

    def __init__(self, desk: HeldDraft, workers: WorkThreads, project: OpenedProject) -> None:
        """Try what lies on the desk."""
        self._desk = desk
        self._workers = workers
        self._project = project

    def attempt(self, asker: MessagePump, trial: Trial) -> bool:
        """Plan, simulate or test the draft without writing it; answers DraftTried, or what has to be asked or made before:
        SimulationAsked where the pipeline has parameters, TestsMissing. Tells whether the work began."""
        page = self._desk.page
        return page is not None and self._workers.start(RunningWork.TRY, asker, lambda post: self._begin(trial, page, post))

    def simulate(self, asker: MessagePump, params: Sequence[str]) -> bool:
        """Run the draft once with these parameters, `NAME=VALUE` each; answers DraftTried. Tells whether the work began."""
        page = self._desk.page
        return page is not None and self._workers.start(
            RunningWork.TRY, asker, lambda post: self._try(Trial.SIMULATE, page, post, params)
        )

    def begin_test(self, asker: MessagePump) -> None:
        """Write a first test into the draft; answers DraftShown, or DraftTried with what is wrong."""
        self._desk.do(asker, lambda post: self._begin_test(post, asker))

    def _begin(self, trial: Trial, page: DraftPage, post: Post) -> None:
        if trial is Trial.SIMULATE and (form := simulation_form(self._desk.files(), page.draft)) is not None:
            post(SimulationAsked(page.pipeline, form))
        elif trial is Trial.TEST and not has_tests(self._desk.files(), page.draft):
            post(TestsMissing(page.pipeline))
        else:
            self._try(trial, page, post, ())

    def _try(self, trial: Trial, page: DraftPage, post: Post, params: Sequence[str]) -> None:
        if trial is Trial.PLAN:
            repository, ports = self._project.reconcile()
            lines = try_draft(trial, repository, page.draft, ports)
        else:
            lines = try_draft(trial, self._desk.files(), page.draft, None, params=params)
        post(DraftTried(f"{trial.value} of {page.pipeline}, as drafted", lines))

    def _begin_test(self, post: Post, asker: MessagePump) -> None:
        from bunsui.services.drafting.first_test import first_test

        found = first_test(self._desk.files(), self._desk.draft())
        if isinstance(found, tuple):
            post(DraftTried("no test can be begun as long as the draft has errors", diagnostic_lines(found)))
            return
        edit: DocumentEdit = found
        self._desk.apply_edit(lambda _draft, _repository: edit, "+ test", ("tests", 0), post, asker)
