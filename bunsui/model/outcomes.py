"""Outcomes of jobs: how one ends, when another may start by it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType


class RunIf(Enum):
    """When a job may start, by the outcomes of the jobs it depends on."""

    ALL_SUCCEEDED = "all_succeeded"
    NONE_FAILED = "none_failed"
    NONE_FAILED_MIN_ONE_SUCCESS = "none_failed_min_one_success"
    ALL_DONE = "all_done"
    ANY_FAILED = "any_failed"

    @property
    def reacts(self) -> bool:
        """True when a job with this rule looks at failures, so that those of its dependencies are caught."""
        return self in (RunIf.ALL_DONE, RunIf.ANY_FAILED)


RUN_IF_SPELLINGS: Mapping[str, RunIf] = MappingProxyType(
    {
        **{rule.value: rule for rule in RunIf},
        "all_success": RunIf.ALL_SUCCEEDED,
        "success": RunIf.ALL_SUCCEEDED,
        "ALL_SUCCESS": RunIf.ALL_SUCCEEDED,
        "always": RunIf.ALL_DONE,
        "ALL_DONE": RunIf.ALL_DONE,
        "one_failed": RunIf.ANY_FAILED,
        "AT_LEAST_ONE_FAILED": RunIf.ANY_FAILED,
        "failure": RunIf.ANY_FAILED,
    }
)
"""How a rule may be written: our names, and those of Airflow, Databricks and GitHub that mean the same."""


class ClosingPhase(Enum):
    """Where in the pipeline's file the jobs stand that run after all others."""

    ON_FAILURE = "on_failure"
    FINALLY = "finally"


class Outcome(Enum):
    """How a job ended."""

    SUCCEEDED = "succeeded"
    RECOVERED = "recovered"
    SKIPPED = "skipped"
    FAILED = "failed"
    NOT_RUN = "not_run"
