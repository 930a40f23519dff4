"""What others put beside something that bunsui owns: theirs to keep, and told."""

from __future__ import annotations

from dataclasses import dataclass

from bunsui.model.json import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class BesideOurs:
    """One such thing. It is no part of what is compared: a plan after an apply is empty with it."""

    what: str
    """As in a sentence: `inline policy`, `attached policy`, `statement of the function's policy`."""
    name: str
    """A name, an ARN, or the id of a statement."""
    policy: Json = None
    """The policy document that it is; None for what is none, and for what was not read, such as one that is only attached."""
    effect: str = ""
    """What it does, as the end of a sentence (`lets anybody call it`); empty where the policy tells."""
    is_risky: bool = False
    """True when it opens something to strangers, or changes what runs."""
    removal: tuple[str, ...] = ()
    """The words of a command line of AWS, `aws` apart, that take it away; empty where one call is not enough."""
