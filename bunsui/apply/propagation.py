"""Waiting for IAM: a role just written is not known everywhere at once.

AWS documents IAM as eventually consistent; services that assume a role refuse one that they do not know yet. Providers map
those exact refusals to the code `iam-not-propagated`. They are repeated only when a role was written moments ago, since the
same refusal of an old role is a real mistake.
"""

from __future__ import annotations

from collections.abc import Callable

from bunsui.errors import CloudError
from bunsui.ports.clock import Clock
from bunsui.ports.cloud import Written

NOT_PROPAGATED = "iam-not-propagated"
PATIENCE_SECONDS = 120.0
_FIRST_DELAY_SECONDS = 1.0
_LONGEST_DELAY_SECONDS = 8.0


def patiently(write: Callable[[], Written], *, clock: Clock, waiting: Callable[[], None]) -> Written:
    """Make the write, repeating it for up to two minutes while IAM does not know the role yet.

    `waiting` is called once, before the first pause. The last refusal is raised when the patience ends.
    """
    waited = 0.0
    delay = _FIRST_DELAY_SECONDS
    while True:
        try:
            return write()
        except CloudError as error:
            if error.code != NOT_PROPAGATED or waited >= PATIENCE_SECONDS:
                raise
        if not waited:
            waiting()
        delay = min(delay, PATIENCE_SECONDS - waited)
        clock.sleep(delay)
        waited += delay
        delay = min(delay * 2, _LONGEST_DELAY_SECONDS)
