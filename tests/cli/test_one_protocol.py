"""The same plan with the same answers ends the same through every face: typed, by flags, saved, as a destroy, on the screen."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from queue import SimpleQueue

import pytest
from textual.message import Message
from textual.message_pump import MessagePump

from bunsui.apply.events import ApplyFinished
from bunsui.cli.apply_flow import carried
from bunsui.cli.output import Output
from bunsui.errors import BunsuiError, ExitCode
from bunsui.model.environment.freeze import FreezeWindow
from bunsui.plan.model import Plan
from bunsui.plan.saved.planfile import plan_document, saved_plan
from bunsui.project.repository import Repository
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.apply.request import Answers, ApplyOperation, ApplyRequest
from bunsui.services.apply.saved import check_saved
from bunsui.services.plan import plan_project
from bunsui.tui.bridge import Bridge
from bunsui.tui.messages import Admitted, Applied, Failed
from bunsui.view.apply.questions import name_to_type
from bunsui.view.documents.plan import check_shown, plan_file
from tests.fakes.workspace import Workspace, a_workspace

ETL = "pipelines/etl.yaml"
WINDOW = FreezeWindow(first="01-01", last="12-31", reason="closing")
PATIENT_SECONDS = 60.0


@dataclass(frozen=True)
class Room:
    """An account with something to do, and what is said about it."""

    repository: Repository
    ports: ReconcilePorts
    workspace: Workspace
    words: frozenset[str]
    in_ci: bool

    def plan(self) -> Plan:
        plan = plan_project(self.repository, self.ports).plan
        assert plan is not None
        return plan

    def request(self, plan: Plan) -> ApplyRequest:
        return ApplyRequest(plan=plan, in_ci=self.in_ci)


class Typist(Output):
    """A terminal at which somebody types what they are ready to say, and nothing else."""

    def __init__(self, words: frozenset[str]) -> None:
        super().__init__()
        self.words = words

    def _answer(self, prompt: str, *, flag: str) -> str:
        asked = prompt.partition("Type '")[2].partition("'")[0]
        return (asked if asked in self.words else "") if asked else ("y" if "y" in self.words else "n")


class Asker(MessagePump):
    """Whoever asks the bridge."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: SimpleQueue[Message] = SimpleQueue()

    def post_message(self, message: Message) -> bool:
        self.answers.put(message)
        return True

    def until(self, *kinds: type[Message]) -> Message:
        while not isinstance(message := self.answers.get(timeout=PATIENT_SECONDS), kinds):
            pass
        return message


def how_it_ended(output: Output, request: ApplyRequest, room: Room) -> str:
    try:
        ended = carried(output, request, room.repository, room.ports)
    except BunsuiError as error:
        return "not confirmed" if error.code == "cannot-ask" else error.code
    if ended.plan is None:
        return "not confirmed"
    return "applied" if ended.code is ExitCode.DONE else "incomplete"


def typed(room: Room) -> str:
    return how_it_ended(Typist(room.words), room.request(room.plan()), room)


def by_flags(room: Room) -> str:
    names = room.words - {"y"}
    answers = Answers(environment="local" if "local" in names else None, pipelines=names - {"local"}, agreed=bool(room.words))
    request = replace(room.request(room.plan()), answers=answers)
    return how_it_ended(Output(), request, room)


def saved(room: Room) -> str:
    document = plan_document(json.dumps(plan_file(room.plan(), "0001")).encode())
    checked = check_saved(saved_plan(document), room.repository, room.ports, shown=partial(check_shown, document))
    plan = checked.outcome.plan
    assert plan is not None
    request = replace(room.request(plan), saved=checked)
    return how_it_ended(Typist(room.words), request, room)


def as_destroy(room: Room) -> str:
    request = replace(room.request(room.plan()), operation=ApplyOperation.DESTROY)
    return how_it_ended(Typist(room.words), request, room)


def on_screen(room: Room) -> str:
    bridge, asker = _bridge(room), Asker()
    bridge.ask(asker, room.plan())
    message = asker.until(Admitted, Failed)
    if isinstance(message, Failed):
        return message.problem.code
    assert isinstance(message, Admitted)
    admission = message.admission
    for question in admission.questions:
        if (name_to_type(question) or "y") not in room.words:
            return "not confirmed"
        admission = admission.answered(question)
    bridge.apply(asker, admission)
    while isinstance(message := asker.until(Applied, Failed), Applied):
        if isinstance(message.event, ApplyFinished):
            return "applied" if message.event.is_complete else "incomplete"
    assert isinstance(message, Failed)
    return message.problem.code


