"""How many of each an account may have in Step Functions, unless AWS granted it more.

Sources: "Step Functions service quotas"; Step Functions API reference, "PublishStateMachineVersion", "CreateStateMachineAlias".
"""

from __future__ import annotations

MACHINES = 10_000
"""State machines in a region."""
ACTIVITIES = 10_000
"""Activities in a region."""
VERSIONS = 1_000
"""Published versions of a state machine."""
ALIASES = 100
"""Aliases of a state machine."""
