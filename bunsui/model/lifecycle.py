"""What a pipeline's owner says about its lifecycle: its end, changes that others make.

It is remembered with every resource that is written, so that it holds when the file is gone.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bunsui.diagnostics import Position
from bunsui.model.json import Json
from bunsui.model.wildcards import fits

TAGS = "tags"
"""The attribute of every kind that has tags: those that people give, without AWS's and bunsui's own."""
KEPT_VERSIONS = 10
"""How many versions stay when nobody says anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoredPlace:
    """A place in a resource that belongs to whoever changes it outside: no drift, and no apply resets it."""

    attribute: str
    """An attribute of the resource's kind."""
    path: tuple[str, ...] = ()
    """Keys below it; empty for the whole attribute. In a definition the first is the name of a state, wherever it stands. Of
    tags a star stands for any characters, since no name of a tag has one."""

    def __str__(self) -> str:
        """Return `attribute.key.key`, or `states.state.field`."""
        is_state = self.attribute == "definition" and self.path
        return ".".join(("states" if is_state else self.attribute, *self.path))

    @property
    def is_pattern(self) -> bool:
        """True when it stands for every tag that its pattern fits."""
        return self.attribute == TAGS and any("*" in key for key in self.path)

    def fits_tag(self, name: str) -> bool:
        """Tell whether a tag of that name belongs to others by it."""
        return self.attribute == TAGS and (not self.path or fits_tag(self.path[0], name))


def fits_tag(pattern: str, name: str) -> bool:
    """Tell whether the name of a tag is one that the pattern means: a star stands for any characters."""
    return fits(pattern.split("*"), name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """What holds for one resource."""

    prevent_destroy: bool = False
    """Nothing that holds data is removed or replaced while this is remembered."""
    protect: bool = False
    """Whoever applies a change that others notice types the pipeline's name."""
    ignore: tuple[IgnoredPlace, ...] = ()
    keep_versions: int = KEPT_VERSIONS
    """How many of the newest versions stay, whether or not anybody needs them."""
    exclusive: bool = False
    """What others put beside it is removed."""
    observed: str = field(default="", repr=False)
    """Who owns the resource as yet, so that it is compared and never written; empty for what is ours. Not stored: what is not
    written is not remembered."""

    @property
    def is_default(self) -> bool:
        """True when nothing was said."""
        return self == Lifecycle()

    def document(self) -> dict[str, Json]:
        """Return it as JSON; `lifecycle_in` reads it back."""
        return {
            "prevent_destroy": self.prevent_destroy,
            "protect": self.protect,
            "keep_versions": self.keep_versions,
            **({"exclusive": True} if self.exclusive else {}),
            "ignore": [[place.attribute, *place.path] for place in self.ignore],
        }


def lifecycle_in(document: object) -> Lifecycle:
    """Read back what `Lifecycle.document` gave; the default when there is none."""
    if not isinstance(document, dict):
        return Lifecycle()
    ignore = tuple(IgnoredPlace(attribute=attribute, path=tuple(path)) for attribute, *path in document["ignore"])
    return Lifecycle(
        prevent_destroy=document["prevent_destroy"],
        protect=document["protect"],
        ignore=ignore,
        keep_versions=document.get("keep_versions", KEPT_VERSIONS),
        exclusive=document.get("exclusive", False),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoreRule:
    """One entry of `lifecycle.ignore`, as the file says it."""

    text: str
    position: Position | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineLifecycle:
    """What a pipeline file says of it."""

    prevent_destroy: bool = False
    protect: bool = False
    ignore: tuple[IgnoreRule, ...] = ()
    keep_versions: int = KEPT_VERSIONS
    exclusive: bool = False
    moved_from: tuple[str, ...] = field(default=())
    """Names that the pipeline had before."""
    observed: str = ""
    """Who owns the pipeline's machine as yet; empty for a pipeline of ours."""
