"""IAM role with one inline policy."""

from __future__ import annotations

from bunsui.kinds.kind import Attribute, Comparison, Effect, Kind
from bunsui.model.names import ROLE_NAME_LIMIT

POLICY_NAME = "bunsui"
"""The name of the one inline policy."""

KIND = Kind(
    name="role",
    title="role",
    attributes=(
        Attribute(name="path", default="/", replaces=True, held=False),
        Attribute(name="trust", comparison=Comparison.POLICY, default={}, effect=Effect.RUNNING_SESSIONS),
        Attribute(name="policy", comparison=Comparison.POLICY, default={}, effect=Effect.RUNNING_SESSIONS),
        Attribute(name="boundary", effect=Effect.RUNNING_SESSIONS),
        Attribute(name="description", default="", effect=Effect.COSMETIC),
        Attribute(name="tags", comparison=Comparison.JSON, default={}, effect=Effect.COSMETIC),
    ),
    outputs=("arn",),
    name_limit=ROLE_NAME_LIMIT,
    rank=20,
    events=(
        "CreateRole",
        "UpdateRole",
        "UpdateRoleDescription",
        "UpdateAssumeRolePolicy",
        "PutRolePolicy",
        "DeleteRolePolicy",
        "PutRolePermissionsBoundary",
        "DeleteRolePermissionsBoundary",
        "TagRole",
        "UntagRole",
    ),
    is_global=True,
    may_be_listed_whole=True,
)
