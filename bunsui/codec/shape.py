"""How a class says what its JSON is: members with their descriptions, and what the object as a whole is.

A shape is a frozen dataclass to its users and to the type checker. It is made without the decorator of `dataclasses`, which
takes 0.8 ms a class: every start of the program would pay that for each document that it might print.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from inspect import cleandoc
from typing import Any, ClassVar, Final, NamedTuple, dataclass_transform

from bunsui.model.json import Json

FORMAT_VERSION = 1
"""Of documents with a kind. Grows when a reader of the old format could misread the new one."""


class Absent(Enum):
    """What stands for a member that is not there."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


class Keywords:
    """What a schema says of a type besides, in JSON Schema. It stands in `Annotated`."""

    __slots__ = ("instead", "words")

    def __init__(self, words: Mapping[str, Json], *, instead: bool = False) -> None:
        """Add these words to what the type says, or say them `instead`."""
        self.words = words
        self.instead = instead


class Declared(NamedTuple):
    """What a class says of a member, its type apart."""

    description: str
    source: str | None
    """Where `ShapeOf.of` finds it: attributes with dots between them; empty for the one of its own name, None for nowhere."""
    is_optional: bool


class Published(NamedTuple):
    """What a class says of its objects as a whole."""

    description: str = ""
    kind: str = ""
    """Of a whole document with a kind: it stands first in it, behind the version."""
    version: int | None = None
    """Of a whole document: the version of its format."""
    name: str = ""
    """Of a part that is described once and referred to: its name among the definitions."""
    is_open: bool = False
    """True when others may add members. Described are then only those that need it."""
    schema_order: tuple[str, ...] = ()
    """The keys as the schema lists them, where they are written in another order."""
    keywords: Mapping[str, Json] = {}
    """What the schema says besides."""


def member(description: str = "", *, of: str | None = "", default: Absent | None = None) -> Any:
    """Declare a member. Its key is the field's name, without the `_` behind one that Python reserves.

    With the default `ABSENT` it may be missing, and its type names `Absent`. `of` is for `ShapeOf.of`: where the source has it,
    null behind an attribute that is None; None when it is told besides.
    """
    return Declared(description, of, default is ABSENT)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(member,))
class Shape:
    """An object in JSON, or a whole document when it has a kind or a version; the docstring describes it."""

    published: ClassVar[Published] = Published()
    declared: ClassVar[Mapping[str, Declared]] = {}
    """By field, in the order in which they are written."""
    needed: ClassVar[frozenset[str]] = frozenset()
    """The fields that may not be missing."""

    def __init_subclass__(cls, *, is_described: bool = True, kind: str = "", **published: Any) -> None:
        """Gather the members; the other arguments are those of `Published`."""
        super().__init_subclass__()
        text = " ".join(cleandoc(cls.__doc__ or "").split("\n")) if is_described else ""
        version = {"version": FORMAT_VERSION} if kind else {}
        cls.published = Published(description=text, kind=kind, **{**version, **published})
        cls.declared = {name: found for name, found in vars(cls).items() if isinstance(found, Declared)}
        cls.needed = frozenset(name for name, found in cls.declared.items() if not found.is_optional)
        for name, found in cls.declared.items():
            if found.is_optional:
                setattr(cls, name, ABSENT)
            else:
                delattr(cls, name)

    def __init__(self, **values: Any) -> None:
        """Keep the values, one for each member that may not be missing.

        Raises:
            TypeError: one is missing, or is no member.

        """
        if not (self.needed <= values.keys() <= self.declared.keys()):
            wrong = (values.keys() - self.declared.keys()) | (self.needed - values.keys())
            raise TypeError(f"{type(self).__name__}: missing, or no members: {', '.join(sorted(wrong))}")
        vars(self).update(values)

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse it: a value does not change."""
        raise AttributeError(f"cannot assign to {name!r}")

    def __eq__(self, other: object) -> bool:
        """Compare all members."""
        return type(other) is type(self) and all(getattr(self, name) == getattr(other, name) for name in self.declared)

    __hash__ = None  # type: ignore[assignment]  # members hold dicts

    def __repr__(self) -> str:
        """Return the class with the members that are there."""
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"
