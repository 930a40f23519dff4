"""The terminal UI in a checkout that a stranger wrote: it plans or says why not, and nothing of the checkout runs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from time import sleep

import pytest

from tests.faults.amount import ALL
from tests.faults.checkouts import fingerprint, hostile_checkout
from tests.faults.conftest import Figure
from tests.faults.traps import TRAPS, Ground
from tests.pseudo_terminal import PseudoTerminal, plain

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(1200)]

LAW = "20 hostile checkouts"
BUNSUI = Path(sys.executable).with_name("bunsui")
PLANNED = ("to create", "nothing was planned")
REFUSED = ("credentials-missing",)
EVERYWHERE = ("1", "3", "?", "\x1b", "/etl\r", "j", "l")
"""The sessions, the plan again, the help and out of it, a filter, down and into what is folded."""


def environment(ground: Ground, mode: str) -> dict[str, str]:
    """`prod` has no credentials, as nobody has who looks at a stranger's checkout."""
    return {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "HOME": str(ground.home),
        "TMPDIR": str(ground.temporary),
        "BUNSUI_ENV": mode,
        "BUNSUI_LOCAL_IDLE_MINUTES": "5",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def looked_at(base: Path, number: int, mode: str) -> list[str]:
    """Open the UI in the checkout of that number and look around; return what must not have happened."""
    ground, traps = hostile_checkout(base / f"{number}-{mode}", number)
    before, around = fingerprint(ground), environment(ground, mode)
    screen = PseudoTerminal([str(BUNSUI), "tui"], folder=ground.project, environment=around)
    try:
        screen.until_shown("help")
        screen.press("3")
        screen.until_shown(*(PLANNED if mode == "local" else REFUSED))
        for keys in EVERYWHERE:
            screen.press(keys)
            sleep(0.2)
        screen.press("\x11")
        code = screen.ended()
    finally:
        screen.close()
        subprocess.run([BUNSUI, "local", "stop"], cwd=ground.project, env=around, capture_output=True, check=False)
    after = fingerprint(ground)
    found = [f"ran {path.name}" for path in ground.ran.iterdir()]
    found += [f"changed {path}" for path in sorted(before.keys() | after.keys()) if before.get(path) != after.get(path)]
    found += [f"ended with {code}"] if code else []
    found += ["ended in a traceback"] if "Traceback" in plain(screen.output) else []
    return [f"checkout {number} ({'; '.join(traps)}), {mode}: {fault}" for fault in found]


def faults(base: Path, numbers: Sequence[int], mode: str) -> list[str]:
    return [fault for number in numbers for fault in looked_at(base, number, mode)]


@pytest.mark.skipif(not ALL, reason="the whole matrix belongs to `make faults`")
@pytest.mark.parametrize("first", range(0, len(TRAPS), 9))
def test_a_screen_of_a_hostile_checkout_harms_nobody(tmp_path: Path, figure: Figure, first: int) -> None:
    assert faults(tmp_path, [first], "local") == []
    assert faults(tmp_path, [first + 3], "prod") == []
    figure(LAW, f"{first} and {first + 3}: the terminal UI in two modes: nothing ran or changed")


@pytest.mark.parametrize(("mode", "number"), [pytest.param("local", 12, marks=pytest.mark.slow), ("prod", 3)])
def test_a_sample_of_screens_harms_nobody(tmp_path: Path, mode: str, number: int) -> None:
    assert faults(tmp_path, [number], mode) == []
