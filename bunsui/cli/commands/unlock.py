"""`bunsui unlock`: take the lock from a holder that is known to be dead."""

from __future__ import annotations

from typing import Annotated

import typer

from bunsui.cli.options import globals_of
from bunsui.composition import workspace as bootstrap
from bunsui.errors import ExitCode
from bunsui.services.unlock import unlock
from bunsui.view.apply.lock import holder_spans
from bunsui.view.documents.state import UnlockDocument
from bunsui.view.spans import line, span


def run(
    context: typer.Context,
    lock_id: Annotated[str, typer.Argument(metavar="LOCK_ID", help="As the waiting command shows it.")],
) -> int:
    """Free the lock of an apply that is known to be dead. A lock whose holder died frees itself after a minute as well."""
    options = globals_of(context)
    output = options.output
    _, ports = bootstrap.reconcile(options)
    question = "If its holder still works, two applies may write at the same time. Free the lock?"
    if not options.assume_yes and not output.confirm(question, flag="--yes"):
        output.say("nothing was changed")
        return ExitCode.FAILED
    record = unlock(ports, lock_id)
    if output.as_json:
        output.document(UnlockDocument.of(record))
    else:
        output.lines([line(span("freed the lock: "), *holder_spans(record, ports.clock.now()))])
    output.next_step("bunsui apply", "what was half done is found by reading AWS")
    return ExitCode.DONE
