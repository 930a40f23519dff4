"""What a query on Athena needs: the workgroup, the catalog, the result, and the data that it reads and writes.

Sources: Step Functions developer guide, "Run Athena queries"; Athena user guide, "Configure access to databases and tables in
the AWS Glue Data Catalog", "Control access to Amazon S3 from Athena".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bunsui.model.json import Json
from bunsui.model.resource import Scope
from bunsui.model.values import Value
from bunsui.operations.contract import Permission
from bunsui.operations.integrations.arns import arn

S3_ADDRESS = re.compile(r"^s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([^*?$]*))?$")
"""Bucket, and the beginning of the keys; without what IAM would read as a pattern."""

GLUE_CATALOG = "AwsDataCatalog"

_QUERY = (
    "athena:StartQueryExecution",
    "athena:StopQueryExecution",
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
)
_READ_TABLES = ("glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:GetPartition", "glue:GetPartitions")
_MORE_PARTITIONS = ("glue:BatchGetPartition",)
_WRITE_TABLES = (
    "glue:CreateTable",
    "glue:UpdateTable",
    "glue:DeleteTable",
    "glue:CreatePartition",
    "glue:BatchCreatePartition",
    "glue:UpdatePartition",
    "glue:DeletePartition",
)
_WRITE_OBJECTS = ("s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts")


def query_permissions(
    scope: Scope,
    *,
    workgroup: Value,
    catalog: Value,
    database: Value,
    output: Value,
    reads: Sequence[Value],
    writes: Sequence[Value],
) -> tuple[Permission, ...]:
    """Return what the machine's role needs, as far as the parameters tell it."""
    named = workgroup if isinstance(workgroup, str) else "*"
    found = [Permission(actions=_QUERY, resources=(arn(scope, "athena", f"workgroup/{named}"),))]
    listed = catalog if isinstance(catalog, str) else "*"
    found.append(Permission(actions=("athena:GetDataCatalog",), resources=(arn(scope, "athena", f"datacatalog/{listed}"),)))
    if catalog == GLUE_CATALOG:
        found += _tables(scope, database, writes=bool(writes))
    for address in reads:
        found += _objects(scope, address, ("s3:GetObject",))
    for address in writes:
        found += _objects(scope, address, ("s3:GetObject", "s3:DeleteObject", *_WRITE_OBJECTS))
    if output is not None:
        found += _objects(scope, output, ("s3:GetObject", *_WRITE_OBJECTS))
    return tuple(found)


def _tables(scope: Scope, database: Value, *, writes: bool) -> list[Permission]:
    """Athena itself looks at the database `default`, whatever the query names."""
    whole = (arn(scope, "glue", "catalog"), arn(scope, "glue", "database/default"))
    found = [Permission(actions=("glue:GetDatabase",), resources=whole)]
    if database is None:
        return found
    name = database if isinstance(database, str) else "*"
    own = tuple(arn(scope, "glue", part) for part in ("catalog", f"database/{name}", f"table/{name}/*"))
    found.append(Permission(actions=(*_READ_TABLES, *_MORE_PARTITIONS), resources=own))
    if writes:
        found.append(Permission(actions=_WRITE_TABLES, resources=own))
    return found


def _objects(scope: Scope, address: Value, actions: tuple[str, ...]) -> list[Permission]:
    match = S3_ADDRESS.match(address) if isinstance(address, str) else None
    if match is None:
        # An address that only the apply knows: nothing can be made of it here, so that it is allowed by `permissions`.
        return []
    bucket, prefix = f"arn:{scope.partition}:s3:::{match.group(1)}", match.group(2) or ""
    condition: dict[str, Json] = {"StringLike": {"s3:prefix": [prefix, f"{prefix}*"]}} if prefix else {}
    return [
        Permission(actions=("s3:GetBucketLocation",), resources=(bucket,)),
        Permission(actions=("s3:ListBucket",), resources=(bucket,), condition=condition),
        Permission(actions=actions, resources=(f"{bucket}/{prefix}*",)),
    ]
