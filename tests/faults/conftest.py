"""What tests of faults share: rooms on the embedded AWS, and a summary of the figures that were reached."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bunsui.emulator.launcher.launcher import LocalEndpoint
from tests.faults.amount import ALL
from tests.faults.rooms import Room

Figure = Callable[[str, str], None]
MakeRoom = Callable[..., Room]


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Figure:
    """Tell what was measured: (number and name of the law, what was seen). `make faults` prints it at its end."""
    return lambda law, seen: record_property("figure", (law, seen))


@pytest.fixture
def room(tmp_path: Path, embedded: LocalEndpoint) -> MakeRoom:
    """Make rooms, each with a folder and an account of its own: (name, *templates)."""
    return lambda name, *templates: Room(tmp_path / name, embedded, *(templates or ("etl", "raw")))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures by law, where `make faults` asked for them."""
    if not ALL:
        return
    told: dict[str, list[tuple[str, bool]]] = {}
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, ()):
            for name, value in getattr(report, "user_properties", ()):
                if name == "figure":
                    told.setdefault(value[0], []).append((value[1], outcome == "passed"))
    terminalreporter.section("figures")
    for law in sorted(told, key=lambda law: (int(law.split()[0]), law)):
        terminalreporter.write_line(law)
        for seen, passed in sorted(set(told[law])):
            terminalreporter.write_line(f"    {'ok  ' if passed else 'FAIL'} {seen}")
