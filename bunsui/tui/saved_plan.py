"""A saved plan on the screen: where it comes from, where it would be applied, what is asked for when it is."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from bunsui.errors import InvalidInput
from bunsui.tui.messages import ScreenPlace
from bunsui.view.plan.assumed import age
from bunsui.view.spans import Line, Role, line, span

if TYPE_CHECKING:
    from bunsui.project.repository import Repository
    from bunsui.refresh.ports import ReconcilePorts
    from bunsui.services.apply.request import ApplyRequest
    from bunsui.view.saved_plan import PlanFile


def place_of(file: PlanFile, *, is_read_only: bool) -> ScreenPlace:
    """Return where a saved plan would be applied, as its file says."""
    saved = file.saved
    return ScreenPlace(
        project=saved.project,
        environment=saved.environment,
        account=saved.account,
        region=saved.region,
        commit=saved.commit,
        is_read_only=is_read_only,
    )


def origin_line(file: PlanFile, now: datetime, *, can_apply: bool) -> Line:
    """Return who made the plan, as its file says, and whether it can be applied from here."""
    made = f" by {file.made_by.rpartition(':')[2]}" if file.made_by else ""
    version = f", bunsui {file.written_by}" if file.written_by else ""
    way = "a applies it as it was reviewed" if can_apply else "only shown, the project it was made for is not here"
    return line(
        span(file.name, Role.NAME),
        span(f"  {age(now - file.saved.as_of)} ago{made}  ", Role.MUTED),
        span(way, Role.PLAIN if can_apply else Role.WARN),
        span(f"  digest {file.saved.digest[:12]}{version}", Role.MUTED),
    )


def saved_request(file: PlanFile, repository: Repository, ports: ReconcilePorts) -> ApplyRequest:
    """Return the request to carry out a saved plan, checked against the checkout and the account as `bunsui apply FILE` does.

    Raises:
        Refused: the plan is for another place, is finished or edited, or the checkout says something else.
        InvalidInput: the files have errors.

    """
    from bunsui.services.apply.request import ApplyRequest
    from bunsui.services.apply.saved import check_saved
    from bunsui.view.documents.plan import check_shown

    checked = check_saved(file.saved, repository, ports, shown=partial(check_shown, file.document))
    if checked.outcome.plan is None:
        errors = sum(found.is_error for found in checked.outcome.diagnostics)
        hint = "See them:\n  bunsui validate"
        raise InvalidInput("invalid-files", "the pipeline files have errors, so there is no plan", hint=hint, errors=errors)
    return ApplyRequest(plan=checked.outcome.plan, saved=checked, is_one_key_away=True)
