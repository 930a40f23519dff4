"""How much an evaluation may take.

Others measured it on AWS (github.com/floci-io/floci, issue 2737): 100 levels of nesting, and as much memory as 873,782 numbers
or 4,194,304 characters take. How long AWS lets an expression run is not known.
"""

from __future__ import annotations

DEEPEST = 100
MOST_STEPS = 1_000_000
MOST_ITEMS = 873_782
LONGEST_TEXT = 8 * MOST_ITEMS
"""A number takes as much as eight characters."""
TOO_MUCH_MEMORY = "Expression evaluation memory limit exceeded: Check for excessive memory usage"


class OutOfBounds(Exception):
    """An evaluation took too much; the message is AWS's."""
