"""Objects in S3. The bucket decides how they are encrypted and when they expire."""

from __future__ import annotations

from collections.abc import Sequence

from bunsui.aws.connect import Connection
from bunsui.aws.errors import aws_code
from bunsui.errors import Missing
from bunsui.model.bucket import Bucket
from bunsui.ports.objects import ListedObject

_PAGE = 1000


class S3ObjectStore:
    """Implements `bunsui.ports.objects.ObjectStore`."""

    def __init__(self, connection: Connection) -> None:
        """Make it on a connection."""
        self._connection = connection

    def put(self, bucket: Bucket, key: str, content: bytes) -> None:
        """Store JSON under a key, in the place of what was there; success when the same is put again."""
        with self._connection.translated("s3", "PutObject", bucket=bucket.name, key=key):
            self._connection.writer("s3").put_object(
                Bucket=bucket.name,
                Key=key,
                Body=content,
                ContentType="application/json",
                ExpectedBucketOwner=bucket.owner,
            )

    def get(self, bucket: Bucket, key: str) -> bytes | None:
        """Return what lies there; None when there is no such object, or it has expired."""
        try:
            with self._connection.translated("s3", "GetObject", bucket=bucket.name, key=key):
                answer = self._connection.reader("s3").get_object(Bucket=bucket.name, Key=key, ExpectedBucketOwner=bucket.owner)
                content: bytes = answer["Body"].read()
        except Missing as error:
            if aws_code(error) != "NoSuchKey":
                raise
            return None
        return content


class S3ObjectLists:
    """Implements `bunsui.ports.objects.ObjectLists`. Listing takes s3:ListBucket; HeadObject would take the right to read.

    Source: Amazon S3 API reference, ListObjectsV2 and HeadObject, "Permissions"."""

    def __init__(self, connection: Connection) -> None:
        """Make it on a connection."""
        self._connection = connection

    def list_objects(self, bucket: str, prefix: str, *, limit: int) -> Sequence[ListedObject]:
        """Return the objects whose keys begin so, `limit` at most, in the order of their keys."""
        with self._connection.translated("s3", "ListObjectsV2", bucket=bucket):
            pages = self._connection.reader("s3").get_paginator("list_objects_v2")
            config = {"MaxItems": limit, "PageSize": min(limit, _PAGE)}
            answers = list(pages.paginate(Bucket=bucket, Prefix=prefix, PaginationConfig=config))
        found = (one for page in answers for one in page.get("Contents", ()))
        return [ListedObject(key=str(one["Key"]), changed_at=one["LastModified"]) for one in found]
