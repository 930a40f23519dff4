"""What other tools call classes of errors."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ERROR_CLASS_WORDS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("all", "*", "every", "everything", "error", "errors", "failure", "exception", "always"), "any"),
        **dict.fromkeys(("throttle", "throttled", "rate_limit", "ratelimit", "too_many_requests", "429"), "throttling"),
        **dict.fromkeys(("timeouts", "timed_out", "timedout"), "timeout"),
        **dict.fromkeys(("infra", "network", "server", "service", "5xx"), "infrastructure"),
    }
)
"""Their word, in lower case with `_` -> our class."""
