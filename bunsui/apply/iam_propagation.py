"""Wait for IAM's eventual consistency: the retry policy of writes that need a role written a moment ago.

AWS documents IAM as eventually consistent; services that assume a role refuse one that they do not know yet. Providers map
those exact refusals to the code `iam-not-propagated`. They are retried only when a role was written moments ago, since the
same refusal of an old role is a real mistake.
"""

from __future__ import annotations

from bunsui.errors import CloudError
from bunsui.retry import Backoff, RetryPolicy

NOT_PROPAGATED = "iam-not-propagated"
PATIENCE_SECONDS = 120.0

IAM_PROPAGATION: RetryPolicy[Exception] = RetryPolicy(
    retries=lambda error: isinstance(error, CloudError) and error.code == NOT_PROPAGATED,
    backoff=Backoff(first_seconds=1.0, longest_seconds=8.0),
    patience_seconds=PATIENCE_SECONDS,
    waits_for=lambda error: "IAM",
)
"""For up to two minutes, while IAM does not know the role yet."""
