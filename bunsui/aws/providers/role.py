"""IAM roles: path, trust, boundary, and the one inline policy `bunsui`."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bunsui.aws.connect import Connection
from bunsui.aws.errors import foreign_answer, is_forbidden, none_unless_permitted
from bunsui.aws.grants import Grant, Purpose
from bunsui.aws.objects import bulk
from bunsui.aws.objects.beside_roles import beside_in, beside_of
from bunsui.aws.objects.bulk_roles import details_of
from bunsui.aws.objects.observed import observed_resource, written
from bunsui.aws.objects.tags import check_ours, from_list, seen_later, tag_change, upper_list, users_own
from bunsui.aws.providers.parts import ProviderParts
from bunsui.errors import AccessDenied, Conflict, Missing, NotOwned
from bunsui.kinds.naming import name_prefix
from bunsui.kinds.registry import kinds
from bunsui.kinds.role import POLICY_NAME
from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.model.resource import TAG_REGION, ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.ports.cloud import NOTHING_APPLIED, ResolvedResource, Written

NO_POLICY: Json = {"Version": "2012-10-17", "Statement": []}
"""What a role without the inline policy may do. IAM refuses to store it, so it is written by removing the policy."""


def _takers() -> Json:
    """Return the services to which roles are passed on."""
    return [*sorted({kind.taken_on_by for kind in kinds().values() if kind.taken_on_by})]


GRANTS = (
    Grant(sid="RolesList", purpose=Purpose.PLAN, service="iam", operations=("ListRoles",)),
    Grant(
        sid="RolesRead",
        purpose=Purpose.PLAN,
        service="iam",
        operations=("GetRole", "GetRolePolicy"),
        on_given_roles=True,
        on=("iam:role/bunsui/{project}/{environment}/*", "iam:role/{names}"),
    ),
    Grant(
        sid="RolesBeside",
        purpose=Purpose.PLAN,
        service="iam",
        operations=("ListAttachedRolePolicies", "ListRolePolicies"),
        optional="policies that others put on roles are not seen where roles are read one by one",
        on=("iam:role/bunsui/{project}/{environment}/*", "iam:role/{names}"),
    ),
    Grant(
        sid="RolesBulk",
        purpose=Purpose.PLAN,
        service="iam",
        operations=("GetAccountAuthorizationDetails",),
        optional="there are two calls for each role instead of one for hundreds",
    ),
    Grant(
        sid="RolesWrite",
        purpose=Purpose.APPLY,
        service="iam",
        operations=(
            "CreateRole",
            "DeleteRole",
            "DeleteRolePermissionsBoundary",
            "DeleteRolePolicy",
            "DetachRolePolicy",
            "PutRolePermissionsBoundary",
            "PutRolePolicy",
            "TagRole",
            "UntagRole",
            "UpdateAssumeRolePolicy",
            "UpdateRole",
        ),
        actions={"CreateRole": ("CreateRole", "TagRole")},
        on=("iam:role/bunsui/{project}/{environment}/*",),
    ),
    Grant(
        sid="RolesRemove",
        purpose=Purpose.APPLY,
        service="iam",
        operations=("ListAttachedRolePolicies", "ListRolePolicies"),
        on=("iam:role/bunsui/{project}/{environment}/*", "iam:role/{names}"),
    ),
    Grant(
        sid="RolesPass",
        purpose=Purpose.APPLY,
        service="iam",
        operations=("PassRole",),
        on_given_roles=True,
        on=("iam:role/bunsui/{project}/{environment}/*",),
        condition={"StringEquals": {"iam:PassedToService": _takers()}},
    ),
)
"""What the caller must be allowed on the kind."""


def provider(parts: ProviderParts) -> RoleProvider:
    """Return the kind's provider."""
    return RoleProvider(parts.connection)


