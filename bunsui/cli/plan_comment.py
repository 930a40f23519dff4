"""The comment of a plan that fails: it takes the place of the last one, whose digest nobody may apply any more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bunsui.cli.options import Globals
from bunsui.diagnostics import Diagnostic
from bunsui.errors import BunsuiError


@contextmanager
def comment_of_failure(options: Globals, *, wanted: bool) -> Iterator[list[Diagnostic]]:
    """Print a comment with what is wrong, and no digest, when the block fails; the failure goes on. The block puts the findings
    into the list that it is given."""
    found: list[Diagnostic] = []
    try:
        yield found
    except BunsuiError as error:
        if wanted:
            options.output.raw(_failed_comment(options, error, found))
        raise


def _failed_comment(options: Globals, error: BunsuiError, found: list[Diagnostic]) -> str:
    from bunsui.composition.ci import failed_place  # deferred: only what fails needs it
    from bunsui.view.plan.failed import failed_markdown

    return failed_markdown(failed_place(options), error, found, options.output.invocation)
