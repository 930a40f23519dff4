"""IAM roles: path, trust, boundary, and the one inline policy `bunsui`."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from bunsui.aws.connect import Connection
from bunsui.aws.errors import permitted
from bunsui.aws.providers import bulk
from bunsui.aws.providers.bulk_roles import details_of
from bunsui.aws.providers.observed import observed, written
from bunsui.aws.providers.tags import check_ours, from_list, tag_change, upper_list, users_own
from bunsui.errors import Conflict, Missing
from bunsui.model.resource import ActualResource, Address, AppliedResource, DesiredResource, Scope
from bunsui.model.values import Json
from bunsui.ports.cloud import NOTHING_APPLIED, ResolvedResource, Written

POLICY_NAME = "bunsui"
NO_POLICY: Json = {"Version": "2012-10-17", "Statement": []}
"""What a role without the inline policy may do. IAM refuses to store it, so it is written by removing the policy."""


class RoleProvider:
    """Roles under `/bunsui/{project}/{environment}/`. Reads: ListRoles pages, then GetAccountAuthorizationDetails pages where
    they are permitted and few, else GetRole and GetRolePolicy for each."""

    kind = "role"

    def __init__(self, connection: Connection) -> None:
        """Make it on a connection."""
        self._connection = connection

    def read_owned(
        self,
        scope: Scope,
        wanted: Sequence[DesiredResource],
        *,
        applied: Mapping[Address, AppliedResource] = NOTHING_APPLIED,
        suspects: Collection[Address] | None = None,
    ) -> Sequence[ActualResource]:
        """Give the roles under the scope's path, and those that bear a wanted name anywhere. With suspects, only these are
        read, unless lists with all of a role are permitted."""
        path = f"/bunsui/{scope.project}/{scope.environment}/"
        found = permitted(lambda: self._listed(path))
        listed = found or {}
        details = details_of(self._connection, listed)
        only = bulk.surveyed(self.kind, scope, applied, suspects) if found is not None else None

        def read_one(address: Address, name: str) -> ActualResource | None:
            if name not in details:
                return (
                    only.assumed(name)
                    if only is not None and name in listed and only.trusts(name)
                    else self.read(address, name)
                )
            detail = details[name]
            return _observed(address, {**detail, "Description": listed[name]}, _inline(detail.get("RolePolicyList", ())))

        return bulk.read_owned(
            self._connection,
            kind=self.kind,
            scope=scope,
            wanted=wanted,
            written=bulk.written_before(self.kind, applied),
            listed=found,
            beyond=lambda name: name not in listed,  # names are unique in the account, whatever the path
            read_one=read_one,
            is_at_hand=lambda name: name in details,
        )

    def _listed(self, path: str) -> Mapping[str, str | None]:
        """Give the descriptions of the roles under a path by name: all that the list has and the details lack."""
        pages = self._connection.each_page("iam", "list_roles", "Roles", PathPrefix=path)
        return {str(role["RoleName"]): role.get("Description") for page in pages for role in page}

    def read(self, address: Address, physical_name: str) -> ActualResource | None:
        """Give the role of that name, None when it does not exist."""
        client = self._connection.reader("iam")
        try:
            with self._connection.translated("iam", "GetRole", role=physical_name):
                role: Mapping[str, Any] = client.get_role(RoleName=physical_name)["Role"]
        except Missing:
            return None
        try:
            with self._connection.translated("iam", "GetRolePolicy", role=physical_name):
                policy: Json = _document(
                    client.get_role_policy(RoleName=physical_name, PolicyName=POLICY_NAME)["PolicyDocument"]
                )
        except Missing:
            policy = NO_POLICY
        return _observed(address, role, policy)

    def create(self, resource: ResolvedResource) -> Written:
        """Make the role with its tags, then its policy; a role of that name that is ours is brought up to date instead."""
        attributes: Mapping[str, Any] = resource.attributes
        boundary = {"PermissionsBoundary": attributes["boundary"]} if attributes["boundary"] else {}
        name = resource.physical_name
        try:
            with self._connection.translated("iam", "CreateRole", role=name):
                role = self._connection.writer("iam").create_role(
                    RoleName=name,
                    Path=attributes["path"],
                    AssumeRolePolicyDocument=_text(attributes["trust"]),
                    Description=attributes["description"],
                    Tags=upper_list(resource.tags),
                    **boundary,
                )["Role"]
        except Conflict:
            actual = self.read(resource.address, name)
            if actual is None:
                raise
            check_ours(actual.tags, resource.tags, name)
            return self.update(resource, actual)
        if _has_statements(attributes["policy"]):
            self._write_policy(name, attributes["policy"])
        return written(resource, {"arn": str(role["Arn"])})

    def update(self, resource: ResolvedResource, actual: ActualResource) -> Written:
        """Write what differs: trust, description, boundary, policy, tags."""
        after: Mapping[str, Any] = resource.attributes
        before = actual.attributes
        name = resource.physical_name
        client = self._connection.writer("iam")
        if before.get("trust") != after["trust"]:
            with self._connection.translated("iam", "UpdateAssumeRolePolicy", role=name):
                client.update_assume_role_policy(RoleName=name, PolicyDocument=_text(after["trust"]))
        if before.get("description") != after["description"]:
            with self._connection.translated("iam", "UpdateRole", role=name):
                client.update_role(RoleName=name, Description=after["description"])
        if before.get("boundary") != after["boundary"]:
            self._write_boundary(name, after["boundary"])
        if before.get("policy") != after["policy"]:
            self._write_policy(name, after["policy"])
        change = tag_change(actual.tags, resource.tags)
        if change.added:
            with self._connection.translated("iam", "TagRole", role=name):
                client.tag_role(RoleName=name, Tags=upper_list(change.added))
        if change.removed:
            with self._connection.translated("iam", "UntagRole", role=name):
                client.untag_role(RoleName=name, TagKeys=list(change.removed))
        return written(resource, {"arn": actual.outputs["arn"]})

    def delete(self, actual: ActualResource) -> None:
        """Remove the role with every policy on it, which IAM asks for; success when it is already gone."""
        name = actual.physical_name
        client = self._connection.writer("iam")
        try:
            for policy in self._connection.pages("iam", "list_role_policies", "PolicyNames", RoleName=name):
                with self._connection.translated("iam", "DeleteRolePolicy", role=name):
                    client.delete_role_policy(RoleName=name, PolicyName=policy)
            for attached in self._connection.pages("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=name):
                with self._connection.translated("iam", "DetachRolePolicy", role=name):
                    client.detach_role_policy(RoleName=name, PolicyArn=attached["PolicyArn"])
            with self._connection.translated("iam", "DeleteRole", role=name):
                client.delete_role(RoleName=name)
        except Missing:
            return

    def _write_policy(self, name: str, document: Any) -> None:
        client = self._connection.writer("iam")
        if _has_statements(document):
            with self._connection.translated("iam", "PutRolePolicy", role=name):
                client.put_role_policy(RoleName=name, PolicyName=POLICY_NAME, PolicyDocument=_text(document))
            return
        try:
            with self._connection.translated("iam", "DeleteRolePolicy", role=name):
                client.delete_role_policy(RoleName=name, PolicyName=POLICY_NAME)
        except Missing:
            return

    def _write_boundary(self, name: str, boundary: str | None) -> None:
        client = self._connection.writer("iam")
        if boundary:
            with self._connection.translated("iam", "PutRolePermissionsBoundary", role=name):
                client.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
        else:
            with self._connection.translated("iam", "DeleteRolePermissionsBoundary", role=name):
                client.delete_role_permissions_boundary(RoleName=name)


def _observed(address: Address, role: Mapping[str, Any], policy: Json) -> ActualResource:
    tags = from_list(role.get("Tags", ()))
    return observed(
        address,
        str(role["RoleName"]),
        attributes={
            "path": str(role["Path"]),
            "trust": _document(role["AssumeRolePolicyDocument"]),
            "policy": policy,
            "boundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
            "description": str(role.get("Description") or ""),
            "tags": users_own(tags),
        },
        outputs={"arn": str(role["Arn"])},
        tags=tags,
    )


def _inline(policies: Iterable[Mapping[str, Any]]) -> Json:
    """Give the policy that is bunsui's among a role's inline policies."""
    return next((_document(found["PolicyDocument"]) for found in policies if found["PolicyName"] == POLICY_NAME), NO_POLICY)


def _document(value: Any) -> Json:
    """Give a policy document as JSON; boto3 decodes it by itself where the service's answer is well formed."""
    document: Json = json.loads(value) if isinstance(value, str) else value
    return document


def _has_statements(document: Any) -> bool:
    return bool(document and document.get("Statement"))


def _text(document: Any) -> str:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)
