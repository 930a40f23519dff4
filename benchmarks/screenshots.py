"""Makes the pictures of the README: the screens of the terminal UI over a real project in the embedded AWS.

`python -m benchmarks.screenshots` copies the example pipelines into a scratch folder, deploys them, runs them, edits one line,
and writes what `bunsui tui` then shows to `docs/images`.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from textual.pilot import Pilot

from bunsui.aws.connect import Traffic
from bunsui.composition import workspace as bootstrap
from bunsui.emulator.launcher import launcher
from bunsui.model.session import Session
from bunsui.services.apply.apply import apply_plan
from bunsui.services.plan import plan_project
from bunsui.services.run import RunRequest, start_session
from bunsui.services.session_context import SessionContext, open_context
from bunsui.services.watch import follow
from bunsui.tui.app import BunsuiApp
from bunsui.tui.bridge import Bridge

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
SIZE = (120, 34)
FAILING = "penguin-mass"
EDITED = ("seattle-weather", "timeout: 1m", "timeout: 90s")
"""A pipeline, and the one-line edit that the picture of the plan shows."""
BUILT = ("o", "down", "down", "enter")
"""The keys that open another pipeline in the Builder."""

PICTURES = (
    ("sessions", ("1",)),
    ("session", ("1", "slash", *FAILING, "enter", "enter")),
    ("graph", ("1", "slash", *"pleasant", "enter", "enter", "left_square_bracket")),
    ("pipelines", ("2", "j", "j")),
    ("plan", ("3", "j", "j", "j")),
    ("builder", ("4", *BUILT, "j", "j", "j")),
)
"""The name of each picture, and the keys that lead to it."""
FONTS = "Fira Code, DejaVu Sans Mono, Menlo, Consolas, monospace"
ROUNDS = 2
"""How often every pipeline runs before the pictures are taken."""


@dataclass(frozen=True, slots=True)
class Scratch:
    """What the command line would ask for, in the scratch folder."""

    directory: Path
    environment: str | None = "local"
    profile: str | None = None
    region: str | None = None

    def notice(self, message: str) -> None:
        """Print it."""
        print(message)

    def connected(self, traffic: Callable[[], Traffic]) -> None:
        """Nothing is counted here."""


def main() -> None:
    """Deploy, run, edit, and take the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "weather"
        shutil.copytree(ROOT / "pipelines", root / "pipelines")
        shutil.copy(ROOT / "bunsui.yaml", root)
        scratch = Scratch(root)
        try:
            _deploy(scratch)
            _run(scratch)
            _edit(root)
            IMAGES.mkdir(parents=True, exist_ok=True)
            for name, keys in PICTURES:
                _take(scratch, IMAGES / f"{name}.svg", keys)
        finally:
            launcher.stop(root / ".bunsui" / "local")


def _deploy(scratch: Scratch) -> None:
    repository, ports = bootstrap.reconcile(scratch)
    plan = plan_project(repository, ports).plan
    if plan is None:
        raise SystemExit("the example pipelines have errors: see `bunsui validate`")
    for event in apply_plan(plan, ports):
        print(event)


def _run(scratch: Scratch) -> None:
    context = open_context(*bootstrap.sessions(scratch))
    for name in sorted(context.pipelines) * ROUNDS:
        print(name, _ended(context, start_session(context, RunRequest(pipeline=name))).status.value)


def _ended(context: SessionContext, session: Session) -> Session:
    snapshots = list(follow(context, session))
    return snapshots[-1].session


def _edit(root: Path) -> None:
    name, before, after = EDITED
    path = root / "pipelines" / f"{name}.yaml"
    text = path.read_text(encoding="utf-8")
    if before not in text:
        raise SystemExit(f"{path.name} no longer says {before!r}: choose another edit")
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def _take(scratch: Scratch, path: Path, keys: tuple[str, ...]) -> None:
    bridge = Bridge(
        open_project=lambda: bootstrap.offline(scratch),
        open_reconcile=lambda: bootstrap.reconcile(scratch),
        open_sessions=lambda: bootstrap.Workspace(scratch).read_sessions,
        open_morning=lambda: bootstrap.Workspace(scratch).morning,
        folder=scratch.directory,
    )
    app = BunsuiApp(bridge)

    async def play(pilot: Pilot[object]) -> None:
        await _rest(pilot, lambda: bridge.is_idle)
        for key in keys:
            await pilot.press(key)
            await _rest(pilot, lambda: bridge.is_idle)
        path.write_text(_self_contained(app.export_screenshot(title="bunsui")), encoding="utf-8")
        app.exit()

    app.run(headless=True, size=SIZE, auto_pilot=play)
    print(path.relative_to(ROOT))


def _self_contained(svg: str) -> str:
    """Return the picture without the fonts that it would load from the network; the viewer's own are named instead."""
    without = re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.DOTALL)
    return re.sub(r'font-family: "?Fira Code"?(, monospace)?;', f"font-family: {FONTS};", without)


async def _rest(pilot: Pilot[object], is_idle: Callable[[], bool]) -> None:
    limit = monotonic() + 60
    await pilot.pause(0.2)
    while not is_idle() and monotonic() < limit:
        await pilot.pause(0.1)
    await pilot.pause(0.2)


if __name__ == "__main__":
    main()
