"""Work in threads, at most one of a kind at a time: the newest question of what is only read waits for the one before it.

The threads are daemons, so that leaving the program never hangs on a slow answer from AWS.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue

from textual.message import Message
from textual.message_pump import MessagePump

from bunsui.tui.messages import Failed, Noticed, RunningWork
from bunsui.tui.problem import problem_of

Post = Callable[[Message], None]
Task = Callable[[Post], None]

READS = frozenset({RunningWork.FORESEE, RunningWork.ADMIT, RunningWork.VIEW, RunningWork.KEEP}) | {
    RunningWork.DRAFT,
    RunningWork.CHECK,
}
"""What changes nothing and is asked about a subject that may be another one by now: the newest question counts."""


def begin_thread(name: str, work: Callable[[], None]) -> None:
    """Let the work go on in a thread of its own."""
    threading.Thread(target=work, name=f"bunsui {name}", daemon=True).start()


def told_notices(notices: SimpleQueue[str] | None) -> list[Noticed]:
    """Return what is to be told now, once."""
    told: list[Noticed] = []
    with suppress(Empty):
        while notices is not None:
            told.append(Noticed(notices.get_nowait()))
    return told


class WorkThreads:
    """Runs tasks, and posts what they say to whoever asked."""

    def __init__(self, notices: SimpleQueue[str] | None = None) -> None:
        """Begin idle; `notices` brings what is no error but should be told to whoever asks next."""
        self._lock = threading.Lock()
        self._busy: set[RunningWork] = set()
        self._waiting: dict[RunningWork, tuple[MessagePump, Task]] = {}
        """The newest question of each kind that came while another one was under way."""
        self._notices = notices

    def is_busy(self, work: RunningWork) -> bool:
        """Tell whether such work is under way."""
        with self._lock:
            return work in self._busy

    @property
    def is_idle(self) -> bool:
        """True when nothing is under way."""
        with self._lock:
            return not self._busy

    def start(self, work: RunningWork, asker: MessagePump, task: Task) -> bool:
        """Begin the work. While the same kind is under way, a read waits for it in place of the one that waited before, and
        anything else does not begin. Tells whether an answer will come."""
        with self._lock:
            if work in self._busy:
                if work in READS:
                    self._waiting[work] = (asker, task)
                return work in READS
            self._busy.add(work)
        begin_thread(work.value, lambda: self._run(work, asker, task))
        return True

    def _run(self, work: RunningWork, asker: MessagePump, task: Task) -> None:
        following: tuple[MessagePump, Task] | None = (asker, task)
        while following is not None:
            following = self._answer(work, *following)

    def _answer(self, work: RunningWork, asker: MessagePump, task: Task) -> tuple[MessagePump, Task] | None:
        """Do one piece of work, tell whoever asked, and return what waited for it."""

        def post(message: Message) -> None:
            # The screen or the whole program may be gone by now; then nobody is left to be told.
            with suppress(RuntimeError):
                asker.post_message(message)

        try:
            task(post)
            failure = None
        except Exception as error:  # noqa: BLE001 (a thread's failure is shown on the screen; the program goes on)
            failure = Failed(work, problem_of(error))
        with self._lock:
            following = self._waiting.pop(work, None)
            if following is None:
                self._busy.discard(work)
        for notice in told_notices(self._notices):
            post(notice)
        if failure is not None:
            post(failure)
        return following
