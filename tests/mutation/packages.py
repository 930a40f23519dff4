"""The packages that are mutated, and the tests that belong to each: its own, and those of the services that are about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MutatedPackage:
    """A package under `bunsui`, and the files and folders of its tests."""

    name: str
    tests: tuple[str, ...]


PACKAGES = (
    MutatedPackage(
        name="plan",
        tests=(
            "tests/unit/plan",
            "tests/services/test_alerts.py",
            "tests/services/test_stale_branch.py",
            "tests/services/test_given_roles.py",
            "tests/services/test_lifecycle.py",
            "tests/services/test_noise.py",
            "tests/services/test_partial.py",
            "tests/services/test_plan.py",
            "tests/services/test_retirement.py",
            "tests/services/test_saved.py",
        ),
    ),
    MutatedPackage(
        name="apply",
        tests=(
            "tests/unit/apply",
            "tests/services/test_apply.py",
            "tests/services/test_lifecycle.py",
            "tests/services/test_locking.py",
            "tests/services/test_partial.py",
            "tests/services/test_retirement.py",
        ),
    ),
    MutatedPackage(
        name="sessions",
        tests=(
            "tests/unit/sessions",
            "tests/services/test_attempts.py",
            "tests/services/test_backfill.py",
            "tests/services/test_commits_of_others.py",
            "tests/services/test_explain.py",
            "tests/services/test_gates.py",
            "tests/services/test_items_that_fit.py",
            "tests/services/test_large_resume.py",
            "tests/services/test_logs.py",
            "tests/services/test_one_recovery.py",
            "tests/services/test_recorded.py",
            "tests/services/test_recover.py",
            "tests/services/test_recovery.py",
            "tests/services/test_redrives.py",
            "tests/services/test_remarks.py",
            "tests/services/test_resume.py",
            "tests/services/test_resumed_result.py",
            "tests/services/test_rounds.py",
            "tests/services/test_run.py",
            "tests/services/test_sensitive_failures.py",
            "tests/services/test_session_filter.py",
            "tests/services/test_session_laws.py",
            "tests/services/test_sessions.py",
            "tests/services/test_several_calls.py",
            "tests/services/test_status.py",
            "tests/services/test_stops.py",
            "tests/services/test_take.py",
        ),
    ),
    MutatedPackage(
        name="compile",
        tests=(
            "tests/unit/compile",
            "tests/unit/operations",
            "tests/services/test_alerts.py",
            "tests/services/test_dag_law.py",
            "tests/services/test_given_roles.py",
            "tests/services/test_lifecycle.py",
            "tests/services/test_loops_and_children.py",
        ),
    ),
)
