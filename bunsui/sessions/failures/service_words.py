"""Classes of what services say in a sentence, where neither a name nor a field tells more.

Sources: the API references' descriptions of errors; ECS, "Stopped tasks error messages"; Batch, Glue, Athena, EMR and
SageMaker, "Troubleshooting"; what people report of them. Each pattern stands for a kind of sentence, for no sentence of one
service.
"""

from __future__ import annotations

import re

from bunsui.model.failures import ErrorClass

_GONE = (
    r"not found|does not exist|doesn't exist|do(?:es)? not have a|no such|unable to describe|inactive|unknown host|UnknownHost"
    r"|can(?:not|['’]t) find|could not be found|not exist|\w+ is not available in"
)
_FORBIDDEN = (
    r"is not authorized to perform|access ?(?:was )?denied|not authorized|permission denied|insufficient permissions"
    r"|\bforbidden\b|unable to assume|(?:cannot|could not) be assumed|authorized to assume"
    r"|do(?:es)?(?:n['’]t| not) have (?:access|permission)"
)
_NO_MEMORY = (
    r"OutOfMemory|out of memory|signal: killed|exit ?code:? 137|memory usage|MemoryError|exhausted (?:the )?memory|heap space"
    r"|(?:exceed\w*|beyond) (?:the |its |per-node )*(?:\w+ )?memory limits?|MEMORY_LIMIT|GC overhead limit"
)
_SLOWER = (
    r"reduce (?:your request rate|the frequency)|rate exceeded|too many (?:requests|tokens)|toomanyrequests|pull rate limit"
    r"|\bslow ?down\b|throttl"
)
_TOO_LARGE = (
    r"exceeding the maximum number of bytes|(?:item|message|payload|record|body|request)\w* size (?:has )?exceed"
    r"|(?:must|should) be (?:shorter|smaller) than|longer than \d+|too (?:large|big)\b|(?:is|are) too long"
    r"|exceed\w* the (?:maximum|allowed) (?:allowed )?(?:\w+ )?size"
)
_CAPACITY = (
    r"capacity is unavailable|insufficient \w*\s?capacity|sufficient [\w.]+ capacity|unable to provision|no spot capacity"
    r"|resources? (?:is |are )?unavailable|spot interruption|^Host EC2|^EC2 instance|timeout waiting for network interface"
)
_QUOTA = (
    r"(?:reached|exceed\w*) (?:the|your) (?:\w+ )*(?:limit|quota)|\bservice (?:limit|quota)"
    r"|limit (?:of [\w ]+ )?(?:was|has been|is) (?:reached|exceeded)|exceeded limit of"
    r"|exceeded \w*maximum ?capacity|exceed\w* max \w+ capacity|no space left on device"
    r"|enough free addresses|FreeAddresses|exhausted resources|maximum number of [\w ]+ (?:has been )?(?:reached|exceeded)"
)
_NO_WAY = (
    r"could not connect to the endpoint|connect timeout on endpoint|network configuration|(?:i/o|connection) timeout"
    r"|connection refused"
    r"|name or service not known|nodename nor servname|failed to resolve|no such host|endpoint validation failed|NAT gateway"
    r"|could not connect to the amazon efs"
)
_UNFIT = (
    r"isn['’]t supported|(?:is|are) not supported|not supported (?:in|for|by)|(?:is|are) disabled|identifier is invalid"
    r"|must be addressed using|in this region:|executable file not found|exec format error|manifest unknown"
)
_LATE = (
    r"timed out|time ?out (?:was )?(?:reached|exceeded)|exceeded timeout|query timeout|TIME_LIMIT|took too long|read timeout"
)
_BROKEN = (
    r"internal (?:service |server )?(?:error|exception|failure)|please try again later|service unavailable|failed to respond"
)

_KINDS: tuple[tuple[ErrorClass, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (ErrorClass.MEMORY, _NO_MEMORY),
        (ErrorClass.PERMISSION, _FORBIDDEN),
        (ErrorClass.THROTTLING, _SLOWER),
        (ErrorClass.INFRASTRUCTURE, _CAPACITY),
        (ErrorClass.QUOTA, _QUOTA),
        (ErrorClass.PAYLOAD, _TOO_LARGE),
        (ErrorClass.CONFIGURATION, _NO_WAY),
        (ErrorClass.CONFIGURATION, _UNFIT),
        (ErrorClass.TIMEOUT, _LATE),
        (ErrorClass.CONFIGURATION, _GONE),
        (ErrorClass.INFRASTRUCTURE, _BROKEN),
    )
)
"""In the order in which they are asked: a network out of reach also times out, a limit may be told with a request to wait."""
_BY_KIND = {
    ErrorClass.MEMORY: re.compile(_NO_MEMORY, re.IGNORECASE),
    ErrorClass.PERMISSION: re.compile(_FORBIDDEN, re.IGNORECASE),
}
_GONE_ALONE = re.compile(_GONE, re.IGNORECASE)


def class_of_words(text: str) -> ErrorClass | None:
    """Return the class that a sentence says; None when it says none."""
    return next((kind for kind, pattern in _KINDS if pattern.search(text)), None)


def says_gone(text: str) -> bool:
    """Tell whether a text says that something which was named is not there."""
    return _GONE_ALONE.search(text) is not None


def says_forbidden(text: str) -> bool:
    """Tell whether a text says that something was not allowed."""
    return _BY_KIND[ErrorClass.PERMISSION].search(text) is not None


def says_no_memory(text: str) -> bool:
    """Tell whether a text says that the memory did not suffice."""
    return _BY_KIND[ErrorClass.MEMORY].search(text) is not None
