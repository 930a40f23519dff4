"""Runs on the virtual clock as JSON documents: one alone, and those of tests with their verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import Keywords, Shape, member
from bunsui.model.json import Json
from bunsui.services.simulate import Simulation
from bunsui.testing.coverage import Coverage, Way
from bunsui.testing.expectations import Mismatch
from bunsui.testing.verdict import Verdict, VerdictProblem
from bunsui.view.commands import Offering
from bunsui.view.sessions.simulation import RUN_STATUSES

_ENDS = Keywords({"enum": list(RUN_STATUSES)})
_AS_AWS = Keywords({"enum": [status.upper() for status in RUN_STATUSES]})
_EVENT = Keywords(
    {
        "type": "object",
        "description": "One event as GetExecutionHistory spells it; its timestamp is RFC 3339 with an offset.",
        "required": ["id", "previousEventId", "timestamp", "type"],
    },
    instead=True,
)


class SimulationDocument(ShapeOf[Simulation], kind="simulation"):
    """Of `simulate`: a run on the virtual clock."""

    name: str = member("The pipeline, or the file's name without its endings.")
    status: Annotated[str, _AS_AWS] = member("As DescribeExecution says it.", of=None)
    output: Json = member("The execution's output; null when it did not succeed.", of="result.output")
    error: str | None = member("The error's name; null when it succeeded.", of="result.error")
    cause: str | None = member("The error's text; null when there is none.", of="result.cause")
    events: tuple[Annotated[Mapping[str, Json], _EVENT], ...] = member("The whole history, oldest first.", of=None)


class ProblemPart(ShapeOf[VerdictProblem]):
    """Why it could not be judged, such as a missing mock; null when it could."""

    code: str = member("A stable code; empty for none.")
    summary: str = member("One sentence.")
    hint: Offering = member("What to do.")


class MismatchPart(ShapeOf[Mismatch]):
    """One expectation that was not met."""

    name: str = member("Which: status, path, jobs, output, error, cause, retries or duration.")
    line: int | None = member("Its line in the file, from 1; null when the test does not say it.", of="position.line")
    expected: Json = member("What the test says.")
    actual: Json = member("What came.")


class VerdictPart(ShapeOf[Verdict]):
    """One test."""

    pipeline: str = member("The pipeline's name.", of="test.pipeline")
    name: str = member("The test's name, or the session that was replayed.", of="test.name")
    file: str | None = member("From the project's folder; null for a replayed session.", of="test.position.file")
    line: int | None = member("From 1; null for a replayed session.", of="test.position.line")
    passed: bool = member("Everything was as expected.")
    problem: ProblemPart | None = member()
    mismatches: tuple[MismatchPart, ...] = member("What was not as expected.")
    status: Annotated[str, _ENDS] | None = member("How the run ended; null when there was none.", of="facts.status")
    path: tuple[str, ...] | None = member(
        "The jobs that ran, in the order in which they began; null when there was no run.", of="facts.path"
    )
    seconds: float | None = member("On the virtual clock; null when there was no run.", of="facts.seconds")


class CoveredStatesPart(ShapeOf[Coverage]):
    """States of the machine."""

    taken: int = member("How many were taken.", of="taken_states")
    all: int = member("How many there are.", of="states")
    missed: tuple[str, ...] = member("Those that no test entered.", of="missed_states")


class WayPart(ShapeOf[Way]):
    """A way out of a Choice state."""

    state: str = member("The Choice state.")
    rule: int | None = member("The rule's place, from 0; null for the default.", of="place")
    label: str = member("The rule's comment, or where it leads.")


class CoveredBranchesPart(ShapeOf[Coverage]):
    """Ways out of Choice states."""

    taken: int = member("How many were taken.", of="taken_ways")
    all: int = member("How many there are.", of="ways")
    missed: tuple[WayPart, ...] = member("Those that no test took.", of="missed_ways")


class CoveragePart(ShapeOf[Coverage]):
    """What the tests of one pipeline took."""

    pipeline: str = member("The pipeline's name.")
    states: CoveredStatesPart = member(of=None)
    branches: CoveredBranchesPart = member(of=None)


class TestsDocument(Shape, kind="tests"):
    """Of `test`: the verdicts on all tests, and what they covered."""

    passed: int = member("How many tests passed.")
    failed: int = member("How many did not, or could not be judged.")
    tests: tuple[VerdictPart, ...] = member("The tests, pipeline by pipeline.")
    coverage: tuple[CoveragePart, ...] = member("For each pipeline with tests; empty with --replay.")
    untested: tuple[str, ...] = member("Pipelines that have no test.")


def simulation_document(simulation: Simulation) -> SimulationDocument:
    """Return status, output, error, cause and events, as DescribeExecution and GetExecutionHistory spell them."""
    status, events = str(simulation.result.status), tuple(map(_event, simulation.result.events))
    return SimulationDocument.of(simulation, status=status, events=events)


def report_document(
    verdicts: Sequence[Verdict], coverage: Sequence[Coverage], *, untested: Sequence[str] = ()
) -> TestsDocument:
    """Return everything for programs."""
    passed = sum(verdict.passed for verdict in verdicts)
    return TestsDocument(
        passed=passed,
        failed=len(verdicts) - passed,
        tests=tuple(map(VerdictPart.of, verdicts)),
        coverage=tuple(map(_coverage, coverage)),
        untested=tuple(untested),
    )


def _event(event: Mapping[str, Any]) -> Mapping[str, Json]:
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in event.items()}


def _coverage(one: Coverage) -> CoveragePart:
    return CoveragePart.of(one, states=CoveredStatesPart.of(one), branches=CoveredBranchesPart.of(one))
