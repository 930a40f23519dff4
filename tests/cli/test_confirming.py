"""Names are typed, or given by their flags; `--yes` stands for them on the embedded AWS only."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bunsui.cli.confirming import Given, check_given, glass, is_sure
from bunsui.cli.options import Globals
from bunsui.cli.output import Output
from bunsui.errors import InvalidInput
from bunsui.plan.model import Plan
from bunsui.services.edges import Repository
from bunsui.services.plan import plan_project
from tests.fakes.workspace import Workspace, a_workspace


@dataclass
class Answers(Output):
    """A terminal at which somebody types."""

    given: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def _answer(self, prompt: str, *, flag: str) -> str:
        self.asked.append(prompt)
        if not self.given:
            return super()._answer(prompt, flag=flag)
        return self.given.pop(0)


def globals_with(output: Output, *, yes: bool = False) -> Globals:
    return Globals(
        directory=Path(),
        environment="prod",
        profile=None,
        region=None,
        assume_yes=yes,
        verbose=0,
        utc=True,
        output=output,
    )


@pytest.fixture
def removal(tmp_path: Path) -> tuple[Plan, Repository]:
    """A plan that retires a protected pipeline, in a protected environment."""
    workspace: Workspace = a_workspace(tmp_path, "etl", "raw")
    workspace.edit("pipelines/etl.yaml", "name: etl", "name: etl\nprotect: true")
    workspace.apply()
    (tmp_path / "pipelines/etl.yaml").unlink()
    plan = plan_project(workspace.repository, workspace.edges).plan
    assert plan is not None
    found = workspace.repository
    environment = replace(found.project.environment, name="prod", protected=True)
    return plan, replace(found, project=replace(found.project, environment=environment), is_local=False)


def test_both_names_are_asked_for_and_no_mere_yes(removal: tuple[Plan, Repository]) -> None:
    plan, repository = removal
    output = Answers(given=["prod", "etl"])
    assert is_sure(globals_with(output, yes=True), repository, plan, Given())
    assert len(output.asked) == 2


@pytest.mark.parametrize("answers", [["y"], ["prod", "y"], ["prod", "raw"], [""]])
def test_another_word_is_a_no(removal: tuple[Plan, Repository], answers: list[str]) -> None:
    plan, repository = removal
    assert not is_sure(globals_with(Answers(given=answers)), repository, plan, Given())


def test_flags_stand_for_the_names(removal: tuple[Plan, Repository]) -> None:
    plan, repository = removal
    output = Answers()
    given = Given(environment="prod", pipelines=frozenset({"etl", "another"}))
    assert is_sure(globals_with(output, yes=True), repository, plan, given)
    assert not output.asked


def test_a_name_that_is_given_says_yes_too(removal: tuple[Plan, Repository]) -> None:
    plan, repository = removal
    given = Given(environment="prod", pipelines=frozenset({"etl"}))
    assert is_sure(globals_with(Answers()), repository, plan, given)
    assert is_sure(globals_with(Answers()), repository, replace(plan, changes=()), given)


@pytest.mark.parametrize(
    ("given", "flag"),
    [(Given(), "--confirm prod"), (Given(environment="prod"), "--allow-protected etl")],
)
def test_where_nobody_can_be_asked_the_flag_is_named(removal: tuple[Plan, Repository], given: Given, flag: str) -> None:
    plan, repository = removal
    with pytest.raises(InvalidInput) as caught:
        is_sure(globals_with(Answers(), yes=True), repository, plan, given)
    assert flag in caught.value.hint


def test_a_reviewed_plan_is_asked_about_only_by_name(removal: tuple[Plan, Repository]) -> None:
    plan, repository = removal
    output = Answers()
    given = Given(environment="prod", pipelines=frozenset({"etl"}))
    assert is_sure(globals_with(output), repository, plan, given, reviewed=True)
    assert not output.asked


def test_yes_is_enough_on_the_embedded_aws(removal: tuple[Plan, Repository]) -> None:
    plan, repository = removal
    assert is_sure(globals_with(Answers(), yes=True), replace(repository, is_local=True), plan, Given())


def test_the_name_of_another_environment_is_refused_before_anything_is_read() -> None:
    with pytest.raises(InvalidInput) as caught:
        check_given(Given(environment="prod"), "dev")
    assert caught.value.code == "wrong-confirmation"


def test_the_glass_is_broken_with_a_reason_only() -> None:
    assert glass(None) == ""
    assert glass("orders are lost") == "orders are lost"
    with pytest.raises(InvalidInput):
        glass("  ")
