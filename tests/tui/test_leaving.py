"""However the program is left, the terminal is as it was before, and what an apply had begun is written down."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path
from time import sleep

import pytest

from bunsui.errors import ExitCode
from tests.faults.amount import amount
from tests.pseudo_terminal import PseudoTerminal, plain

ROOT = Path(__file__).parents[2]

PROGRAM = """
import sys, threading
from pathlib import Path
from time import sleep
from bunsui.tui.app import BunsuiApp
from bunsui.tui.leaving import leaving_on_signals
from tests.tui.stage import Stage

folder = Path(sys.argv[1])
stage = Stage(folder)
stage.write("orders")

def told(name):
    while not (folder / name).exists():
        sleep(0.02)

def hold():
    told("hold")
    release = stage.hold_writes()
    (folder / "held").touch()
    told("go")
    release()

def tell():
    while True:
        (folder / "counted").write_text(str(len(stage.state.applied())))
        (folder / "counted").replace(folder / "applied")
        sleep(0.05)

threading.Thread(target=hold, daemon=True).start()
threading.Thread(target=tell, daemon=True).start()
bridge = stage.bridge()
app = BunsuiApp(bridge)
with leaving_on_signals(app):
    app.run()
assert not app.is_held
sleep(0.2)
sys.exit(app.return_code)
"""

pytestmark = [pytest.mark.timeout(180), pytest.mark.skipif(sys.platform == "win32", reason="terminals of POSIX systems")]

MODES = {"alternate screen": "?1049", "mouse": "?1000", "focus": "?1004", "pasting": "?2004"}


class Pty(PseudoTerminal):
    """The program above, and the files by which it is led."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        program = folder / "program.py"
        program.write_text(PROGRAM, encoding="utf-8")
        command = [sys.executable, str(program), str(folder)]
        super().__init__(command, folder=folder, environment={**os.environ, "PYTHONPATH": str(ROOT)})

    def show_plan(self) -> None:
        self.until_shown("help")
        self.press("3")
        self.until_shown("3 to create")

    def begin_apply(self) -> None:
        self.show_plan()
        (self.folder / "hold").touch()
        self.until((self.folder / "held").exists, "writes are not held")
        self.press("a")
        self.until_shown("Apply this plan?")
        self.press("y")
        self.until_shown("working")

    def release(self) -> None:
        (self.folder / "go").touch()

    def left(self) -> tuple[int, int]:
        """Wait for its end; give the exit code, and how many resources were applied."""
        code = self.ended()
        return code, int((self.folder / "applied").read_text())


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Pty]:
    opened = Pty(tmp_path)
    yield opened
    opened.close()


def _is_given_back(terminal: Pty) -> None:
    assert termios.tcgetattr(terminal.slave) == terminal.before  # echo, lines and signals
    text = terminal.output.decode(errors="replace")
    for name, mode in MODES.items():
        on, off = text.rfind(f"\x1b[{mode}h"), text.rfind(f"\x1b[{mode}l")
        assert off > on >= 0, name
    assert text.rfind("\x1b[?25h") > text.rfind("\x1b[?25l"), "cursor"


PALETTE = "\x10Quit\r"


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param("q", marks=SLOW, id="q"),
        pytest.param("\x11", id="ctrl+q"),
        pytest.param("\x03", marks=SLOW, id="ctrl+c"),
        pytest.param(PALETTE, marks=SLOW, id="palette"),
    ],
)
def test_a_key_asks_during_an_apply_and_waits_for_what_was_begun(terminal: Pty, keys: str) -> None:
    terminal.begin_apply()
    if keys == PALETTE:
        terminal.press("\x10")
        terminal.until_shown("Quit the application")
        terminal.press("Quit")
        sleep(1)
        terminal.press("\r")
    else:
        terminal.press(keys)
    terminal.until_shown("Stop the apply and quit?")
    terminal.press("y")
    sleep(0.5)
    assert terminal.process.poll() is None
    terminal.release()
    assert terminal.left() == (0, 2)
    _is_given_back(terminal)


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=SLOW)])
def test_a_signal_waits_for_what_was_begun_and_gives_the_terminal_back(terminal: Pty, number: signal.Signals) -> None:
    terminal.begin_apply()
    terminal.process.send_signal(number)
    sleep(0.5)
    assert terminal.process.poll() is None
    terminal.release()
    assert terminal.left() == (130, 2)
    _is_given_back(terminal)


def test_a_signal_when_nothing_is_begun_leaves_at_once(terminal: Pty) -> None:
    terminal.show_plan()
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.left() == (130, 0)
    _is_given_back(terminal)


