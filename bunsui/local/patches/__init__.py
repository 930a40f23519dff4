"""Small corrections to the emulator where it differs from AWS in a way that pipelines notice.

Each patch is one function that first checks that what it changes is there. When it is not, because the emulator changed, the
patch says so in the log and the emulator goes on unpatched; what was applied is told as the endpoint's capabilities.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

_log = logging.getLogger("bunsui.local")

PATCHES: Mapping[str, Callable[[], None]] = {}
"""By capability name."""


def apply_patches() -> tuple[str, ...]:
    """Apply all patches; give the names of those that took."""
    applied = []
    for name, patch in PATCHES.items():
        try:
            patch()
        except (AttributeError, ImportError, KeyError, TypeError, ValueError) as problem:
            _log.warning("the emulator has changed, going on without the correction %s: %s", name, problem)
        else:
            applied.append(name)
    return tuple(applied)
