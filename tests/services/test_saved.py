"""Saved plans: applied once, continued after a death, and refused when anything about them is not as it was."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bunsui.apply.events import ApplyEvent, ApplyFinished
from bunsui.errors import BunsuiError, InvalidInput, Refused, Unavailable
from bunsui.model.address import Address
from bunsui.plan.digest import rows_digest
from bunsui.plan.saved.planfile import plan_document, saved_plan
from bunsui.plan.saved.saved_plan import checksum
from bunsui.services.apply.admission import Admission, admit, carry_out
from bunsui.services.apply.request import ApplyRequest
from bunsui.services.apply.saved import check_saved
from bunsui.view.documents.plan import check_shown, plan_file
from tests.fakes.workspace import Workspace, a_workspace
from tests.faults.amount import some

WAIT = "pipelines/definitions/raw.asl.json"


def save(workspace: Workspace, *select: str) -> dict[str, Any]:
    """Plan, save and read back, as from a file."""
    plan = workspace.plan(*select).plan
    assert plan is not None
    return plan_document(json.dumps(plan_file(plan, workspace.ports.new_id())).encode())


def admission(workspace: Workspace, document: Mapping[str, Any]) -> Admission:
    """What `bunsui apply plan.json` would carry out, and leave."""
    shown = partial(check_shown, document)
    checked = check_saved(saved_plan(document), workspace.repository, workspace.ports, shown=shown)
    assert checked.outcome.plan is not None
    made = admit(ApplyRequest(plan=checked.outcome.plan, saved=checked), workspace.repository, workspace.ports)
    if made.refusal is not None:
        raise made.refusal
    return made


def apply(workspace: Workspace, document: Mapping[str, Any]) -> ApplyFinished:
    """What `bunsui apply plan.json` does."""
    events: list[ApplyEvent] = list(carry_out(admission(workspace, document), workspace.ports, threads=1))
    assert isinstance(events[-1], ApplyFinished)
    return events[-1]


def refusal(workspace: Workspace, document: Mapping[str, Any]) -> BunsuiError:
    """The error that the plan is refused with; nothing was written."""
    workspace.account.calls.clear()
    with pytest.raises(BunsuiError) as caught:
        apply(workspace, document)
    assert not workspace.account.calls
    return caught.value


def refused_for(workspace: Workspace, document: Mapping[str, Any], pipeline: str) -> BunsuiError:
    """The error that keeps a plan from touching this pipeline, whatever becomes of the others. Nothing is written."""
    workspace.account.calls.clear()
    try:
        division = admission(workspace, document).division
    except BunsuiError as error:
        return error
    assert not workspace.account.calls
    assert not [change for change in division.plan.pending if change.address.pipeline == pipeline]
    return division.left[pipeline]


def signed(document: dict[str, Any]) -> dict[str, Any]:
    """The document with digest and checksum computed anew, as somebody would who knows how."""
    rows = [row for row in document["changes"] if row["action"] != "no-op"]
    document["digest"] = rows_digest((r["address"], r["action"], r["before_hash"], r["after_hash"]) for r in rows)
    document["checksum"] = checksum(document)
    return document


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Two pipelines, applied; one of them then edited."""
    made = a_workspace(tmp_path, "raw", "etl")
    made.apply()
    made.clock.sleep(3600)
    made.edit(WAIT, '"Seconds": 1', '"Seconds": 5')
    return made


def test_a_saved_plan_does_what_it_says_once(workspace: Workspace) -> None:
    document = save(workspace)
    assert apply(workspace, document).done == 1
    assert not save(workspace)["counts"]
    error = refusal(workspace, document)
    assert (error.code, error.exit_code) == ("plan-finished", 4)
    assert error.facts["link"] == "https://ci.example/1"


def test_a_plan_from_nothing_is_applied(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "etl")
    document = save(workspace)
    assert apply(workspace, document).is_complete
    assert not save(workspace)["counts"]


def test_a_plan_of_some_pipelines_touches_no_others(workspace: Workspace) -> None:
    document = save(workspace, "etl")
    assert document["select"] == ["etl"]
    assert apply(workspace, document).done == 0
    assert save(workspace)["counts"] == {"update": 1}


