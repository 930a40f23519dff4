"""Credentials that expire at any call: an error with its own exit code and the command that helps; one more apply converges."""

from __future__ import annotations

from bunsui.cli.apply_flow import exit_code_of
from bunsui.errors import BunsuiError, ExitCode
from tests.fakes.weather import Fault
from tests.faults.amount import some
from tests.faults.conftest import Figure
from tests.faults.worlds import AFTER, a_world, converges, finished, number_of_calls, outcome


def test_credentials_that_expire_at_any_call_are_named_with_the_way_out(figure: Figure) -> None:
    points = some(range(number_of_calls()), every=13)
    for point in points:
        world = a_world()
        plan = world.plan(AFTER)
        world.live(faults={point: Fault.EXPIRED})
        codes, hint = outcome(world, plan)
        assert codes == {"credentials-expired"} or (not codes and point >= number_of_calls() - 2), (point, codes)
        assert not codes or "aws sso login" in hint, point
        converges(world)
    figure("8 credentials that expire", f"{len(points)} points: named with `aws sso login`, one more apply converged")


def test_the_exit_code_says_credentials() -> None:
    for point in some(range(number_of_calls() - 2), every=31):
        world = a_world()
        plan = world.plan(AFTER)
        world.live(faults={point: Fault.EXPIRED})
        try:
            events = world.apply(plan)
            code = exit_code_of(events, finished(events))
        except BunsuiError as error:
            code = error.exit_code
        assert code is ExitCode.DENIED, point


def test_after_they_expired_no_storm_of_calls_follows() -> None:
    world = a_world()
    plan = world.plan(AFTER)
    world.live(faults={20: Fault.EXPIRED})
    outcome(world, plan, threads=8)
    assert len(world.calls) <= 20 + 8 * 2 + 30 * 2  # each change that had not begun is tried once at most
