"""Refuses a plan of a checkout that lacks files: whoever did not get a file did not remove what it says."""

from __future__ import annotations

from bunsui.document.globs import glob_pattern
from bunsui.errors import Refused
from bunsui.project.compile import Applied, CompiledProject
from bunsui.project.repository import Repository


def check_checkout(repository: Repository, compiled: CompiledProject, applied: Applied, *, plans_everything: bool) -> None:
    """Check that what the files lack was removed, rather than left out of the checkout.

    Raises:
        Refused: `no-pipeline-files`, `partial-checkout`.

    """
    _refuse_an_empty_repository(compiled, applied)
    if plans_everything:
        _refuse_a_partial_checkout(repository)


def _refuse_a_partial_checkout(repository: Repository) -> None:
    patterns = [glob_pattern(pattern) for pattern in repository.project.patterns]
    lacking = [path for path in repository.left_out if any(pattern.fullmatch(path) for pattern in patterns)]
    if lacking:
        raise Refused(
            "partial-checkout",
            "git leaves pipeline files out of this checkout, so a plan of everything would remove their pipelines",
            hint="Check everything out:\n  git sparse-checkout disable\nor name the pipelines to plan.",
            files=", ".join(lacking[:5]),
            count=len(lacking),
        )


def _refuse_an_empty_repository(compiled: CompiledProject, applied: Applied) -> None:
    """A checkout without any pipeline file is far more often a mistake than the wish to remove everything."""
    if applied and not compiled.documents.files:
        raise Refused(
            "no-pipeline-files",
            "no pipeline file was found, although this environment has resources of this project",
            hint="Look at `pipelines` in bunsui.yaml. To remove everything on purpose:\n  bunsui destroy",
            resources=len(applied),
        )
