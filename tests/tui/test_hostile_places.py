"""Whatever comes from outside, wherever it is shown: no byte of it reaches the terminal, none is read as markup, and every line
stays as wide as the screen. A way onto the screen that is not listed here fails."""

from __future__ import annotations

import ast
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual import events
from textual.pilot import Pilot

import bunsui.tui
from bunsui.model.json import Json
from bunsui.services.plan import plan_project
from bunsui.services.run import RunRequest, start_session
from bunsui.services.session_context import SessionContext, open_context
from bunsui.tui.app import BunsuiApp
from bunsui.tui.bridge import Bridge
from bunsui.tui.widgets.line_input import shown_signs
from bunsui.view.documents.plan import plan_file
from bunsui.view.saved_plan import read_plan_file
from tests.fakes.gated import GatedRoom
from tests.tui.stage import Stage, on_stage, played, press, recorded, screen_text, until
from tests.tui.test_hostile_text import a_session

pytestmark = pytest.mark.timeout(120)

SPOKEN = "\x1b]2;PWNED\x07\x1b[31mRED\x9b2J"
MARKUP = "[@click=app.quit]CLICK[/] [red]x[/red] [/oops]"
TURNED = "abc\u202edcb\u2066\u200b\u2028"
WIDE = "漢字か\u3099e\u0301\U0001f468\u200d\U0001f469"
HOSTILE = f"{SPOKEN}{MARKUP}{TURNED}{WIDE}" + "long " * 40
SHORT = f"{SPOKEN}{MARKUP}{TURNED}{WIDE}"
UNPRINTABLE = ("\x1b", "\x07", "\x9b", "\u202e", "\u2066", "\u200b", "\u2028")
DRAWN_AS_THEY_ARE = {"Static", "Label", "Markdown", "TextArea", "RichLog", "Log", "Input", "OptionList", "DataTable", "Pretty"}
"""Widgets of Textual that show text in another way than as lines of spans: none of them but through one of ours."""
OURS = {"widgets/line_input.py"}
OTHER_WAYS = {
    "palette.py": "typed commands as lines of the palette: their text is made safe, their summary is no markup",
    "app.py": "the names of our own screens",
}
"""Files that hand text to Textual, and what it is."""


@dataclass(frozen=True)
class Place:
    """Where text from outside is shown."""

    name: str
    opened: Callable[[Path], Any]
    """An app in front of it."""
    keys: Sequence[str]
    """What is pressed, one after another; `paste` pastes all of it."""
    shows: str = "CLICK[/]"
    """What stands on the screen at last."""


def pipeline(**more: Json) -> str:
    document = {
        "version": 1,
        "name": "orders",
        "description": HOSTILE,
        "parameters": {"rows": {"type": "string", "default": SHORT, "description": HOSTILE}},
        "jobs": {"extract": {"type": "wait", "for": "5s", "description": HOSTILE}},
        **more,
    }
    return json.dumps(document)


def staged(folder: Path) -> Stage:
    stage = Stage(folder)
    stage.write("orders", pipeline())
    stage.apply()
    return stage


def poisoned(value: Any) -> Any:
    """The same, with every text of an input, an output, an error or a cause replaced."""
    told = {"input", "output", "error", "cause", "parameters"}
    return {key: json.dumps({"k": HOSTILE}) if key in told else each for key, each in value.items()}


def failed(folder: Path) -> Any:
    """A session of which every word comes from elsewhere."""
    stage = Stage(folder)
    stage.write("orders")
    repository, ports = stage.sessions()
    context = open_context(repository, ports)
    definition, script = recorded("failed", error=SHORT, cause=json.dumps({"errorMessage": HOSTILE, "errorType": SHORT}))
    steps = tuple(replace(step, details=poisoned(step.details)) for step in script.steps)
    states: Mapping[str, Json] = json.loads(json.dumps(definition))
    arn = context.machine("orders").arn
    stage.execution.machine(arn, definition=states, writer=lambda _payload: replace(script, steps=steps))
    session = start_session(context, RunRequest(pipeline="orders"))
    stage.log("f-load", HOSTILE, SHORT)
    stage.clock.sleep(10)
    context.manager.sync(session, target_arn=context.machine("orders").alias_arn)
    return on_stage(stage, size=(120, 36))


def gate(folder: Path) -> Any:
    room, stage = GatedRoom(), Stage(folder)
    room.waiting(rows="7")

    def opened() -> SessionContext:
        stage.openings += 1
        return room.context

    return on_stage(stage, size=(120, 36), open_sessions=lambda: opened)


def drifted(folder: Path) -> Any:
    stage = Stage(folder)
    stage.write("orders")
    stage.apply()
    for key, item in list(stage.account.objects.items()):
        tags = {"owner": HOSTILE, SHORT: "x"}
        stage.account.objects[key] = replace(item, attributes={**item.attributes, "tags": tags}, revision="by hand")
    stage.clock.sleep(60)
    return on_stage(stage, size=(120, 36))


def on_form(folder: Path) -> Any:
    return on_stage(staged(folder), size=(120, 36))


def drafted(folder: Path) -> Any:
    stage = Stage(folder)
    stage.write("orders", pipeline(**{SHORT: HOSTILE}))
    return on_stage(stage, size=(120, 36))


