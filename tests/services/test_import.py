"""Machines of others become the project's, with an empty plan, or everything is as it was."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bunsui.apply.events import ApplyEvent
from bunsui.apply.stop import Stop
from bunsui.diagnostics import Severity
from bunsui.errors import CloudError, InvalidInput, Locked, Refused
from bunsui.kinds.state_machine import LOGGING_OFF, MACHINE
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource
from bunsui.plan.model import Action, Reason
from bunsui.ports.machines import DescribedMachine, ListedMachine
from bunsui.services.adoption.candidates import ImportRequest
from bunsui.services.adoption.handover import OwnerLookup
from bunsui.services.adoption.importing import (
    ImportOutcome,
    ImportPlan,
    ImportStatus,
    ProjectFiles,
    admit_import,
    plan_import,
    take_over,
)
from bunsui.services.adoption.new_files import remove_new_file, replace_file, write_new_file
from bunsui.services.adoption.pipeline_file import pipeline_name
from bunsui.services.adoption.proof import prove
from bunsui.services.adoption.terraform_state import machines_in_state, state_in_bucket
from bunsui.services.apply.apply import apply_plan
from bunsui.services.apply.patience import Patience
from bunsui.services.apply.request import Answers
from tests.fakes.workspace import Workspace, a_workspace

TEXT = '{"StartAt": "A",\n\n  "States": {"A": {"Type": "Pass", "End": true}}}'
ROLE = "arn:aws:iam::000000000000:role/theirs"
REGION = "us-east-1"


@dataclass
class Theirs:
    """Machines that somebody made in the account of a workspace: both of `MachineCatalogue` and `MachineReader`."""

    workspace: Workspace
    described: dict[str, DescribedMachine] = field(default_factory=dict)
    stacks: dict[str, Mapping[str, str] | None] = field(default_factory=dict)
    lookup: OwnerLookup = field(init=False)

    def __post_init__(self) -> None:
        self.ask_again()

    def ask_again(self, **more: object) -> None:
        """Forget what stacks said."""
        self.lookup = OwnerLookup(stacks=self, **more)  # type: ignore[arg-type]

    def resources_of(self, stack: str) -> Mapping[str, str] | None:
        return self.stacks.get(stack, {})

    def make(self, name: str, *, text: str = TEXT, tags: Mapping[str, str] | None = None, **more: object) -> None:
        arn = f"arn:aws:states:{REGION}:000000000000:stateMachine:{name}"
        attributes = {
            "type": "STANDARD",
            "definition": json.loads(text),
            "role_arn": ROLE,
            "tracing": False,
            "alias": more.pop("alias", ""),
            "logging": LOGGING_OFF,
            "tags": dict(tags or {}),
        }
        self.workspace.account.objects[MACHINE, name] = ActualResource(
            address=Address(MACHINE, "?", name),
            physical_name=name,
            attributes=attributes,
            outputs={"arn": arn},
            tags=dict(tags or {}),
            revision=f"{name} 0",
        )
        machine = DescribedMachine(arn=arn, name=name, is_express=False, definition=text, role_arn=ROLE, tags=dict(tags or {}))
        self.described[arn] = replace(machine, **more)  # type: ignore[arg-type]

    def machines(self) -> Sequence[ListedMachine]:
        return [ListedMachine(arn=one.arn, name=one.name, is_express=one.is_express) for one in self.described.values()]

    def tags(self) -> Mapping[str, Mapping[str, str]]:
        return {one.arn: self.tags_of(one.name) for one in self.described.values()}

    def with_tag(self, key: str, value: str) -> Sequence[str]:
        return [one.arn for one in self.described.values() if one.tags.get(key) == value]

    def machine(self, arn: str) -> DescribedMachine | None:
        found = self.described.get(arn)
        if found is None:
            return None
        return replace(found, tags=self.tags_of(found.name))

    def tags_of(self, name: str) -> Mapping[str, str]:
        return self.workspace.account.objects[MACHINE, name].tags


@pytest.fixture
def theirs(tmp_path: Path) -> Theirs:
    return Theirs(a_workspace(tmp_path, "raw"))


def planned(theirs: Theirs, *names: str, tag: str = "", hands_over: bool = False) -> ImportPlan:
    request = ImportRequest(machines=names, tags=(tag,) if tag else (), hands_over=hands_over)
    workspace = theirs.workspace
    return plan_import(workspace.repository, workspace.ports, request, catalogue=theirs, reader=theirs, lookup=theirs.lookup)


def files_of(theirs: Theirs) -> ProjectFiles:
    root = theirs.workspace.folder
    return ProjectFiles(
        write=lambda *new: write_new_file(root, *new),
        remove=lambda path: remove_new_file(root, path),
        replace=lambda *edit: replace_file(root, *edit),
    )


def imported(theirs: Theirs, *names: str, tag: str = "", hands_over: bool = False) -> ImportOutcome:
    """Import, and prove it."""
    found, workspace = planned(theirs, *names, tag=tag, hands_over=hands_over), theirs.workspace
    admission = None
    if found.plan is not None:
        admission = admit_import(found, workspace.repository, workspace.ports, Answers(agreed=True))
        assert not admission.questions
    files, events = files_of(theirs), list[ApplyEvent]()
    events.extend(take_over(found, admission, workspace.ports, files, stop=Stop()))
    return prove(found, events, workspace.repository, workspace.ports, files=files, patience=Patience(seconds=0))


def pipelines_in(folder: Path) -> set[str]:
    return {path.name for path in (folder / "pipelines").iterdir()}


def test_an_imported_machine_has_an_empty_plan_and_its_bytes(theirs: Theirs) -> None:
    theirs.workspace.apply()
    theirs.make("Nightly_Load", tags={"team": "data"})
    outcome = imported(theirs, "Nightly_Load")
    assert [one.status for one in outcome.machines] == [ImportStatus.IMPORTED]
    assert (theirs.workspace.folder / "pipelines/Nightly_Load.asl.json").read_bytes() == TEXT.encode()
    plan = theirs.workspace.plan().plan
    assert plan is not None
    assert not plan.pending
    assert theirs.tags_of("Nightly_Load")["bunsui:pipeline"] == "Nightly_Load"
    assert theirs.tags_of("Nightly_Load")["team"] == "data"


def test_nothing_is_written_before_the_import_is_confirmed(theirs: Theirs) -> None:
    theirs.make("nightly")
    before = pipelines_in(theirs.workspace.folder)
    found = planned(theirs, "nightly")
    workspace = theirs.workspace
    admission = admit_import(found, workspace.repository, workspace.ports, Answers())
    assert admission.questions
    assert (pipelines_in(workspace.folder), workspace.account.calls) == (before, [])


def test_what_was_imported_stays_when_its_file_is_removed(theirs: Theirs) -> None:
    theirs.make("nightly")
    imported(theirs, "nightly")
    (theirs.workspace.folder / "pipelines/nightly.yaml").unlink()
    plan = theirs.workspace.plan().plan
    assert plan is not None
    [change] = [change for change in plan.pending if change.address.pipeline == "nightly"]
    assert change.reason is Reason.PREVENTED


def test_a_machine_whose_alias_leads_elsewhere_is_left_alone(theirs: Theirs) -> None:
    theirs.make("nightly", alias="live (at 1, not the newest)")
    found = planned(theirs, "nightly")
    assert found.plan is None
    [one] = found.machines
    assert one.status is ImportStatus.BLOCKED
    assert "live (at 1, not the newest)" in one.reason
    assert "The alias keeps its routing" in one.reason


@pytest.mark.parametrize(
    ("tags", "told"),
    [
        ({"bunsui:project": "other", "bunsui:environment": "prod"}, "the bunsui project other"),
        ({"bunsui:project": "raw", "bunsui:environment": "prod"}, "environment prod"),
    ],
)
def test_what_somebody_else_manages_is_not_imported(theirs: Theirs, tags: Mapping[str, str], told: str) -> None:
    theirs.make("nightly", tags=tags)
    [one] = planned(theirs, "nightly").machines
    assert one.status is ImportStatus.BLOCKED
    assert told in one.reason


def test_machines_are_found_by_tag(theirs: Theirs) -> None:
    theirs.make("a", tags={"team": "data"})
    theirs.make("b")
    assert [one.candidate.machine.name for one in planned(theirs, tag="team=data").machines] == ["a"]


def test_an_import_that_fails_in_aws_gives_everything_back(theirs: Theirs) -> None:
    theirs.make("good")
    theirs.make("bad", tags={"team": "data"})
    before, files = theirs.workspace.account.objects[MACHINE, "bad"], pipelines_in(theirs.workspace.folder)

    def refuse(verb: str, name: str) -> None:
        if (verb, name) == ("update", "bad"):
            raise CloudError("forbidden", "no")

    theirs.workspace.account.after = refuse
    outcome = imported(theirs, "good", "bad")
    assert {one.candidate.machine.name: one.status for one in outcome.machines} == {
        "bad": ImportStatus.UNDONE,
        "good": ImportStatus.IMPORTED,
    }
    after = theirs.workspace.account.objects[MACHINE, "bad"]
    assert (after.tags, after.attributes) == (before.tags, before.attributes)
    assert pipelines_in(theirs.workspace.folder) - files == {"good.yaml", "good.asl.json"}
    assert Address(MACHINE, "bad") not in theirs.workspace.ports.state.applied()
    assert not theirs.workspace.ports.ledger.journal.pending()


def test_files_go_again_when_somebody_else_holds_the_lock(theirs: Theirs) -> None:
    theirs.make("nightly")
    files = pipelines_in(theirs.workspace.folder)
    found, workspace = planned(theirs, "nightly"), theirs.workspace
    admission = admit_import(found, workspace.repository, workspace.ports, Answers(agreed=True))

    def locked() -> None:
        raise Locked("locked", "somebody else applies")

    ports = replace(workspace.ports, account_checked=locked)
    with pytest.raises(Locked):
        list(take_over(found, admission, ports, files_of(theirs), stop=Stop()))
    assert pipelines_in(workspace.folder) == files


def test_an_import_that_died_goes_on_where_it_ended(theirs: Theirs) -> None:
    theirs.make("nightly")
    found, workspace = planned(theirs, "nightly"), theirs.workspace
    for path, content in found.files.items():
        write_new_file(workspace.folder, path, content)
    again = planned(theirs, "nightly")
    assert not again.files
    assert [one.status for one in again.machines] == [ImportStatus.NEW]
    assert imported(theirs, "nightly").is_complete
    assert [one.status for one in planned(theirs, "nightly").machines] == [ImportStatus.KNOWN]


def test_a_file_that_is_in_the_way_is_never_overwritten(theirs: Theirs) -> None:
    theirs.make("nightly")
    (theirs.workspace.folder / "pipelines/nightly.asl.json").write_text("{}")
    with pytest.raises(InvalidInput) as caught:
        planned(theirs, "nightly")
    assert caught.value.facts["file"] == "pipelines/nightly.asl.json"


def test_text_that_looks_like_a_placeholder_is_taken_as_it_stands(theirs: Theirs) -> None:
    text = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": "${AWS::Region} $${x} ${y}", "End": true}}}'
    theirs.make("nightly", text=text)
    assert imported(theirs, "nightly").is_complete
    assert (theirs.workspace.folder / "pipelines/nightly.asl.json").read_bytes() == text.encode()


def test_the_projects_alerts_are_not_those_of_an_imported_machine(theirs: Theirs) -> None:
    with (theirs.workspace.folder / "bunsui.yaml").open("a") as project:
        project.write("channels: {ops: {type: sns}}\nalerts: [{event: failed, notify: [ops]}]\n")
    theirs.make("nightly")
    assert imported(theirs, "nightly").is_complete


@pytest.mark.parametrize(
    ("machine", "name"),
    [("Nightly_Load", "Nightly_Load"), ("a--b", "a-b"), ("9 to 5", "machine-9-to-5"), ("-", "machine"), ("x" * 80, "x" * 64)],
)
def test_a_machine_gives_its_name_to_the_pipeline(machine: str, name: str) -> None:
    assert pipeline_name(machine) == name


STACK = {"aws:cloudformation:stack-name": "etl"}


def of_stack(theirs: Theirs, *, tags: Mapping[str, str] | None = None) -> None:
    theirs.make("nightly", tags={**STACK, **(tags or {})})
    theirs.workspace.account.objects[MACHINE, "nightly"] = replace(
        theirs.workspace.account.objects[MACHINE, "nightly"],
        attributes={**theirs.workspace.account.objects[MACHINE, "nightly"].attributes, "tags": dict(tags or {})},
    )
    theirs.stacks["etl"] = {next(iter(theirs.described)): "Nightly"}


def test_a_machine_of_a_stack_is_watched_and_never_written(theirs: Theirs) -> None:
    theirs.workspace.apply()
    of_stack(theirs)
    theirs.workspace.account.calls.clear()
    [one] = imported(theirs, "nightly").machines
    assert one.status is ImportStatus.OBSERVED
    file = theirs.workspace.folder / "pipelines/nightly.yaml"
    assert "observed: CloudFormation stack etl\n" in file.read_text()
    assert not theirs.workspace.account.calls
    plan = theirs.workspace.plan().plan
    assert plan is not None
    assert not plan.pending
    [finding] = [found for found in plan.diagnostics if found.code == "BS550"]
    assert (finding.severity, "CloudFormation stack etl" in finding.summary) == (Severity.INFO, True)

    theirs.workspace.edit("pipelines/nightly.asl.json", "Pass", "Succeed")
    theirs.workspace.edit("pipelines/nightly.asl.json", ', "End": true', "")
    refused = theirs.workspace.plan().plan
    assert refused is not None
    [change] = refused.pending
    assert (change.action, change.reason) == (Action.REFUSE, Reason.OBSERVED)
    with pytest.raises(Refused) as caught:
        list(apply_plan(refused, theirs.workspace.ports))
    assert "CloudFormation stack etl" in caught.value.hint
    assert not theirs.workspace.account.calls


def test_a_stack_hands_a_machine_over_once_it_has_let_go(theirs: Theirs) -> None:
    of_stack(theirs)
    imported(theirs, "nightly")
    [one] = planned(theirs, "nightly", hands_over=True).machines
    assert one.status is ImportStatus.WAITING
    assert any("DeletionPolicy: Retain" in step for step in one.candidate.steps)
    assert any("Nightly" in step for step in one.candidate.steps)

    theirs.stacks.clear()
    theirs.ask_again()
    [done] = imported(theirs, "nightly", hands_over=True).machines
    assert done.status is ImportStatus.IMPORTED
    assert "observed" not in (theirs.workspace.folder / "pipelines/nightly.yaml").read_text()
    plan = theirs.workspace.plan("nightly").plan
    assert plan is not None
    assert not plan.pending
    assert theirs.tags_of("nightly")["bunsui:pipeline"] == "nightly"


def test_a_stack_that_nobody_may_ask_is_believed_by_its_tag(theirs: Theirs) -> None:
    of_stack(theirs)
    theirs.stacks["etl"] = None
    [one] = planned(theirs, "nightly", hands_over=True).machines
    assert one.status is ImportStatus.WAITING


@pytest.mark.parametrize(("index", "first"), [(None, "removed {"), ("eu", "terraform state rm")])
def test_terraform_is_told_to_forget_a_machine_without_destroying_it(theirs: Theirs, index: str | None, first: str) -> None:
    theirs.make("nightly")
    [arn] = theirs.described
    instance = {"attributes": {"arn": arn}, **({"index_key": index} if index else {})}
    state = {
        "version": 4,
        "resources": [
            {"mode": "data", "type": "aws_sfn_state_machine", "name": "read", "instances": [{"attributes": {"arn": arn}}]},
            {"mode": "managed", "type": "aws_sfn_state_machine", "name": "n", "module": "module.etl", "instances": [instance]},
        ],
    }
    machines = machines_in_state(json.dumps(state).encode(), file="state.json")
    assert machines == {arn: "module.etl.aws_sfn_state_machine.n" + ('["eu"]' if index else "")}
    theirs.ask_again(states=machines, has_states=True)
    assert [one.status for one in imported(theirs, "nightly").machines] == [ImportStatus.OBSERVED]

    theirs.ask_again()
    [one] = planned(theirs, "nightly", hands_over=True).machines
    assert one.status is ImportStatus.WAITING, "without a state nobody sees that it is done"
    assert any(first in step for step in one.candidate.steps)
    theirs.ask_again(has_states=True)
    assert imported(theirs, "nightly", hands_over=True).is_complete
    assert [one.status for one in planned(theirs, "nightly").machines] == [ImportStatus.KNOWN]


@pytest.mark.parametrize("content", [b"", b"[]", b'{"version": 3, "resources": []}', b'{"version": 4}', b"\xff"])
def test_what_is_no_state_of_terraform_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput):
        machines_in_state(content, file="state.json")


def by_its_file(theirs: Theirs) -> None:
    """A machine that a pipeline's file names, and that is not ours."""
    theirs.make("nightly")
    folder = theirs.workspace.folder / "pipelines"
    (folder / "mine.asl.json").write_text(TEXT)
    said = f"version: 1\nname: mine\nresource_name: nightly\ndefinition: mine.asl.json\nroles: {{machine: {ROLE}}}\n"
    (folder / "mine.yaml").write_text(f"{said}logging: {{level: 'OFF', destination: none}}\n")


