"""Who may take on the roles that somebody else made, for what a plan changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bunsui.errors import CloudError
from bunsui.kinds.role import ROLE
from bunsui.model.address import Address
from bunsui.model.json import Json
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
    result: dict[str, frozenset[str] | None] = {}
    for arn in list(named)[:_ASKED] if roles is not None else ():
        assert roles is not None, "else nothing is asked"
        try:
            found = roles.read(Address(ROLE, "given"), arn.rpartition("/")[2])
        except CloudError:
            result[arn] = None
        else:
            is_it = found is not None and found.outputs.get("arn") == arn
            result[arn] = frozenset(_services(found.attributes.get("trust"))) if found is not None and is_it else frozenset()
    return result


def _services(trust: Json) -> Iterator[str]:
    """Return the services that a trust policy lets take on its role, under whatever condition."""
    statements = trust.get("Statement") if isinstance(trust, dict) else None
    for statement in statements if isinstance(statements, list) else [statements]:
        if isinstance(statement, dict) and statement.get("Effect") == "Allow":
            principal = statement.get("Principal")
            services = principal.get("Service") if isinstance(principal, dict) else None
            yield from (str(service) for service in (services if isinstance(services, list) else [services]) if service)