class RoleProvider:
    """Roles under `/bunsui/{project}/{environment}/`. Reads: ListRoles pages, then GetAccountAuthorizationDetails pages where
    they are permitted and few, else GetRole and GetRolePolicy for each."""

    kind = "role"

    def __init__(self, connection: Connection) -> None:
        """Make it on a connection."""
        self._connection = connection
        self._path = ""
        """Under which roles were listed last."""
        self._prefix = ""
        """What the names of those roles begin with."""

    def read_owned(
        self,
        scope: Scope,
        wanted: Sequence[DesiredResource],
        *,
        applied: Mapping[Address, AppliedResource] = NOTHING_APPLIED,
        suspects: Collection[Address] | None = None,
    ) -> Sequence[ActualResource]:
        """Return the roles under the scope's path, and those that bear a wanted name anywhere. With suspects, only these are
        read, unless lists with all of a role are permitted."""
        path = self._path = f"/bunsui/{scope.project}/{scope.environment}/"
        self._prefix = name_prefix(scope)
        found = none_unless_permitted(lambda: self._list_roles(path))
        listed = found or {}
        details = details_of(self._connection, listed)
        only = bulk.survey_of(self.kind, scope, applied, suspects) if found is not None else None

        def read_one(address: Address, name: str) -> ActualResource | None:
            if found is not None and name not in found:
                return self._elsewhere(address, name)
            if name not in details:
                if only is not None and name in listed and only.trusts(name):
                    return only.assumed(name)
                seen = self.read(address, name)
                return replace(seen, beside=beside_of(self._connection, name)) if seen is not None else None
            detail = details[name]
            seen = _observe(address, {**detail, "Description": listed[name]}, _inline(detail.get("RolePolicyList", ())))
            return replace(seen, beside=beside_in(detail))

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

    def _elsewhere(self, address: Address, name: str) -> ActualResource | None:
        """Return the role of that name outside the scope's path, None where there is none, or nobody may look."""
        try:
            return self._read(address, name)
        except AccessDenied as error:
            if not is_forbidden(error):
                raise
            return None

    def _is_unlisted(self, name: str) -> bool:
        """Tell whether a role with one of the scope's names is certainly not under its path; False where nobody may list it."""
        if not self._path or not name.startswith(self._prefix):
            return False  # such as one that somebody else makes, which is nowhere listed
        found = none_unless_permitted(lambda: self._list_roles(self._path))
        return found is not None and name not in found

    def _list_roles(self, path: str) -> Mapping[str, str | None]:
        """Return the descriptions of the roles under a path by name: all that the list has and the details lack."""
        pages = self._connection.each_page("iam", "list_roles", "Roles", PathPrefix=path)
        return {str(role["RoleName"]): role.get("Description") for page in pages for role in page}

    def read(self, address: Address, physical_name: str) -> ActualResource | None:
        """Return the role of that name, None when it does not exist.

        IAM checks the permission to read an absent role on its name without a path, and denies it to who may read roles of the
        scope's path only. One that is not listed there is taken for absent then: CreateRole refuses a name that is taken."""
        try:
            return self._read(address, physical_name)
        except AccessDenied as error:
            if is_forbidden(error) and self._is_unlisted(physical_name):
                return None
            raise

    def _read(self, address: Address, physical_name: str) -> ActualResource | None:
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
        return _observe(address, role, policy)

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
        except Conflict as error:
            actual = self._of_taken_name(resource.address, name)
            if actual is None:
                seen_later(error)
                raise
            check_ours(actual, resource.tags)
            return self.update(resource, actual)
        if _has_statements(attributes["policy"]):
            self._write_policy(name, attributes["policy"])
        return written(resource, {"arn": str(role["Arn"])})

    def _of_taken_name(self, address: Address, name: str) -> ActualResource | None:
        """Return the role that has the name; None when it cannot be seen yet.

        Raises:
            NotOwned: nobody here may look at it, so it is not under the scope's path.

        """
        try:
            return self._read(address, name)
        except AccessDenied as error:
            if not is_forbidden(error):
                raise
            raise NotOwned(
                "not-owned",
                "a role of that name exists outside our path, and these credentials may not read it",
                hint="Give the pipeline another `resource_name:`, or remove the other role.",
                name=name,
            ) from error

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


def _observe(address: Address, role: Mapping[str, Any], policy: Json) -> ActualResource:
    tags = from_list(role.get("Tags", ()))
    seen = observed_resource(
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
    return replace(seen, used_in=_used_in(seen.attributes["trust"], policy)) if TAG_REGION not in tags else seen


_OWN_LOGS = ":log-group:/aws/lambda/"


def _used_in(trust: Json, policy: Json) -> str:
    """Return the region of what uses a role, by the sources that it trusts, else by the function's log that it may write; empty
    when it is not one region."""
    sources = {arn for statement in _statements(trust) for arn in _sources(statement)}
    logs = {arn for statement in _statements(policy) for arn in _texts(statement.get("Resource")) if _OWN_LOGS in arn}
    regions = {arn.split(":")[3] for arn in (sources or logs) if arn.startswith("arn:") and arn.count(":") > 4}
    return next(iter(regions)) if len(regions) == 1 else ""


def _sources(statement: Mapping[str, Any]) -> Sequence[str]:
    condition = statement.get("Condition")
    like = condition.get("ArnLike") if isinstance(condition, Mapping) else None
    return _texts(like.get("aws:SourceArn")) if isinstance(like, Mapping) else ()


def _statements(document: Any) -> Sequence[Mapping[str, Any]]:
    found = document.get("Statement") if isinstance(document, Mapping) else None
    return [one for one in (found if isinstance(found, (list, tuple)) else [found]) if isinstance(one, Mapping)]


def _texts(value: Any) -> Sequence[str]:
    return [one for one in (value if isinstance(value, (list, tuple)) else [value]) if isinstance(one, str)]


def _inline(policies: Iterable[Mapping[str, Any]]) -> Json:
    """Return the policy that is bunsui's among a role's inline policies."""
    return next((_document(found["PolicyDocument"]) for found in policies if found["PolicyName"] == POLICY_NAME), NO_POLICY)


def _document(value: Any) -> Json:
    """Return a policy document as JSON; boto3 decodes it by itself where the service's answer is well formed."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise foreign_answer({"Message": "a policy that is no JSON"}, "iam", "GetRole") from None
    document: Json = value
    return document


def _has_statements(document: Any) -> bool:
    return bool(document and document.get("Statement"))


def _text(document: Any) -> str:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)