@asynccontextmanager
async def strangers_plan(folder: Path) -> AsyncIterator[Pilot[None]]:
    stage = Stage(folder)
    stage.write("orders", pipeline())
    repository, ports = stage.reconcile()
    plan = plan_project(repository, ports).plan
    assert plan is not None
    changes = tuple(replace(one, note=HOSTILE, newly_allowed=((SHORT, HOSTILE),)) for one in plan.changes)
    document = plan_file(replace(plan, changes=changes, commit=SHORT), "saved-1", made_by=HOSTILE)
    file = read_plan_file(json.dumps(document).encode(), SHORT)
    bridge = Bridge(
        open_project=stage.repository,
        open_reconcile=stage.reconcile,
        open_sessions=lambda: stage.sessions,  # type: ignore[arg-type,return-value]  # nothing is asked of it
        now=stage.clock.now,
        file=file,
    )
    async with BunsuiApp(bridge).run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "orders" in screen_text(pilot.app))
        yield pilot


TAB, BACK = "right_square_bracket", "left_square_bracket"
PLACES = (
    Place("pipelines: what was changed outside, its preview, its copies", drifted, ("2", "y", "escape", "x")),
    Place("plan: what was changed outside, its impact", drifted, ("3", "n", TAB, TAB, TAB, "y", "escape", "a"), "owner"),
    Place("run form: descriptions, defaults, what is typed, the question", on_form, ("2", "n", "paste", "enter")),
    Place("backfill form", on_form, ("2", "b", "paste", "enter"), "PWNED"),
    Place("note of an approval, then the question", gate, ("1", "a", "paste", "enter")),
    Place("line after the colon, and why it is not understood", on_form, ("colon", "paste", "enter"), "PWNED"),
    Place("line in which the palette is searched", on_form, ("ctrl+p", "paste"), "PWNED"),
    Place("filter of a list", on_form, ("2", "slash", "paste"), "PWNED"),
    Place("session: story", failed, ("1", "enter")),
    Place("session: events, one of them whole", failed, ("1", "enter", TAB, "G", "enter")),
    Place("session: input and output", failed, ("1", "enter", "enter", "y")),
    Place("session: logs, and what is sought in them", failed, ("1", "enter", "l", "w", "slash", "paste", "enter")),
    Place("session: recovery, graph", failed, ("1", "enter", BACK, BACK, "j", "enter", "escape", BACK), "recovery"),
    Place("builder: form, findings, values to edit", drafted, ("4", "enter", "j", "j", "enter", "paste", "enter", "escape")),
    Place("builder: what is looked for, named, written", drafted, ("4", "j", "R", "paste", "enter", "escape", "D", "w")),
    Place("plan of a stranger", strangers_plan, ("n", TAB, TAB, TAB, "y")),
)


def assert_harmless(app: BunsuiApp, where: str) -> None:
    """Nothing unprintable stands on the screen, every line fills it, and nothing can be clicked that text asked for."""
    for strip in app.screen._compositor.render_strips()[: app.size.height]:
        found = [character for character in UNPRINTABLE if character in strip.text]
        assert not found, (where, strip.text)
        assert strip.cell_length == cell_len(strip.text) == app.size.width, (where, strip.text)
        for segment in strip:
            assert "app.quit" not in str(segment.style.meta if segment.style else ""), (where, segment)


@pytest.mark.parametrize("place", PLACES, ids=[place.name.replace(" ", "-") for place in PLACES])
def test_text_from_outside_is_shown_letter_by_letter(tmp_path: Path, place: Place) -> None:
    @played
    async def go() -> None:
        async with place.opened(tmp_path) as pilot:
            seen = ""
            for key in place.keys:
                if key == "paste":
                    pilot.app.post_message(events.Paste(SHORT))
                    await press(pilot)
                else:
                    await press(pilot, key)
                assert_harmless(pilot.app, f"{place.name}: {key}")
                seen += screen_text(pilot.app)
            assert pilot.app.is_running
            assert place.shows in seen, seen[-4000:]

    go()


def test_the_palette_reads_no_markup_of_what_it_offers(tmp_path: Path) -> None:
    @played
    async def go() -> None:
        stage = Stage(tmp_path)
        stage.write("orders")
        stage.rows.add(a_session(SHORT))
        async with on_stage(stage, size=(120, 36)) as pilot:
            assert isinstance(pilot.app, BunsuiApp)
            await press(pilot, "1", "ctrl+p", *"session 01")
            await until(pilot, lambda: "CLICK" in screen_text(pilot.app))
            assert_harmless(pilot.app, "palette")

    go()


def test_every_sign_of_a_line_to_type_in_is_one_for_one() -> None:
    shown = shown_signs(SHORT)
    assert len(shown) == len(SHORT)
    assert shown.isprintable()


def calls(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        elif isinstance(node, ast.ClassDef):
            yield from (base.id for base in node.bases if isinstance(base, ast.Name))


def test_text_has_no_other_way_onto_the_screen() -> None:
    root = Path(bunsui.tui.__file__).parent
    found = {
        str(path.relative_to(root)): set(calls(ast.parse(path.read_text(encoding="utf-8")))) for path in root.rglob("*.py")
    }
    assert {name for name, used in found.items() if used & DRAWN_AS_THEY_ARE} == OURS
    handed = {"notify", "Hit", "DiscoveryHit", "SystemCommand", "from_markup"}
    assert {name for name, used in found.items() if used & handed} == set(OTHER_WAYS)
