"""A question asked while another one is answered is not dropped: the newest one is answered next."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from textual.message import Message
from textual.message_pump import MessagePump

from bunsui.tui.messages import RunningWork
from bunsui.tui.screens.session import SessionScreen
from bunsui.tui.work_threads import Task, WorkThreads
from tests.tui.stage import Stage, on_stage, played, press, until

pytestmark = pytest.mark.timeout(60)


class Asker(MessagePump):
    """Keeps what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def post_message(self, message: Message) -> bool:
        self.told.append(type(message).__name__)
        return True


@pytest.mark.parametrize("work", [RunningWork.ADMIT, RunningWork.FORESEE])
def test_of_several_questions_of_one_kind_the_newest_is_answered_next_and_the_ones_before_it_never(work: RunningWork) -> None:
    subject, goes_on, began, done = WorkThreads(), threading.Event(), threading.Event(), list[str]()

    def first(_post: object) -> None:
        began.set()
        goes_on.wait(10)
        done.append("first")

    def named(name: str) -> Task:
        return lambda _post: done.append(name)

    assert subject.start(work, Asker(), first)
    assert began.wait(10)
    assert subject.start(work, Asker(), named("second"))
    assert subject.start(work, Asker(), named("third"))
    goes_on.set()
    wait_idle(subject)
    assert done == ["first", "third"]


def test_what_changes_something_is_never_begun_twice() -> None:
    subject, goes_on = WorkThreads(), threading.Event()
    assert subject.start(RunningWork.ACT, Asker(), lambda _post: hold(goes_on))
    assert not subject.start(RunningWork.ACT, Asker(), lambda _post: pytest.fail("begun twice"))
    goes_on.set()
    wait_idle(subject)


def test_a_question_that_fails_does_not_hold_up_the_one_behind_it() -> None:
    subject, goes_on, began, asker, done = WorkThreads(), threading.Event(), threading.Event(), Asker(), list[str]()

    def failing(_post: object) -> None:
        began.set()
        goes_on.wait(10)
        raise RuntimeError("gone")

    subject.start(RunningWork.FORESEE, asker, failing)
    assert began.wait(10)
    subject.start(RunningWork.FORESEE, Asker(), lambda _post: done.append("second"))
    goes_on.set()
    wait_idle(subject)
    assert asker.told == ["Failed"]
    assert done == ["second"]


@played
async def test_a_session_opened_while_another_one_is_still_read_is_shown(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders")
    stage.session("orders", "retry-then-success")
    stage.session("orders", "retry-then-success")
    async with on_stage(stage) as pilot:
        await press(pilot, "1")
        go_on = stage.hold_histories()
        await pilot.press("enter", "escape", "j", "enter")
        go_on()
        screen = pilot.app.screen
        assert isinstance(screen, SessionScreen)
        await until(pilot, lambda: screen.snapshot is not None)
        assert screen.snapshot is not None
        assert screen.snapshot.session.id == screen.session_id


def hold(until: threading.Event) -> None:
    until.wait(10)


def wait_idle(subject: WorkThreads) -> None:
    limit = threading.Event()
    for _ in range(1000):
        if subject.is_idle:
            return
        limit.wait(0.01)
    raise AssertionError("they are still at work")
