"""What a resume keeps when jobs changed, when nobody can tell, and when a person wishes otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bunsui.compile.fingerprints import ToldFingerprints
from bunsui.model.outcomes import Outcome
from bunsui.model.session import Checkpoint
from bunsui.sessions.checkpoints import ResumePlan, ResumeWishes, _why_again, _why_nested, plan_resume
from tests.unit.sessions.test_checkpoints import CHAIN, REGISTRY, done, job

FOREIGN = "another version of bunsui compiled it, so that nobody can tell whether it changed"
AGAIN = "something that it depends on runs again"


def known(**fingerprints: str) -> dict[str, Checkpoint]:
    found = done("a", "b", "c", "d")
    return {name: replace(one, fingerprint=fingerprints.get(name, "")) for name, one in found.items()}


def resumed(finished: dict[str, Checkpoint], applied: ToldFingerprints, **wishes: frozenset[str]) -> ResumePlan:
    wished = replace(ResumeWishes(), **wishes)  # type: ignore[arg-type]
    return plan_resume(CHAIN, finished, REGISTRY, applied=applied, wishes=wished)


def test_a_job_that_changed_runs_again_with_all_that_depends_on_it_and_says_why() -> None:
    plan = resumed(known(a="1", b="2", c="3.4", d="5"), ToldFingerprints(jobs={"a": "1", "b": "2", "c": "3.9", "d": "5"}))
    assert (plan.restored, plan.to_run) == (("a", "b"), ("c", "d"))
    assert plan.outdated == {"c": "its code changed", "d": AGAIN}
    assert plan.untold == ()
    assert plan.payload == {"jobs": {"a": {"n": "a"}, "b": {"n": "b"}}, "status": {"a": "succeeded", "b": "succeeded"}}


@pytest.mark.parametrize(
    ("fingerprint", "applied", "untold"),
    [("1", {"a": "1"}, False), ("", {"a": "1"}, True), ("1", {}, True), ("", {}, True), ("1", {"b": "2"}, False)],
)
def test_what_nobody_can_compare_is_kept_and_said_to_be_untold(fingerprint: str, applied: dict[str, str], untold: bool) -> None:
    plan = plan_resume(
        (job("a"),), {"a": known(a=fingerprint)["a"]}, REGISTRY, applied=ToldFingerprints(jobs=applied), wishes=ResumeWishes()
    )
    assert (plan.restored, plan.untold) == (("a",), ("a",) if untold else ())


def test_what_another_version_compiled_runs_again() -> None:
    same = ToldFingerprints(jobs={"a": "1"})
    foreign = {name: replace(one, is_foreign=name == "c") for name, one in known().items()}
    assert resumed(foreign, same).outdated == {"c": FOREIGN, "d": AGAIN}
    assert set(resumed(known(), ToldFingerprints(jobs={}, is_foreign=True)).outdated.values()) == {FOREIGN}


def test_a_wish_to_keep_goes_before_a_change_but_not_before_other_outputs() -> None:
    changed = ToldFingerprints(jobs={"a": "1", "b": "9", "c": "3", "d": "5"})
    finished = known(a="1", b="2", c="3", d="5")
    plan = resumed(finished, changed, keep=frozenset({"b"}))
    assert (plan.restored, plan.to_run, plan.outdated, plan.untold) == (("a", "b", "c", "d"), (), {}, ())
    foreign = resumed(known(), ToldFingerprints(jobs={}, is_foreign=True), keep=frozenset("abcd"))
    assert (foreign.restored, foreign.untold) == (("a", "b", "c", "d"), ())
    other = {**finished, "b": replace(finished["b"], outputs={"m": 1})}
    plan = resumed(other, changed, keep=frozenset({"b"}))
    assert plan.outdated == {"b": "its outputs were m and are now n", "c": AGAIN, "d": AGAIN}
    bare = plan_resume((job("a", outputs=()),), done("a"), REGISTRY)
    assert bare.outdated == {"a": "its outputs were n and are now none"}
    empty = {"a": replace(done("a")["a"], outputs={})}
    assert plan_resume((job("a"),), empty, REGISTRY).outdated == {"a": "its outputs were none and are now n"}


def test_a_kept_job_shields_only_what_comes_after_it() -> None:
    jobs = (job("a"), job("b", "a"), job("c", "b"), job("x", "a"), job("y", "x", "c"))
    wishes = ResumeWishes(keep=frozenset({"b"}), begin=frozenset({"a"}))
    plan = plan_resume(jobs, done("a", "b", "c", "x", "y"), REGISTRY, wishes=wishes)
    assert (plan.restored, plan.to_run) == (("b", "c"), ("a", "x", "y"))
    assert plan.outdated == {"a": "asked for", "x": AGAIN, "y": AGAIN}


def test_a_job_that_was_asked_for_begins_again_also_when_it_was_skipped() -> None:
    finished = {**done("a", "c", "d"), **done("b", outcome=Outcome.SKIPPED)}
    plan = plan_resume(CHAIN, finished, REGISTRY, wishes=ResumeWishes(begin=frozenset({"b"})))
    assert (plan.restored, plan.to_run, plan.skipped) == (("a",), ("b", "c", "d"), ())
    missing = plan_resume(CHAIN, done("a"), REGISTRY, wishes=ResumeWishes(begin=frozenset({"c"})))
    assert (missing.to_run, missing.outdated) == (("b", "c", "d"), {})


def test_everything_is_carried_where_that_is_asked() -> None:
    plan = plan_resume(CHAIN, done("a", "b", "c"), REGISTRY, carry_all=True)
    assert plan.payload["jobs"] == {name: {"n": name} for name in "abc"}


def test_a_checkpoint_that_is_used_has_no_reason_against_it() -> None:
    same, none = ToldFingerprints(jobs={"a": "1"}), ToldFingerprints(jobs={})
    used = known(a="1")["a"]
    for checkpoint, applied, wishes in (
        (used, same, ResumeWishes()),
        (used, none, ResumeWishes()),
        (replace(used, fingerprint=""), same, ResumeWishes()),
        (replace(used, outcome=Outcome.SKIPPED, outputs={}), same, ResumeWishes()),
        (used, ToldFingerprints(jobs={"a": "2"}), ResumeWishes(keep=frozenset({"a"}))),
    ):
        assert _why_again(job("a"), checkpoint, applied, wishes) == ""


@pytest.mark.parametrize(
    ("outcome", "keep", "why"), [(Outcome.SUCCEEDED, "", "it changed"), (Outcome.SUCCEEDED, "a", ""), (Outcome.SKIPPED, "", "")]
)
def test_a_job_whose_pipeline_changed_runs_again_unless_kept_or_skipped(outcome: Outcome, keep: str, why: str) -> None:
    finished = {**known(), "a": replace(known()["a"], outcome=outcome)}
    wishes = ResumeWishes(keep=frozenset(keep))
    assert _why_nested(job("a"), finished["a"], wishes, {"a": "it changed"}) == why
    assert _why_nested(job("b"), finished["b"], wishes, {"a": "it changed"}) == ""
    plan = plan_resume(CHAIN, finished, REGISTRY, wishes=wishes, nested={"a": "it changed"})
    assert plan.outdated.get("a", "") == why