def not_ours_note(theirs: Theirs) -> str:
    plan = theirs.workspace.plan("mine").plan
    assert plan is not None
    [change] = [change for change in plan.pending if change.address.kind == MACHINE]
    assert change.reason is Reason.NOT_OURS
    return change.note


def test_the_plan_of_a_machine_of_others_offers_the_import_that_takes_it_over(theirs: Theirs) -> None:
    by_its_file(theirs)
    assert "To take it over: `bunsui import nightly`" in not_ours_note(theirs)
    assert imported(theirs, "nightly").is_complete
    plan = theirs.workspace.plan("mine").plan
    assert plan is not None
    assert not plan.pending


def test_the_plan_of_a_machine_that_differs_offers_to_tell_what_differs(theirs: Theirs) -> None:
    by_its_file(theirs)
    theirs.workspace.edit("pipelines/mine.yaml", "destination: none}", "destination: none}\ntracing: true")
    assert "What differs is told by `bunsui import nightly`" in not_ours_note(theirs)
    [one] = planned(theirs, "nightly").machines
    assert one.status is ImportStatus.BLOCKED
    assert "tracing" in one.reason


def test_the_plan_of_a_stacks_machine_offers_to_watch_it_and_its_handover(theirs: Theirs) -> None:
    by_its_file(theirs)
    of_stack(theirs)
    note = not_ours_note(theirs)
    assert "`observed: CloudFormation stack etl`" in note
    assert "`bunsui import nightly --handover`" in note
    [one] = planned(theirs, "nightly", hands_over=True).machines
    assert one.status is ImportStatus.WAITING


