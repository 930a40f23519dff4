"""A pull request's life on both forges, over HTTP: always exactly one true comment for each project and environment."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.errors import ForgeDenied, ForgeFailed, InvalidInput, Refused
from bunsui.forge.job import ForgeJob, forge_job
from bunsui.plan.digest import change_digest
from bunsui.plan.marker import PlanHead, PlanMarker, read_marker
from bunsui.plan.model import Plan
from bunsui.retry import Retrying
from bunsui.services.ci.comment import Posted, post_comment
from bunsui.services.ci.digest import reviewed_plan
from bunsui.testkit.clock import ManualClock
from bunsui.view.plan.comment import plan_markdown
from bunsui.view.plan.failed import failed_markdown
from bunsui.view.plan.model import plan_view
from tests.fakes.forges import PULL, TOKEN, FakeGitHub, FakeGitLab, ForgeServer, serving
from tests.fakes.project import Project, a_pipeline

FIRST, SECOND, MERGE = "1" * 40, "2" * 40, "e" * 40
DEV = ("sales", "dev")
NOISE = 120
"""Comments of others, more than a page."""


@pytest.fixture(params=[FakeGitHub, FakeGitLab])
def server(request: pytest.FixtureRequest) -> Iterator[ForgeServer]:
    with serving(request.param()) as forge:
        yield forge


def job_of(server: ForgeServer) -> ForgeJob:
    return forge_job(server.environ(), author="", retrying=Retrying(clock=ManualClock()))


def head_of(commit: str, run: int = 1) -> PlanHead:
    return PlanHead(commit=commit, order=(run, 1))


def a_plan(seconds: int = 5, *, environment: str = "dev", project: str = "sales") -> Plan:
    plan = Project().plan(a_pipeline("orders", seconds=seconds))
    return replace(plan, scope=replace(plan.scope, environment=environment, project=project))


def posted(server: ForgeServer, plan: Plan, commit: str, run: int = 1) -> Posted:
    return post_comment(job_of(server).forge, PULL, plan_markdown(plan_view(plan)), head_of(commit, run))


def failed(place: tuple[str, str] = DEV) -> str:
    finding = Diagnostic(code="BS201", severity=Severity.ERROR, summary="there is no such @octocat job")
    error = InvalidInput("invalid-files", "the pipeline files have errors, so there is no plan")
    return failed_markdown(place, error, [finding])


def digests(server: ForgeServer) -> list[str]:
    markers = [read_marker(body) for body in server.bodies()]
    return [marker.digest.split(",")[0] for marker in markers if marker is not None]


def test_plan_replan_failure_fix_merge_apply(server: ForgeServer) -> None:
    for number in range(NOISE):
        server.say("mika", f"remark {number}")
    assert posted(server, a_plan(5), FIRST) is Posted.CREATED
    assert digests(server) == [change_digest(a_plan(5))]

    server.head = SECOND
    assert posted(server, a_plan(6), SECOND, 2) is Posted.UPDATED
    assert digests(server) == [change_digest(a_plan(6))]

    assert post_comment(job_of(server).forge, PULL, failed(), head_of(SECOND, 3)) is Posted.UPDATED
    (body,) = server.bodies()
    assert "No plan" in body
    assert "BS201" in body
    assert change_digest(a_plan(6)) not in body
    server.merged_as = MERGE
    with pytest.raises(Refused, match="reviewed-plan-withdrawn"):
        reviewed_plan(job_of(server).forge, MERGE, DEV)

    assert posted(server, a_plan(7), SECOND, 4) is Posted.UPDATED
    reviewed = reviewed_plan(job_of(server).forge, MERGE, DEV)
    assert (reviewed.number, reviewed.digest) == (PULL, change_digest(a_plan(7)))
    assert len(server.bodies()) == 1


def test_a_request_of_two_environments_from_the_first_plan_to_the_second_apply(server: ForgeServer) -> None:
    """Both are planned at once at every push; one fails and is mended; they are merged, and applied one after the other."""
    places = ("dev", "prod")

    def pushed(commit: str, run: int, seconds: int, *, broken: str = "") -> None:
        server.head = commit

        def job(at: int) -> None:
            name, head = places[at], head_of(commit, run + at)
            text = failed(("sales", name)) if name == broken else plan_markdown(plan_view(a_plan(seconds, environment=name)))
            post_comment(job_of(server).forge, PULL, text, head)

        with ThreadPoolExecutor(len(places)) as pool:
            list(pool.map(job, range(len(places))))

    def told() -> dict[str, str]:
        markers = [read_marker(body) for body in server.bodies()]
        return {marker.environment: marker.digest.split(",")[0] for marker in markers if marker is not None}

    def true(seconds: int) -> dict[str, str]:
        return {name: change_digest(a_plan(seconds, environment=name)) for name in places}

    pushed(FIRST, 1, 5)
    assert told() == true(5)
    pushed(SECOND, 3, 6)
    assert told() == true(6)
    pushed(SECOND, 5, 7, broken="prod")
    assert told() == {**true(7), "prod": "withdrawn"}
    server.merged_as = MERGE
    assert reviewed_plan(job_of(server).forge, MERGE, ("sales", "dev")).digest == true(7)["dev"]
    with pytest.raises(Refused, match="reviewed-plan-withdrawn"):
        reviewed_plan(job_of(server).forge, MERGE, ("sales", "prod"))
    pushed(SECOND, 7, 8)
    assert told() == true(8)
    for name in places:
        assert reviewed_plan(job_of(server).forge, MERGE, ("sales", name)).digest == true(8)[name]
    assert len(server.bodies()) == len(places), "an apply adds no comment and takes none away"


def test_each_environment_and_each_project_has_a_comment_of_its_own(server: ForgeServer) -> None:
    plans = [a_plan(5), a_plan(6, environment="prod"), a_plan(7, project="stock")]
    for _ in range(2):
        for plan in plans:
            posted(server, plan, FIRST)
    assert sorted(digests(server)) == sorted(change_digest(plan) for plan in plans)
    post_comment(job_of(server).forge, PULL, failed(("sales", "prod")), head_of(FIRST, 2))
    assert sorted(digests(server)) == sorted([change_digest(plans[0]), "withdrawn", change_digest(plans[2])])
    server.merged_as = MERGE
    assert reviewed_plan(job_of(server).forge, MERGE, ("stock", "dev")).digest == change_digest(plans[2])


def test_an_older_plan_never_takes_the_place_of_a_newer_one(server: ForgeServer) -> None:
    server.head = SECOND
    posted(server, a_plan(6), SECOND, 2)
    assert posted(server, a_plan(5), FIRST, 1) is Posted.SUPERSEDED
    assert posted(server, a_plan(5), FIRST, 3) is Posted.SUPERSEDED  # an old job that was run again
    assert posted(server, a_plan(5), SECOND, 1) is Posted.SUPERSEDED  # an earlier run for the same commit
    assert digests(server) == [change_digest(a_plan(6))]


def test_two_at_once_leave_one_comment_of_the_later_run(server: ForgeServer) -> None:
    def other() -> None:
        marker = read_marker(plan_markdown(plan_view(a_plan(6))))
        assert marker is not None
        server.say(server.ours, replace(marker, head=head_of(FIRST, 2)).text + "### Plan\n")

    server.before_write.append(other)  # it too saw no comment, and wrote one first
    assert posted(server, a_plan(5), FIRST, 1) is Posted.CREATED
    assert digests(server) == [change_digest(a_plan(6))]


def test_many_at_once_leave_one_comment(server: ForgeServer) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda run: posted(server, a_plan(5), FIRST, run), range(1, 5)))
    posted(server, a_plan(6), FIRST, 9)
    assert digests(server) == [change_digest(a_plan(6))]


def test_a_push_during_the_write_withdraws_what_was_written(server: ForgeServer) -> None:
    def push() -> None:
        server.head = SECOND

    server.before_write.append(push)
    posted(server, a_plan(5), FIRST, 1)
    assert digests(server) == ["withdrawn"]
    posted(server, a_plan(6), SECOND, 2)
    assert digests(server) == [change_digest(a_plan(6))]


def test_a_comment_of_somebody_else_counts_for_nothing(server: ForgeServer) -> None:
    marker = PlanMarker(project="sales", environment="dev", digest="a" * 64, head=head_of(FIRST))
    server.say("mallory", f"{marker.text}### Plan\n")
    server.say("system", f"{marker.text}### Plan\n") if isinstance(server, FakeGitLab) else None
    server.merged_as = MERGE
    with pytest.raises(Refused, match="no-reviewed-plan"):
        reviewed_plan(job_of(server).forge, MERGE, DEV)
    assert posted(server, a_plan(5), FIRST) is Posted.CREATED
    assert reviewed_plan(job_of(server).forge, MERGE, DEV).digest == change_digest(a_plan(5))
    assert marker.text in server.comments[0].body


def test_what_was_reviewed_of_another_commit_is_refused(server: ForgeServer) -> None:
    posted(server, a_plan(5), FIRST)
    server.head, server.merged_as = SECOND, MERGE  # pushed and merged before it was planned
    with pytest.raises(Refused, match="reviewed-plan-outdated"):
        reviewed_plan(job_of(server).forge, MERGE, DEV)


def test_a_commit_that_no_pull_request_made_is_refused(server: ForgeServer) -> None:
    posted(server, a_plan(5), FIRST)
    server.merged_as = MERGE
    with pytest.raises(Refused, match="not-merged"):
        reviewed_plan(job_of(server).forge, "f" * 40, DEV)


def test_an_untrusted_plan_is_shown_and_never_applied(server: ForgeServer) -> None:
    posted(server, replace(a_plan(5), diagnostics=(Diagnostic(code="BS999", severity=Severity.ERROR, summary="no"),)), FIRST)
    assert digests(server) == ["withdrawn"]


def test_what_passes_is_tried_again_and_what_does_not_is_told_without_the_token(server: ForgeServer) -> None:
    server.failures[:] = [502, 503, 429]
    assert posted(server, a_plan(5), FIRST) is Posted.CREATED
    server.failures[:] = [422]
    with pytest.raises(ForgeFailed) as told:
        posted(server, a_plan(5), FIRST)
    assert told.value.facts["status"] == "422"
    server.failures[:] = [403]
    with pytest.raises(ForgeDenied) as denied:
        posted(server, a_plan(5), FIRST)
    assert TOKEN not in str(denied.value.facts) + str(denied.value)


def test_the_token_follows_no_redirect(server: ForgeServer) -> None:
    server.failures[:] = [302]
    with pytest.raises(ForgeFailed):
        posted(server, a_plan(5), FIRST)
    assert len(server.calls) == 1


def test_a_text_that_is_no_plan_s_comment_is_not_posted(server: ForgeServer) -> None:
    with pytest.raises(InvalidInput, match="no-plan-comment"):
        post_comment(job_of(server).forge, PULL, "### Plan\n", head_of(FIRST))
    assert server.comments == []
