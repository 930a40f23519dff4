"""URLs of the embedded AWS itself that are good for a while for whoever has them, such as that of a function's code."""

from __future__ import annotations

import time
from urllib.parse import quote, urlsplit

from bunsui.emulator.access.principals import Keys
from bunsui.emulator.access.signatures import ALGORITHM, UNSIGNED, Signature, compute_signature

_UNRESERVED = "-_.~"


def presigned_url(url: str, keys: Keys, *, region: str, seconds: int, method: str = "GET", now: float | None = None) -> str:
    """Return the URL (without a query) with a signature that is good for so many seconds from `now` (seconds since 1970)."""
    parts = urlsplit(url)
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() if now is None else now))
    scope = (stamp[:8], region, "s3")
    query = {
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": "/".join((keys.access_key, *scope, "aws4_request")),
        "X-Amz-Date": stamp,
        "X-Amz-Expires": str(seconds),
        "X-Amz-SignedHeaders": "host",
    }
    if keys.token:
        query["X-Amz-Security-Token"] = keys.token
    coded = "&".join(f"{name}={quote(value, safe=_UNRESERVED)}" for name, value in sorted(query.items()))
    path = quote(parts.path, safe="/" + _UNRESERVED)
    canonical = "\n".join([method, path, coded, f"host:{parts.netloc}\n", "host", UNSIGNED])
    signature = Signature(
        access_key=keys.access_key, scope=scope, signed_headers=("host",), value="", stamp=stamp, token=keys.token
    )
    value = compute_signature(signature, canonical, secret_key=keys.secret_key)
    return f"{parts.scheme}://{parts.netloc}{path}?{coded}&X-Amz-Signature={value}"
