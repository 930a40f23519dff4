"""What an apply or a destroy is told by its options, before anything is asked: acceptances of CI, names, a reason."""

from __future__ import annotations

from typing import Annotated

import typer

from bunsui.services.apply.request import ACCEPT_BEHIND, ACCEPT_DRIFT, ACCEPT_DRIFT_OF, END_HOLD

AcceptDriftOption = Annotated[
    bool, typer.Option(ACCEPT_DRIFT, help="In CI: overwrite or delete whatever was changed outside bunsui.")
]
AcceptDriftOfOption = Annotated[
    list[str] | None,
    typer.Option(ACCEPT_DRIFT_OF, metavar="PIPELINE", help="The same, of this pipeline only; may be repeated."),
]
AcceptBehindOption = Annotated[
    bool, typer.Option(ACCEPT_BEHIND, help="In CI: take back what was applied from commits that this branch lacks.")
]
EndHoldOption = Annotated[
    list[str] | None,
    typer.Option(END_HOLD, metavar="PIPELINE", help="End the hold of a rollback, since this change is the fix; repeatable."),
]
ConfirmOption = Annotated[
    str | None,
    typer.Option(
        "--confirm", metavar="ENVIRONMENT", help="The environment's name, where it has to be typed, instead of being asked."
    ),
]
ProtectedOption = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-protected",
        metavar="PIPELINE",
        help="The name of a pipeline with `protect: true`, instead of being asked; may be repeated.",
    ),
]
BreakGlassOption = Annotated[
    str | None, typer.Option("--break-glass", metavar="REASON", help="Go on in a freeze window; the reason is recorded.")
]
