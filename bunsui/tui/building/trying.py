"""A draft tried before it is written: planned, run once with mocks, tested."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING

from bunsui.view.spans import Line, Role, line, span

if TYPE_CHECKING:
    # At run time these would bring YAML and pydantic before the first frame.
    from bunsui.diagnostics import Diagnostic
    from bunsui.document.edit.draft import Draft
    from bunsui.project.repository import Repository
    from bunsui.refresh.ports import ReconcilePorts
    from bunsui.view.pipelines.form import StartForm


_COLUMNS = 88
"""For the bars of a simulation: it is shown in a dialog."""


_MOST_OFFERS = 12
"""Findings for which fixes are tried: each compiles the draft anew."""


class Trial(Enum):
    """How it is tried."""

    PLAN = "plan"
    SIMULATE = "simulation"
    TEST = "tests"


def simulation_form(repository: Repository, draft: Draft) -> StartForm | None:
    """Return the form of a simulation, with what the pipeline's first test gives; None where it has no parameters, and where
    the draft has errors, which the trial itself tells."""
    from bunsui.services.drafting.checking import with_drafts
    from bunsui.services.drafting.trying import pipeline_of
    from bunsui.services.testing.machine_under_test import machines_under_test
    from bunsui.view.pipelines.form import simulate_form

    name = pipeline_of(draft)
    machines, project = machines_under_test(with_drafts(repository, draft), [name])
    pipeline = machines[name].pipeline if name in machines else None
    if pipeline is None or not pipeline.parameters:
        return None
    test = next((one for one in project.documents.tests if one.pipeline == name), None)
    return simulate_form(pipeline, dict(test.input) if test is not None else {})


def has_tests(repository: Repository, draft: Draft) -> bool:
    """Tell whether the draft's pipeline has a test; also where only running it could tell, for it cannot be read."""
    from bunsui.services.drafting.checking import with_drafts
    from bunsui.services.drafting.trying import pipeline_of
    from bunsui.services.testing.machine_under_test import machines_under_test

    name = pipeline_of(draft)
    machines, project = machines_under_test(with_drafts(repository, draft), [name])
    return name not in machines or any(one.pipeline == name for one in project.documents.tests)


def offers_of(repository: Repository, draft: Draft, findings: Sequence[Diagnostic]) -> dict[Diagnostic, str]:
    """Return in words what fixes each finding, of as many as are looked at."""
    from bunsui.services.drafting.fixing import fixes_of

    wanted = [finding for finding in findings if finding.accepted is None][:_MOST_OFFERS]
    fixes = ((finding, fixes_of(repository, draft, finding)) for finding in wanted)
    return {finding: found[0].words for finding, found in fixes if found}


def outlook_of(repository: Repository, draft: Draft) -> Line | None:
    """Return on one line what writing a draft without errors would change; None where that cannot be told."""
    from bunsui.services.drafting.outlook import draft_outlook
    from bunsui.view.builder.outlook import outlook_line

    found = draft_outlook(repository, draft)
    return outlook_line(found) if found is not None else None


def try_draft(
    trial: Trial, repository: Repository, draft: Draft, ports: ReconcilePorts | None, *, params: Sequence[str] = ()
) -> tuple[Line, ...]:
    """Try the draft laid over the files, and return what came out; nothing is written, and nothing changes in AWS. `params` are
    those of a simulation, `NAME=VALUE` each."""
    match trial:
        case Trial.PLAN:
            assert ports is not None, "a plan reads AWS"
            return _plan_lines(repository, draft, ports)
        case Trial.SIMULATE:
            return _simulation_lines(repository, draft, params)
        case Trial.TEST:
            return _test_lines(repository, draft)


def _plan_lines(repository: Repository, draft: Draft, ports: ReconcilePorts) -> tuple[Line, ...]:
    from bunsui.services.drafting.trying import plan_draft
    from bunsui.view.diagnostic import diagnostic_lines
    from bunsui.view.plan.model import plan_view
    from bunsui.view.plan.text import plan_lines

    outcome = plan_draft(repository, ports, draft)
    if outcome.plan is None:
        return diagnostic_lines(outcome.diagnostics)
    return tuple(plan_lines(plan_view(outcome.plan)))


def _simulation_lines(repository: Repository, draft: Draft, params: Sequence[str]) -> tuple[Line, ...]:
    """Run the pipeline once: with the input and mocks of its first test, or without any, which tells what needs one."""
    from bunsui.services.drafting.checking import with_drafts
    from bunsui.services.drafting.trying import pipeline_of, simulate_draft
    from bunsui.services.testing.machine_under_test import machines_under_test
    from bunsui.view.diagnostic import diagnostic_lines
    from bunsui.view.sessions.simulation import simulation_lines

    name = pipeline_of(draft)
    machines, project = machines_under_test(with_drafts(repository, draft), [name])
    test = next((one for one in project.documents.tests if one.pipeline == name and name in machines), None)
    if test is None:
        told, found = "without mocks: no test has any", simulate_draft(repository, draft, params=params)
    else:
        pipeline = machines[name].pipeline
        payload = dict(test.input) if pipeline is None or pipeline.is_raw else {"params": dict(test.input)}
        found = simulate_draft(repository, draft, params=params, payload=payload, mocks=test.mocks, objects=test.objects)
        told = f"with the {'mocks' if params else 'input and mocks'} of the test “{test.name}”"
    if found.simulation is None:
        return diagnostic_lines(found.diagnostics)
    return (line(span(told, Role.MUTED)), line(), *simulation_lines(found.simulation, columns=_COLUMNS))


def _test_lines(repository: Repository, draft: Draft) -> tuple[Line, ...]:
    from bunsui.services.drafting.trying import run_draft_tests
    from bunsui.view.diagnostic import diagnostic_lines
    from bunsui.view.test_report import verdict_lines

    found = run_draft_tests(repository, draft)
    lines = [*diagnostic_lines(found.diagnostics), *(item for verdict in found.verdicts for item in verdict_lines(verdict))]
    return tuple(lines) or (line(span("no tests: `bunsui test --init JOB` prints the beginning of one", Role.MUTED)),)