class StatesInS3:
    """A bucket with one state of Terraform."""

    def state_in(self, bucket: str, key: str) -> bytes | None:
        return b"state" if (bucket, key) == ("states", "etl/terraform.tfstate") else None


@pytest.mark.parametrize("address", ["s3://states/other", "s3://states", "s3://STATES/etl", "s3:///x"])
def test_a_state_that_is_not_in_its_bucket_is_never_taken_for_an_empty_one(address: str) -> None:
    with pytest.raises(InvalidInput):
        state_in_bucket(address, StatesInS3())


def test_the_steps_of_terraform_end_with_the_state_in_its_bucket(theirs: Theirs) -> None:
    address = "s3://states/etl/terraform.tfstate"
    assert state_in_bucket(address, StatesInS3()) == b"state"
    theirs.make("nightly")
    [arn] = theirs.described
    theirs.ask_again(states={arn: "aws_sfn_state_machine.n"}, has_states=True, named_states=(address,))
    [one] = planned(theirs, "nightly", hands_over=True).machines
    assert one.candidate.steps[-1].endswith(f"bunsui import nightly --handover --tfstate {address}")


def test_an_express_machine_is_refused_with_what_can_be_done(theirs: Theirs) -> None:
    theirs.make("fast", is_express=True)
    [one] = planned(theirs, "fast").machines
    assert one.status is ImportStatus.BLOCKED
    assert "`bunsui import FILE.asl.json`" in one.reason
