"""Policies that others put on a role of ours: attached ones, and inline ones of another name.

Sources: IAM API reference (GetAccountAuthorizationDetails, ListAttachedRolePolicies, ListRolePolicies, GetRolePolicy).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bunsui.aws.connect import Connection
from bunsui.aws.errors import none_unless_permitted
from bunsui.errors import Missing
from bunsui.kinds.role import POLICY_NAME
from bunsui.model.beside import BesideOurs
from bunsui.model.json import Json

_UNSEEN = "what others put on roles was not looked at: no permission for iam:ListAttachedRolePolicies and iam:ListRolePolicies"


def beside_in(role: Mapping[str, Any]) -> tuple[BesideOurs, ...]:
    """Return what the details of GetAccountAuthorizationDetails say of a role."""
    name = str(role["RoleName"])
    inline = {str(one["PolicyName"]): _document(one["PolicyDocument"]) for one in role.get("RolePolicyList", ())}
    return _by_name((*_inline(name, inline), *_policies_attached(name, role.get("AttachedManagedPolicies", ()))))


def beside_of(connection: Connection, name: str) -> tuple[BesideOurs, ...]:
    """Ask for it: two calls, and one for each inline policy of others. Nothing where that is not permitted, which `connection`
    is told."""
    found = none_unless_permitted(lambda: _ask(connection, name))
    if found is None:
        connection.remark(_UNSEEN)
        return ()
    return found


def _ask(connection: Connection, name: str) -> tuple[BesideOurs, ...]:
    try:
        attached = list(connection.pages("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=name))
        others = [
            str(policy)
            for policy in connection.pages("iam", "list_role_policies", "PolicyNames", RoleName=name)
            if policy != POLICY_NAME
        ]
        inline = {policy: _read(connection, name, policy) for policy in others}
    except Missing:
        return ()  # it went meanwhile
    return _by_name((*_inline(name, inline), *_policies_attached(name, attached)))


def _read(connection: Connection, name: str, policy: str) -> Json:
    with connection.translated("iam", "GetRolePolicy", role=name):
        return _document(connection.reader("iam").get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"])


def _inline(role: str, policies: Mapping[str, Json]) -> Iterator[BesideOurs]:
    for name, document in policies.items():
        if name != POLICY_NAME:
            removal = ("iam", "delete-role-policy", "--role-name", role, "--policy-name", name)
            yield BesideOurs(what="inline policy", name=name, policy=document, removal=removal)


def _policies_attached(role: str, policies: Iterable[Mapping[str, Any]]) -> Iterator[BesideOurs]:
    for policy in policies:
        arn = str(policy["PolicyArn"])
        yield BesideOurs(
            what="attached policy",
            name=arn,
            removal=("iam", "detach-role-policy", "--role-name", role, "--policy-arn", arn),
        )


def _by_name(found: Iterable[BesideOurs]) -> tuple[BesideOurs, ...]:
    return tuple(sorted(found, key=lambda one: (one.what, one.name)))


def _document(value: Any) -> Json:
    """Return a policy as JSON; what is none is told as a text, since nobody but IAM can have stored it."""
    try:
        document: Json = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return str(value)
    return document
