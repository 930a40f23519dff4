"""What became of a test."""

from __future__ import annotations

from dataclasses import dataclass

from bunsui.model.pipeline_test import PipelineTest
from bunsui.testing.expectations import Mismatch
from bunsui.testing.facts import RunFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictProblem:
    """Why a test could not be judged: a mock is missing, wrong or about nothing."""

    summary: str
    hint: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One test, run."""

    test: PipelineTest
    facts: RunFacts | None = None
    """None when it could not be run."""
    mismatches: tuple[Mismatch, ...] = ()
    problem: VerdictProblem | None = None

    @property
    def passed(self) -> bool:
        """True when everything was as expected."""
        return self.problem is None and not self.mismatches
