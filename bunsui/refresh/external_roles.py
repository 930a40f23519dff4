"""Who may take on the roles that somebody else made, for what a plan changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from bunsui.errors import CloudError
from bunsui.kinds.role import ROLE
from bunsui.model.address import Address
from bunsui.model.values import Value
from bunsui.plan.checks.given_roles import given_role
from bunsui.plan.model import Plan
from bunsui.ports.cloud import Provider

_ASKED = 20
"""How many roles are asked about in a plan."""


def trusted_services(plan: Plan, roles: Provider | None) -> Mapping[str, frozenset[str] | None]:
    """Return the services that each given role trusts, by its ARN: none when the role is not there, None where nobody could
    tell. Nothing is decided by this.
    """
    named = dict.fromkeys(arn for change in plan.pending if (arn := given_role(change)) is not None)
    return trusted_by(roles, list(named)[:_ASKED]) if roles is not None else {}


def trusted_by(roles: Provider, arns: Iterable[str]) -> Mapping[str, frozenset[str] | None]:
    """Return the services that each role trusts, by its ARN: none when the role is not there, None where nobody could tell."""
    result: dict[str, frozenset[str] | None] = {}
    for arn in arns:
        try:
            found = roles.read(Address(ROLE, "given"), arn.rpartition("/")[2])
        except CloudError:
            result[arn] = None
        else:
            is_it = found is not None and found.outputs.get("arn") == arn
            result[arn] = frozenset(services_in(found.attributes.get("trust"))) if found is not None and is_it else frozenset()
    return result


def services_in(trust: Value) -> Iterator[str]:
    """Return the services that a trust policy lets take on its role, under whatever condition."""
    statements = trust.get("Statement") if isinstance(trust, Mapping) else None
    for statement in statements if isinstance(statements, (list, tuple)) else [statements]:
        if isinstance(statement, Mapping) and statement.get("Effect") == "Allow":
            principal = statement.get("Principal")
            services = principal.get("Service") if isinstance(principal, Mapping) else None
            yield from (
                str(service) for service in (services if isinstance(services, (list, tuple)) else [services]) if service
            )