def test_ctrl_z_gives_the_terminal_back_and_the_screen_comes_back_with_the_program(terminal: Pty) -> None:
    terminal.show_plan()
    terminal.press("\x1a")
    _, status = os.waitpid(terminal.process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    terminal.until(lambda: b"\x1b[?1049l" in terminal.output, "the alternate screen stays")
    shown = len(terminal.output)
    terminal.process.send_signal(signal.SIGCONT)
    terminal.until(lambda: "3 to create" in plain(terminal.output[shown:]), "the screen does not come back")
    terminal.press("q")
    assert terminal.left() == (0, 0)
    _is_given_back(terminal)


def test_ctrl_z_under_a_question_suspends_as_well(terminal: Pty) -> None:
    terminal.show_plan()
    terminal.press("a")
    terminal.until_shown("Apply this plan?")
    terminal.press("\x1a")
    _, status = os.waitpid(terminal.process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    shown = len(terminal.output)
    terminal.process.send_signal(signal.SIGCONT)
    terminal.until(lambda: "Apply this plan?" in plain(terminal.output[shown:]), "the question does not come back")
    terminal.press("nq")
    assert terminal.left() == (0, 0)
    _is_given_back(terminal)


@pytest.mark.parametrize("question", ["", pytest.param("q", marks=SLOW)])
def test_ctrl_z_in_the_middle_of_an_apply_says_why_not(terminal: Pty, question: str) -> None:
    terminal.begin_apply()
    if question:
        terminal.press(question)
        terminal.until_shown("Stop the apply and quit?")
    terminal.press("\x1a")
    terminal.until_shown("in the middle of a change")
    assert os.waitpid(terminal.process.pid, os.WUNTRACED | os.WNOHANG) == (0, 0)
    terminal.release()
    terminal.until_shown("Applied")
    terminal.press("nq" if question else "q")
    assert terminal.left() == (0, 3)


@pytest.mark.parametrize("says", [True, pytest.param(False, marks=SLOW)])
def test_a_line_that_drops_lets_the_apply_write_down_what_it_began(terminal: Pty, *, says: bool) -> None:
    terminal.begin_apply()
    os.close(terminal.master)
    os.close(terminal.slave)
    terminal.master = -1
    if says:
        terminal.process.send_signal(signal.SIGHUP)
    sleep(0.5)
    assert terminal.process.poll() is None
    terminal.release()
    code, applied = terminal.left()
    assert code == 130
    assert applied in ({2} if says else {2, 3})  # what is not said is noticed a moment later


WAYS = ("q", "resize q", "q resize", "q resize ctrl+c", "resize q resize ctrl+c", "T q", "q q ctrl+c", "ctrl+q", "ctrl+c")
SIGNALLED = ("term", "term resize", "resize term term", "q term")
OUT_OF_AN_APPLY = ("q y", "ctrl+q resize y", "ctrl+c y", "resize q y ctrl+c", "term", "term resize", "resize term term")
KEYS = {"ctrl+c": "\x03", "ctrl+q": "\x11"}


def act(terminal: Pty, what: str, chance: random.Random) -> None:
    """Press a key, change the size of the window, or send a signal."""
    if what == "resize":
        termios.tcsetwinsize(terminal.master, (chance.choice((12, 20, 36)), chance.choice((60, 70, 120))))
    if what in {"resize", "term"}:
        if terminal.process.poll() is None:
            terminal.process.send_signal(signal.SIGWINCH if what == "resize" else signal.SIGTERM)
    else:
        terminal.press(KEYS.get(what, what))


@SLOW
@pytest.mark.parametrize("seed", range(amount(10, 60, 400)))
def test_at_any_moment_every_way_out_gives_the_terminal_back_and_draws_nothing_more(terminal: Pty, seed: int) -> None:
    chance = random.Random(seed)
    applies = chance.random() < 0.4
    if applies:
        terminal.begin_apply()
    else:
        terminal.until_shown("help")
    for what in chance.choice(OUT_OF_AN_APPLY if applies else WAYS + SIGNALLED).split():
        act(terminal, what, chance)
        until = chance.random() * chance.choice((0.4, 0.06, 0.01))
        sleep(until)
        terminal.read()
    terminal.release()
    code, applied = terminal.left()
    assert code in {0, 130, -signal.SIGTERM}  # the last: a signal that came when it had left
    assert applied in ({2, 3} if applies else {0})
    _is_given_back(terminal)
    behind = terminal.output[terminal.output.rindex(b"\x1b[?1049l") :]
    assert "sales" not in plain(behind), "the last screen is drawn behind what the shell says"


BLOCKED = """\
import threading
from bunsui.tui import leaving

class Stuck:
    is_held = False
    def leave_unasked(self): pass

leaving._LONGEST_ENDING_SECONDS = 0.2
with leaving.leaving_on_signals(Stuck()):
    print("ready", flush=True)
    threading.Lock().acquire() and threading.Event().wait()
"""


def test_a_program_that_waits_for_a_terminal_that_is_gone_ends_when_it_is_told_to() -> None:
    with subprocess.Popen([sys.executable, "-c", BLOCKED], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == ExitCode.INTERRUPTED