def _bridge(room: Room) -> Bridge:
    def nobody() -> tuple[Repository, object]:
        raise AssertionError("no session is asked for")

    return Bridge(
        open_project=lambda: room.repository,
        open_reconcile=lambda: (room.repository, room.ports),
        open_sessions=nobody,  # type: ignore[arg-type]  # never called
    )


FACES = (typed, by_flags, saved, as_destroy, on_screen)


def edited(workspace: Workspace) -> None:
    workspace.edit("functions/etl/etl.py", "def ", "#\ndef ")


def removed(workspace: Workspace) -> None:
    (workspace.folder / ETL).unlink()


def protected_and_removed(workspace: Workspace) -> None:
    workspace.edit(ETL, "name: etl", "name: etl\nprotect: true")
    workspace.apply()
    removed(workspace)


def drifted(workspace: Workspace) -> None:
    role = next(key for key in workspace.account.objects if key[0] == "role" and "etl" in key[1])
    workspace.clock.sleep(3600)
    workspace.account.change(*role, description="by hand")


def drifted_and_edited_elsewhere(workspace: Workspace) -> None:
    drifted(workspace)
    workspace.edit("pipelines/definitions/raw.asl.json", '"Seconds": 1', '"Seconds": 5')


def somebody_elses(workspace: Workspace) -> None:
    edited(workspace)
    key = next(key for key, item in workspace.account.objects.items() if item.address.kind == "lambda_function")
    workspace.account.objects[key] = replace(workspace.account.objects[key], tags={"owner": "somebody"})


@dataclass(frozen=True)
class Case:
    """What was done, what is said, and how it ends."""

    prepare: Callable[[Workspace], None]
    words: str
    ends: str
    protected: bool = False
    in_ci: bool = False
    frozen: bool = False
    left: frozenset[str] = field(default_factory=frozenset)
    """The pipelines that are left as they are."""


CASES = {
    "a-mere-change": Case(edited, "y", "applied"),
    "a-protected-environment": Case(removed, "local", "applied", protected=True),
    "a-protected-environment-unnamed": Case(removed, "y", "not confirmed", protected=True),
    "a-protected-pipeline": Case(protected_and_removed, "etl", "applied"),
    "a-protected-pipeline-unnamed": Case(protected_and_removed, "y raw", "not confirmed"),
    "a-freeze-window": Case(edited, "y", "environment-frozen", frozen=True),
    "drift-nobody-accepted-in-ci": Case(drifted, "y", "outside-change-not-accepted", in_ci=True),
    "drift-that-is-left-in-ci": Case(drifted_and_edited_elsewhere, "y", "incomplete", in_ci=True, left=frozenset({"etl"})),
    "not-ours": Case(somebody_elses, "y", "plan-refused"),
}


def room_of(case: Case, folder: Path) -> Room:
    workspace = a_workspace(folder, "etl", "raw")
    workspace.apply()
    case.prepare(workspace)
    found, ports = workspace.repository, workspace.ports
    environment = replace(found.project.environment, protected=case.protected)
    repository = replace(found, project=replace(found.project, environment=environment), is_local=False)
    ports = replace(ports, frozen=lambda at: WINDOW if case.frozen else None)
    return Room(repository, ports, workspace, frozenset(case.words.split()), case.in_ci)


@pytest.mark.parametrize("name", CASES)
def test_every_face_ends_the_same(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = CASES[name]
    monkeypatch.setenv("CI", "true" if case.in_ci else "")
    ends, accounts, left = {}, set(), {}
    for face in FACES:
        room = room_of(case, tmp_path / face.__name__ / "orders")
        before = dict(room.workspace.account.objects)
        ends[face.__name__] = face(room)
        now = room.workspace.account.objects
        assert (now != before) is (case.ends in ("applied", "incomplete")), face.__name__
        accounts.add(repr(sorted((key, item.attributes.get("description"), sorted(item.tags)) for key, item in now.items())))
        [record] = room.ports.ledger.log.applies(limit=1)
        told = record.facts.get("left", {})
        left[face.__name__] = frozenset(told) if isinstance(told, dict) else frozenset()
    assert ends == dict.fromkeys((face.__name__ for face in FACES), case.ends)
    assert left == dict.fromkeys(ends, case.left)
    assert len(accounts) == 1
