"""A constraint of AWS that a value breaks: in the words of people, beside those of AWS."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Constraint(Enum):
    """What kind of rule is broken."""

    FORM = "form"
    """Characters, prefixes, patterns, names that are taken."""
    SIZE = "size"
    """Too short, too long, too many."""
    UNIQUE = "unique"
    """Two that are one to AWS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenConstraint:
    """One reason for which AWS would refuse a call."""

    member: str
    """The key below the value that breaks it, such as a tag's name; empty for the value as a whole."""
    on_key: bool = False
    """True when it is the key itself, not what stands under it."""
    constraint: Constraint
    summary: str
    """For people, one sentence without a final full stop."""
    hint: str = ""
    aws_code: str
    """The code with which AWS refuses it."""
    aws_message: str
    """The sentence with which AWS refuses it."""
