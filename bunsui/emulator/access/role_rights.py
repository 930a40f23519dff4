"""What roles permit, for services of the embedded AWS that ask before they act in a role's name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bunsui.emulator.access.conditions import Facts, conditions_hold
from bunsui.emulator.access.judged import WARN, Judge, trust_of
from bunsui.emulator.access.principals import STEP_FUNCTIONS, role_session
from bunsui.emulator.access.requested import Need
from bunsui.model.wildcards import fits

_ASSUME = "sts:assumerole"


class RoleRights:
    """Implements `bunsui.emulator.stepfunctions.roles.Roles` over the judge."""

    def __init__(self, judge: Judge) -> None:
        """Ask this judge."""
        self._judge = judge

    def refusal(self, role_arn: str, account: str, action: str, resource: str, facts: Facts) -> str:
        """Return AWS's words where a role does not permit something; empty where it does."""
        session = role_session(role_arn, STEP_FUNCTIONS, account=account)
        return "" if session is None else self._judge.refusal(session, Need(action, resource, facts))

    def distrusts(self, role_arn: str, account: str, services: Sequence[str], facts: Facts) -> bool:
        """Tell whether a role certainly lets none of the services assume it; never where refusals are only warned of."""
        trust = trust_of(account, role_arn.rpartition("/")[2])
        return trust is not None and self._judge.mode != WARN and trusts(trust, services, facts) is False


def trusts(document: object, services: Sequence[str], facts: Facts) -> bool | None:
    """Tell whether a role's trust policy lets one of the services assume it; None where that depends on what is not known."""
    given = document.get("Statement") if isinstance(document, Mapping) else None
    statements = [one for one in (given if isinstance(given, list) else [given]) if isinstance(one, Mapping)]
    said = [
        conditions_hold(one.get("Condition"), facts)
        for one in statements
        if one.get("Effect") == "Allow" and _is_meant(one, services)
    ]
    return True if True in said else None if None in said else False


def _is_meant(statement: Mapping[str, Any], services: Sequence[str]) -> bool:
    principal = statement.get("Principal")
    named = _texts(principal.get("Service")) if isinstance(principal, Mapping) else ["*"] if principal == "*" else []
    actions = [one.lower() for one in _texts(statement.get("Action"))]
    return ("*" in named or bool(set(named) & set(services))) and any(
        fits(one.split("*"), _ASSUME, single="?") for one in actions
    )


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [] if value is None else [str(value)]
