"""Names are typed, or given by their flags; `--yes` stands for them on the embedded AWS only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bunsui.cli.confirmation import confirmed
from bunsui.cli.output import Output
from bunsui.errors import InvalidInput
from bunsui.plan.digest import change_digest
from bunsui.plan.model import Action, Plan
from bunsui.project.repository import Repository
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.apply.admission import admit
from bunsui.services.apply.request import Answers, ApplyRequest, ReviewedDigest, check_confirmation, read_reason
from bunsui.services.plan import plan_project
from bunsui.view.spans import Line
from tests.fakes.workspace import Workspace, a_workspace

NOTHING_SAID = Answers()


@dataclass
class Typist(Output):
    """A terminal at which somebody types."""

    given: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def _answer(self, prompt: str, *, flag: str) -> str:
        self.asked.append(prompt)
        if not self.given:
            return super()._answer(prompt, flag=flag)
        return self.given.pop(0)


@dataclass(frozen=True)
class Removal:
    """A plan that retires a protected pipeline, in a protected environment."""

    plan: Plan
    repository: Repository
    ports: ReconcilePorts

    def is_sure(self, output: Output, answers: Answers = NOTHING_SAID, *, reviewed: bool = False) -> bool:
        digest = ReviewedDigest(whole=change_digest(self.plan)) if reviewed else None
        admission = admit(ApplyRequest(plan=self.plan, answers=answers, digest=digest), self.repository, self.ports)
        assert admission.refusal is None
        return confirmed(output, admission) is not None


@pytest.fixture
def removal(tmp_path: Path) -> Removal:
    workspace: Workspace = a_workspace(tmp_path, "etl", "raw")
    workspace.edit("pipelines/etl.yaml", "name: etl", "name: etl\nprotect: true")
    workspace.apply()
    (tmp_path / "pipelines/etl.yaml").unlink()
    plan = plan_project(workspace.repository, workspace.ports).plan
    assert plan is not None
    found = workspace.repository
    environment = replace(found.project.environment, name="prod", protected=True)
    project, scope = replace(found.project, environment=environment), replace(found.scope, environment="prod")
    return Removal(plan=plan, repository=replace(found, project=project, scope=scope, is_local=False), ports=workspace.ports)


def test_both_names_are_asked_for_and_no_mere_yes(removal: Removal) -> None:
    output = Typist(given=["prod", "etl"])
    assert removal.is_sure(output, Answers(agreed=True))
    assert len(output.asked) == 2


@pytest.mark.parametrize("answers", [["y"], ["prod", "y"], ["prod", "raw"], [""]])
def test_another_word_is_a_no(removal: Removal, answers: list[str]) -> None:
    assert not removal.is_sure(Typist(given=answers))


def test_flags_stand_for_the_names(removal: Removal) -> None:
    output = Typist()
    assert removal.is_sure(output, Answers(environment="prod", pipelines=frozenset({"etl", "another"}), agreed=True))
    assert not output.asked


def test_a_name_that_is_given_says_yes_too(removal: Removal) -> None:
    answers = Answers(environment="prod", pipelines=frozenset({"etl"}))
    assert removal.is_sure(Typist(), answers)
    changed = tuple(change for change in removal.plan.changes if change.address.pipeline == "raw")
    mere = replace(changed[0], action=Action.UPDATE)
    assert replace(removal, plan=replace(removal.plan, changes=(mere, *changed[1:]))).is_sure(Typist(), answers)


@pytest.mark.parametrize(
    ("answers", "flag"),
    [(Answers(agreed=True), "--confirm prod"), (Answers(environment="prod", agreed=True), "--allow-protected etl")],
)
def test_where_nobody_can_be_asked_the_flag_is_named(removal: Removal, answers: Answers, flag: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        removal.is_sure(Typist(), answers)
    assert flag in caught.value.hint


def test_a_reviewed_plan_is_asked_about_only_by_name(removal: Removal) -> None:
    output = Typist()
    assert removal.is_sure(output, Answers(environment="prod", pipelines=frozenset({"etl"})), reviewed=True)
    assert not output.asked


def test_yes_is_enough_on_the_embedded_aws(removal: Removal) -> None:
    local = replace(removal, repository=replace(removal.repository, is_local=True))
    assert local.is_sure(Typist(), Answers(agreed=True))


def test_the_name_of_another_environment_is_refused_before_anything_is_read() -> None:
    with pytest.raises(InvalidInput) as caught:
        check_confirmation(Answers(environment="prod"), "dev")
    assert caught.value.code == "wrong-confirmation"


def test_the_glass_is_broken_with_a_reason_only() -> None:
    assert read_reason(None) == ""
    assert read_reason("orders are lost") == "orders are lost"
    with pytest.raises(InvalidInput):
        read_reason("  ")


def test_the_question_names_the_drift_that_is_undone(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    workspace.apply()
    workspace.clock.sleep(3600)
    role = next(key for key in workspace.account.objects if key[0] == "role")
    workspace.account.change(*role, description="by hand")
    plan = workspace.plan().plan
    assert plan is not None

    said: list[str] = []

    class Terminal(Typist):
        can_ask = True

        def lines(self, lines: Iterable[Line], *, to_stderr: bool = False) -> None:
            said.extend(line.text for line in lines)

    output = Terminal(given=["y"])
    local = replace(workspace.repository, is_local=False)
    assert Removal(plan=plan, repository=local, ports=workspace.ports).is_sure(output)
    assert "and undo 1 change made outside bunsui?" in output.asked[0]
    assert "role of raw" in said[1]
    assert "by hand" in said[1]
