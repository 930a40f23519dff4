"""Which objects of S3 are not there: of one that is missing, S3 says so only to whoever may list its bucket.

Source: Amazon S3 API reference, "GetObject" and "HeadObject", Permissions.
"""

from __future__ import annotations

from bunsui.emulator.internals import inner

_PREFIX = "arn:aws:s3:::"


def is_absent(object_arn: str) -> bool:
    """Tell whether a bucket of the embedded AWS has no object of that key; False where there is no such bucket."""
    from ministack.services import s3

    bucket, _, key = object_arn.removeprefix(_PREFIX).partition("/")
    everything = inner(inner(s3, "_buckets"), "_data")
    found = next((one for (_, name), one in list(everything.items()) if name == bucket), None)
    return bool(key) and found is not None and key not in found["objects"]
