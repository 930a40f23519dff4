"""What pytest tells while a package's tests run: which test touches which lines, what each costs, which one failed first."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import Phase, settings

from tests.mutation.recording import StatementNotes

LONGEST_SECONDS = 5.0
"""Processor time that a test may take beside ten times what it took without a mutation."""


class Watch:
    """A pytest plugin: runs tests in a given order, each within a limit, and keeps the first that fails."""

    def __init__(self, chosen: Mapping[str, float]) -> None:
        self._chosen = chosen
        """By node id, the processor seconds that a test takes, in the order of running. Empty: every test, as it comes."""
        self.failed: str | None = None

    def pytest_configure(self) -> None:
        """Draw the same examples every time, and be content with any that fails."""
        settings.register_profile(
            "mutants", settings(), derandomize=True, database=None, phases=(Phase.explicit, Phase.reuse, Phase.generate)
        )
        settings.load_profile("mutants")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the chosen tests."""
        if self._chosen:
            rank = {nodeid: number for number, nodeid in enumerate(self._chosen)}
            config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in rank])
            items[:] = sorted((item for item in items if item.nodeid in rank), key=lambda item: rank[item.nodeid])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Run a test; the process dies of SIGPROF when it takes far longer than it should."""
        if item.nodeid in self._chosen:
            signal.setitimer(signal.ITIMER_PROF, LONGEST_SECONDS + 10 * self._chosen[item.nodeid])
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the first that fails."""
        if report.failed and self.failed is None:
            self.failed = report.nodeid


class Recorder(Watch):
    """A pytest plugin: runs every test, and records the statements that each touches."""

    def __init__(self, notes: StatementNotes) -> None:
        super().__init__({})
        self.seconds: dict[str, float] = {}
        self.touched: dict[str, set[tuple[str, int]]] = {}
        self._notes = notes

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Run a test, and keep what ran."""
        self._notes.ran = self.touched.setdefault(item.nodeid, set())
        started = time.process_time()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = time.process_time() - started
