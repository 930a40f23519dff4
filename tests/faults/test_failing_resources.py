"""Each of thirty resources fails for good: what does not depend on it is done, what does is skipped and named."""

from __future__ import annotations

from bunsui.apply.events import ChangeDone, ChangeFailed, ChangeSkipped
from bunsui.cli.apply_flow import exit_code_of
from bunsui.errors import ExitCode
from tests.faults.amount import some
from tests.faults.conftest import Figure
from tests.faults.worlds import AFTER, a_world, converges, finished


def test_each_resource_that_fails_for_good_skips_its_dependents_and_only_them(figure: Figure) -> None:
    wanted = some(a_world().plan(AFTER).pending, every=5)
    for victim in wanted:
        world = a_world()
        plan = world.plan(AFTER)
        world.live(refused=frozenset({f"{victim.address.kind}/{victim.physical_name}"}))
        events = world.apply(plan, threads=4)
        failed = {event.address for event in events if isinstance(event, ChangeFailed)}
        skipped = {event.address: event.because for event in events if isinstance(event, ChangeSkipped)}
        done = {event.address for event in events if isinstance(event, ChangeDone)}
        assert failed == {victim.address}
        assert all(str(victim.address) in because for because in skipped.values())
        depends = {change.address: set(change.depends_on) for change in plan.pending}
        hopeless = failed | skipped.keys()
        assert all(depends[address] & hopeless for address in skipped)
        assert not any(depends[address] & hopeless for address in done)
        assert exit_code_of(events, finished(events)) is ExitCode.FAILED
        world.live()
        world.effects.clear()
        converges(world)
        touched = {name for _, name in world.effects}
        left = {f"{change.address.kind}/{change.physical_name}" for change in plan.pending if change.address in hopeless}
        assert touched == left
    figure("19 each resource fails for good", f"{len(wanted)} of 30: the others done, dependents named; then only the rest")
