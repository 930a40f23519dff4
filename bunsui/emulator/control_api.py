"""The requests by which a launcher speaks to its embedded AWS: paths of its own and the header that proves who asks."""

from __future__ import annotations

TOKEN_HEADER = "x-bunsui-token"  # noqa: S105 - the name of a header, not its value
IDENTITY_PATH = "/_bunsui/identity"
STOP_PATH = "/_bunsui/stop"
SAVE_PATH = "/_bunsui/save"
CONTAINERS_PATH = "/_bunsui/containers/"
"""Followed by `process` or `none`: whether commands of containers run as processes from now on."""
LAG_PATH = "/_bunsui/lag/"
"""Followed by seconds: how late everything is from now on (`local: {lag: …}`); or, for tests, by `LISTS/DESCRIBES`: how old
what Step Functions tells of executions is."""
IAM_PATH = "/_bunsui/iam/"
"""Followed by `enforce` or `warn`: what is done from now on with calls that a role does not permit."""
ANSWERS_PATH = "/_bunsui/answers"
"""With a mapping in JSON: what is answered from now on to calls that nobody serves (`local: {answers: …}`)."""
JUDGED_PATH = "/_bunsui/judged"
"""What was judged of the calls of roles since the start, and what was not."""
