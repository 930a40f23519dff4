"""Tags: characters, prefixes, sizes and how many. A tag is written to services of different rules, the narrowest count.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules (characters, capital and small letters);
https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html (`aws:`); lengths, number and the empty
value that EventBridge Scheduler refuses are those of botocore's models.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping

from bunsui.kinds.constraints.broken import BrokenConstraint, Constraint

ALLOWED = "letters, digits, spaces and _ . : / = + - @"
LONGEST_KEY = 128
LONGEST_VALUE = 256
MOST = 50
"""Of a resource, bunsui's own included."""
OWN = 6
"""What bunsui adds, to say whose it is."""
OWN_OF_FUNCTION = 9
"""The same of a function, with what says what was uploaded."""

_SIGNS = frozenset("_.:/=+-@")
_RESERVED = {"aws:": "AWS's own", "bunsui:": "bunsui's own, by which it knows what it made"}
_PATTERN = r"[\p{L}\p{Z}\p{N}_.:/=+\-@]"


def broken_tags(tags: Mapping[str, str], *, scheduled: bool = False) -> Iterator[BrokenConstraint]:
    """Yield what AWS refuses of the tags that people declare; with `scheduled` they are written to a schedule group too."""
    seen: dict[str, str] = {}
    for key, value in tags.items():
        yield from _broken_characters(key, key, on_key=True)
        yield from _broken_characters(key, value, on_key=False)
        yield from _broken_sizes(key, value, scheduled=scheduled)
        yield from _taken_prefixes(key)
        if (first := seen.setdefault(key.casefold(), key)) != key:
            yield _same_to_iam(first, key)
    if len(tags) > MOST - OWN:
        yield BrokenConstraint(
            member="",
            constraint=Constraint.SIZE,
            summary=f"{len(tags)} tags are too many: AWS takes {MOST} of a resource, and bunsui adds {OWN}",
            hint=f"Keep {MOST - OWN} of them.",
            aws_code="LimitExceeded",
            aws_message=f"Cannot exceed quota for TagsPerResource: {MOST}",
        )


def foreign_sign(text: str) -> str | None:
    """Return the first character that no tag may have, as it is shown; None when there is none."""
    return next((_show_character(char) for char in text if not _is_taken(char)), None)


def _broken_characters(key: str, text: str, *, on_key: bool) -> Iterator[BrokenConstraint]:
    bad = foreign_sign(text)
    if bad is not None:
        what = "name" if on_key else "value"
        yield BrokenConstraint(
            member=key,
            on_key=on_key,
            constraint=Constraint.FORM,
            summary=f"the character {bad} may not stand in the {what} of a tag",
            hint=f"AWS takes {ALLOWED} in tags.",
            aws_code="ValidationError",
            aws_message=_rule_sentence(what, f"regular expression pattern: {_PATTERN}{'+' if on_key else '*'}", text),
        )


def _broken_sizes(key: str, value: str, *, scheduled: bool) -> Iterator[BrokenConstraint]:
    for text, longest, what in ((key, LONGEST_KEY, "name"), (value, LONGEST_VALUE, "value")):
        if len(text) > longest:
            yield BrokenConstraint(
                member=key,
                on_key=text is key,
                constraint=Constraint.SIZE,
                summary=f"the {what} of a tag has {len(text)} characters, and AWS takes {longest}",
                aws_code="ValidationError",
                aws_message=_rule_sentence(what, f"length less than or equal to {longest}", text),
            )
    if scheduled and not value:
        yield BrokenConstraint(
            member=key,
            constraint=Constraint.SIZE,
            summary=f"the tag {key} has no value, and EventBridge Scheduler refuses a schedule group with such a tag",
            hint="Give it a value, or remove it.",
            aws_code="ValidationException",
            aws_message=_rule_sentence("value", "length greater than or equal to 1", ""),
        )


def _taken_prefixes(key: str) -> Iterator[BrokenConstraint]:
    for prefix, owner in _RESERVED.items():
        if key.casefold().startswith(prefix):
            yield BrokenConstraint(
                member=key,
                on_key=True,
                constraint=Constraint.FORM,
                summary=f"a tag whose name begins with {prefix} is {owner}",
                hint="Give it another name.",
                aws_code="InvalidInput",
                aws_message="Caller is an end user and not allowed to mutate system tags",
            )


def _same_to_iam(first: str, key: str) -> BrokenConstraint:
    return BrokenConstraint(
        member=key,
        on_key=True,
        constraint=Constraint.UNIQUE,
        summary=f"the tags {first} and {key} are one to IAM, which does not tell capital from small letters",
        hint="Keep one of them.",
        aws_code="InvalidInput",
        aws_message="Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    )


def _rule_sentence(what: str, rule: str, text: str) -> str:
    member = {"name": "key"}.get(what, what)
    return (
        f"1 validation error detected: Value '{text}' at 'tags.1.member.{member}' failed to satisfy constraint:"
        f" Member must {'have' if rule.startswith('length') else 'satisfy'} {rule}"
    )


def _is_taken(char: str) -> bool:
    """Tell whether IAM takes a character: a letter, a number, a separator of Unicode, or one of the signs."""
    return char in _SIGNS or unicodedata.category(char)[0] in "LZN"


def _show_character(char: str) -> str:
    return f'"{char}"' if char.isprintable() else f"U+{ord(char):04X}"
