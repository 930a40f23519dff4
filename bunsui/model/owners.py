"""What stands for a pipeline in the addresses of resources that belong to none.

Such resources must be planned, chosen and counted like the rest, so they go by a name that no pipeline can have: `@CHANNEL` for
a channel, `@@environment` for what all pipelines of an environment share.
"""

from __future__ import annotations

MARK = "@"
ENVIRONMENT = "@@environment"


def is_pipeline(owner: str) -> bool:
    """Tell whether the pipeline of an address is one."""
    return not owner.startswith(MARK)
