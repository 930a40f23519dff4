"""Runs the product of a copy in which a kind and an operation type were added, and prints what each face showed as JSON."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import sys
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

from textual.app import App, ComposeResult

from bunsui.aws.stepfunctions import StepFunctionsClient
from bunsui.cli.main import app
from bunsui.cli.output import Output
from bunsui.codec.writing import to_json
from bunsui.emulator.launcher.launcher import LocalEndpoint
from bunsui.model.session import SessionStatus
from bunsui.plan.model import Plan
from bunsui.services.apply.apply import apply_plan
from bunsui.services.destroy import plan_destroy
from bunsui.services.plan_request import PlanRequest, Removal
from bunsui.services.state import list_state, show_state
from bunsui.services.status import project_status
from bunsui.testkit.sessions import MemorySessionRepository
from bunsui.tui.theme import THEMES
from bunsui.tui.widgets.plan_tree import PlanTree
from bunsui.view.documents.plan import plan_document
from bunsui.view.plan.comment import plan_markdown
from bunsui.view.plan.model import plan_view
from bunsui.view.plan.review.tree import Selection
from bunsui.view.plan.text import plan_lines
from bunsui.view.spans import plain
from bunsui.view.state_view import resource_lines, state_lines
from bunsui.view.status_view import status_lines
from tests.fakes.workspace import Workspace
from tests.faults.rooms import Room, eventually

PROJECT = "version: 1\nproject: shop\nid: 6c0f2c4e-8b0a-4d55-9d3c-3f1f1f4b7a10\n"
PIPELINE = """\
version: 1
name: weigh
title: Weights
tags: {team: data}
lifecycle: {ignore: [topic.display_name]}
jobs:
  tell:
    operations: [{type: announce, say: Done.}]
"""
OTHER = PIPELINE.replace("weigh", "count").replace("say: Done.", "say: Counted., topic: figures")


class _Host(App[None]):
    def __init__(self) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name

    def compose(self) -> ComposeResult:
        yield PlanTree()


def main() -> None:
    """Play everything in the folder that is named: in memory, or on the embedded AWS that is named beside it."""
    folder = Path(sys.argv[1])
    if len(sys.argv) > 2:
        told = json.loads(sys.argv[2])
        endpoint = LocalEndpoint(**{**told, "secret_file": Path(told["secret_file"])})
        json.dump(_embedded(Room(folder, endpoint, "raw")), sys.stdout)
        return
    (folder / "pipelines").mkdir()
    (folder / "bunsui.yaml").write_text(PROJECT)
    (folder / "pipelines/weigh.yaml").write_text(PIPELINE)
    (folder / "pipelines/count.yaml").write_text(OTHER)
    json.dump({**_commands(folder), **_life(Workspace(folder))}, sys.stdout)


def _commands(folder: Path) -> dict[str, str]:
    lines = {
        "schema": ("schema", "--write"),
        "validate": ("validate",),
        "render": ("render", "weigh", "--iam"),
        "permissions plan": ("permissions", "plan"),
        "permissions apply": ("permissions", "apply"),
    }
    return {name: _printed(*(() if name == "schema" else ("-C", str(folder))), *words) for name, words in lines.items()}


def _printed(*words: str) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        app(args=list(words), standalone_mode=False, prog_name="bunsui", obj=Output())
    return out.getvalue()


def _embedded(room: Room) -> dict[str, str]:
    (room.folder / "pipelines/raw.yaml").write_text(PIPELINE.replace("weigh", "raw"))
    found = {"text": plain(plan_lines(plan_view(room.plan())))}
    room.apply()
    found["again"] = json.dumps([change.action.value for change in room.plan().pending])
    machine = show_state(room.ports, "state_machine.raw").resource.outputs["arn"]
    client = StepFunctionsClient(room.by_hand)
    execution = client.start(machine, name="one", payload={"params": {}})
    eventually(lambda: client.describe(execution).status is not SessionStatus.RUNNING)
    found["execution"] = client.describe(execution).status.value
    topic = show_state(room.ports, "topic.raw.news").resource
    room.by_hand.writer("sns").set_topic_attributes(
        TopicArn=topic.outputs["arn"], AttributeName="DisplayName", AttributeValue="Someone's"
    )
    (room.folder / "pipelines/raw.yaml").write_text(PIPELINE.replace("weigh", "raw").replace("topic.display_name", "tracing"))
    found["drift"] = plain(plan_lines(plan_view(room.plan())))
    room.apply()
    found["written"] = json.dumps([change.action.value for change in room.plan().pending])
    list(apply_plan(plan_destroy(room.repository, room.ports, PlanRequest(removal=Removal.DESTROY)), room.ports))
    found["left"] = json.dumps([str(item["TopicArn"]) for item in room.connection.pages("sns", "list_topics", "Topics")])
    return found


def _life(workspace: Workspace) -> dict[str, str]:
    found: dict[str, str] = {}
    plan = _planned(workspace)
    found |= _shown("new", plan)
    list(apply_plan(plan, workspace.ports))
    found["status"] = plain(status_lines(project_status(workspace.repository, workspace.ports, MemorySessionRepository()), UTC))
    found["again"] = json.dumps([change.action.value for change in _planned(workspace).pending])
    found["state list"] = plain(state_lines(list_state(workspace.ports), UTC))
    found["state show"] = plain(resource_lines(show_state(workspace.ports, "topic.weigh.news"), UTC))
    key = ("topic", "shop--local--news")
    workspace.account.change(*key, display_name="Someone's", tags={"team": "else"})
    found |= _shown("drift", _planned(workspace))
    (workspace.folder / "pipelines/weigh.yaml").unlink()
    found |= _shown("removal", _planned(workspace))
    list(apply_plan(_planned(workspace), workspace.ports))
    workspace.clock.sleep(timedelta(days=15).total_seconds())
    found |= _shown("end", _planned(workspace))
    list(apply_plan(_planned(workspace), workspace.ports))
    found["left"] = json.dumps(sorted(name for kind, name in workspace.account.objects if kind == "topic"))
    workspace.table.scopes.clear()
    stranger = ("topic", "shop--local--figures")
    workspace.account.objects[stranger] = replace(workspace.account.objects[stranger], tags={"owner": "somebody"})
    found |= _shown("stranger", _planned(workspace))
    workspace.account.objects.pop(stranger)
    list(apply_plan(_planned(workspace), workspace.ports))
    list(apply_plan(plan_destroy(workspace.repository, workspace.ports, PlanRequest(removal=Removal.DESTROY)), workspace.ports))
    found["destroyed"] = json.dumps([name for _, name in workspace.account.objects])
    return found


def _planned(workspace: Workspace) -> Plan:
    outcome = workspace.plan()
    assert outcome.plan is not None, outcome.diagnostics
    return outcome.plan


def _shown(when: str, plan: Plan) -> dict[str, str]:
    view = plan_view(plan)
    return {
        f"{when}: text": plain(plan_lines(view)),
        f"{when}: json": json.dumps(to_json(plan_document(plan))),
        f"{when}: comment": plan_markdown(view),
        f"{when}: tree": asyncio.run(_tree(plan)),
    }


async def _tree(plan: Plan) -> str:
    host = _Host()
    async with host.run_test(size=(110, 60)) as pilot:
        tree = host.query_one(PlanTree)
        tree.show_plan(plan_view(plan), Selection(), {})
        for _ in range(20):  # each pipeline is unfolded when its turn comes
            tree.action_next_change(1)
        await pilot.pause()
        return "\n".join(strip.text for strip in (tree.render_line(number) for number in range(50)))


if __name__ == "__main__":
    main()