@pytest.mark.parametrize("field", ["account", "region", "project", "project_id", "environment"])
def test_a_plan_for_another_place_is_refused(workspace: Workspace, field: str) -> None:
    document = save(workspace)
    document[field] = "111122223333"
    error = refusal(workspace, signed(document))
    assert (error.code, error.exit_code) == ("plan-of-another-place", 4)
    assert error.facts["planned"] == "111122223333"


def test_a_plan_for_another_checkout_is_refused(workspace: Workspace) -> None:
    document = save(workspace)
    workspace.edit(WAIT, '"Seconds": 5', '"Seconds": 6')
    assert refusal(workspace, document).code == "plan-of-another-checkout"


def test_a_plan_made_from_another_state_is_refused(workspace: Workspace) -> None:
    document = save(workspace)
    workspace.table.scopes.clear()
    assert refusal(workspace, document).code == "plan-of-another-state"


def test_a_plan_that_was_applied_by_somebody_else_is_stale(workspace: Workspace) -> None:
    document = save(workspace)
    workspace.apply()
    error = refusal(workspace, document)
    assert (error.code, error.facts["resource"]) == ("plan-stale", "state_machine.raw")


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    else:
        yield path


def mutated(document: dict[str, Any], path: tuple[Any, ...]) -> dict[str, Any]:
    """The document with one leaf changed."""
    result = copy.deepcopy(document)
    holder = result
    for part in path[:-1]:
        holder = holder[part]
    value = holder[path[-1]]
    holder[path[-1]] = not value if isinstance(value, bool) else value + 1 if isinstance(value, int) else f"{value or ''}0"
    return result


def test_a_plan_edited_anywhere_is_refused(workspace: Workspace) -> None:
    document = save(workspace)
    paths = list(leaves(document))
    assert len(paths) > 200
    for path in paths:
        assert isinstance(refusal(workspace, mutated(document, path)), (Refused, InvalidInput)), path


# What is not compared with anything, because it neither says what is done nor where: when and from which commit the plan was
# made, its own id, what it found about resources without a change, and summaries of what is compared.
_TOLD = {
    "commit",
    "as_of",
    "id",
    "counts",
    "findings",
    "complete",
    "can_apply",
    "state",
    "checksum",
    "digest",
    "digests",
    "select",
    "written_by",
}


def test_a_change_edited_and_signed_anew_is_refused(workspace: Workspace) -> None:
    workspace.edit("pipelines/etl.yaml", "\ntimeout: ", "\n# timeout: ")
    document = save(workspace)
    changed = {index for index, row in enumerate(document["changes"]) if row["action"] != "no-op"}
    assert changed
    paths = [path for path in leaves(document) if path[0] not in _TOLD and (path[0] != "changes" or path[1] in changed)]
    for path in some(paths, every=4):
        pipeline = document["changes"][path[1]]["pipeline"] if path[0] == "changes" else "raw"
        error = refused_for(workspace, signed(mutated(document, path)), pipeline)
        assert isinstance(error, (Refused, InvalidInput)), path


def test_a_change_taken_out_or_put_in_and_signed_anew_is_refused(workspace: Workspace) -> None:
    document = save(workspace)
    for index, row in enumerate(document["changes"]):
        shorter = copy.deepcopy(document)
        if row["action"] != "no-op":
            del shorter["changes"][index]
            assert refusal(workspace, signed(shorter)).code == "plan-edited"
        for action in some(("delete", "update", "create", "replace", "forget", "retire"), every=3):
            other = copy.deepcopy(document)
            if row["action"] != action:
                other["changes"][index]["action"] = action
                error = refused_for(workspace, signed(other), row["pipeline"])
                assert error.exit_code == 4, (row["address"], action)


def test_every_attribute_of_every_touched_resource_makes_the_plan_stale_when_it_moves(workspace: Workspace) -> None:
    workspace.edit("functions/etl/etl.py", "def ", "#\ndef ")
    document = save(workspace)
    touched = {(row["kind"], row["physical_name"]) for row in document["changes"] if row["action"] != "no-op"}
    assert len(touched) >= 3
    moves = 0
    for key in touched:
        before = workspace.account.objects[key]
        for name, value in before.attributes.items():
            moved = {"moved": 1} if isinstance(value, Mapping) else f"{value} moved"
            workspace.account.objects[key] = replace(
                before, attributes={**before.attributes, name: moved}, revision=f"{before.revision} moved"
            )
            error = refused_for(workspace, document, before.address.pipeline)
            assert error.code in ("plan-stale", "plan-of-another-checkout"), (key, name)
            moves += 1
        workspace.account.objects[key] = before
    assert moves >= 15
    assert apply(workspace, document).is_complete


