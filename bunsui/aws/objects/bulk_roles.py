"""Many roles in few calls, where the account allows it: with policies, boundary and tags."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from bunsui.aws.connect import Connection
from bunsui.aws.errors import none_unless_permitted
from bunsui.errors import CloudError

BULK_ROLES = "bulk-roles"
"""In `Connection.drops` where an endpoint leaves out a part of the details, such as the boundary."""

_FEWEST = 2
"""Up to this many roles are read one by one: there is nothing to save."""
_ROLES_FOR_A_PAGE = 4
"""A page is only worth asking for as long as there is one for so many roles: pages come one after the other, and hold the
roles of the whole account."""

_NEEDED = (
    *("RoleName", "Path", "Arn", "AssumeRolePolicyDocument", "RolePolicyList", "AttachedManagedPolicies"),
    *("PermissionsBoundary", "Tags"),
)


def details_of(connection: Connection, names: Collection[str]) -> Mapping[str, Mapping[str, Any]]:
    """Return what GetAccountAuthorizationDetails says of these roles, by name: all of a role but its description.

    Stops when every name was found, or when pages cost more than they save; what is missing then is to be read by itself.
    Empty when the permission is missing. `connection` is told which way it went."""
    if len(names) <= _FEWEST or BULK_ROLES in connection.drops:
        return {}
    try:
        found = none_unless_permitted(lambda: _pages(connection, names))
    except CloudError:
        if not connection.is_local:
            raise
        return {}  # this emulator has no such call
    if found is None:
        connection.remark("roles read one by one: no permission for iam:GetAccountAuthorizationDetails")
        return {}
    connection.remark(f"{len(found)} of {len(names)} roles read in bulk, by iam:GetAccountAuthorizationDetails")
    return found


def _pages(connection: Connection, names: Collection[str]) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    pages = connection.each_page("iam", "get_account_authorization_details", "RoleDetailList", Filter=["Role"])
    for number, page in enumerate(pages, start=1):
        found |= {str(role["RoleName"]): _needed_parts(role) for role in page if role["RoleName"] in names}
        if len(found) == len(names) or (len(names) - len(found)) < number * _ROLES_FOR_A_PAGE:
            break
    return found


def _needed_parts(role: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the parts that are looked at: with what else the details say, thousands of roles would fill the memory."""
    return {key: role[key] for key in _NEEDED if key in role}