def test_what_moves_elsewhere_does_not_make_the_plan_stale(workspace: Workspace) -> None:
    document = save(workspace)
    [touched] = [(row["kind"], row["physical_name"]) for row in document["changes"] if row["action"] != "no-op"]
    others = [key for key in workspace.account.objects if key != touched]
    for kind, name in others:
        if kind == "log_group":
            workspace.account.change(kind, name, retention_days=7)
        elif kind == "role":
            workspace.account.change(kind, name, description="moved")
        else:
            workspace.account.change(kind, name, tags={"moved": "yes"})
    del workspace.account.objects[next(key for key in others if key[0] == "log_group")]
    moved = dict(workspace.account.objects)
    assert apply(workspace, document).done == 1
    assert {key: workspace.account.objects[key] for key in others if key in moved} == {
        key: moved[key] for key in others if key in moved
    }


@pytest.mark.parametrize("kind", ["role", "log_group"])
def test_what_a_saved_plan_relies_on_and_is_gone_makes_its_pipeline_stale(workspace: Workspace, kind: str) -> None:
    document = save(workspace)
    [where] = [key for key, item in workspace.account.objects.items() if item.address == Address(kind, "raw")]
    del workspace.account.objects[where]
    error = refused_for(workspace, document, "raw")
    assert (error.code, error.facts["relies_on"]) == ("plan-stale", f"{kind}.raw")


def test_killed_at_every_write_the_same_command_converges_and_does_nothing_twice(tmp_path: Path) -> None:
    def run(folder: Path, kill_at: int, *, after: bool) -> bool:
        workspace = a_workspace(folder, "raw", "etl")
        workspace.apply("raw")
        workspace.clock.sleep(3600)
        workspace.edit(WAIT, '"Seconds": 1', '"Seconds": 5')
        document = save(workspace)
        seen = 0

        def fault(wanted: bool) -> Callable[[str, str], None]:
            def maybe(verb: str, name: str) -> None:
                nonlocal seen
                seen += wanted == after
                if seen > kill_at:
                    raise Unavailable("killed", "the process is gone")

            return maybe

        workspace.account.before, workspace.account.after = fault(wanted=False), fault(wanted=True)
        finished = apply(workspace, document).is_complete
        workspace.account.before = workspace.account.after = lambda verb, name: None
        if finished:
            return True
        calls = list(workspace.account.calls)
        workspace.account.calls.clear()
        assert apply(workspace, document).is_complete, (kill_at, after)
        assert not save(workspace)["counts"], (kill_at, after)
        done = calls[: kill_at + after]
        assert not set(done) & set(workspace.account.calls), (kill_at, after)
        return False

    for after in (False, True):
        point = 0
        while not run(tmp_path / f"{after}{point}", point, after=after):
            point += 1
        assert point >= 10


def test_a_continued_plan_is_refused_when_somebody_changed_what_it_had_done(workspace: Workspace) -> None:
    workspace.edit("functions/etl/etl.py", "def ", "#\ndef ")
    document = save(workspace)
    wrote: list[str] = []

    def fail(verb: str, name: str) -> None:
        if wrote:
            raise Unavailable("killed", "the process is gone")
        wrote.append(name)

    workspace.account.before = fail
    assert not apply(workspace, document).is_complete
    workspace.account.before = lambda verb, name: None
    [key] = [key for key in workspace.account.objects if key[1] == wrote[0] and key[0] in ("lambda_function", "state_machine")]
    workspace.account.change(*key, tags={"moved": "yes"})
    assert refused_for(workspace, document, workspace.account.objects[key].address.pipeline).code == "plan-stale"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"null",
        b"{}",
        b'{"format_version": "2"}',
        b'{"format_version": 1, "checksum": 1}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_plan_is_named_so(content: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        saved_plan(plan_document(content))
    assert caught.value.code == "not-a-plan"
