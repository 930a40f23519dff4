"""The colours: two quiet themes, and the style of each role in whatever theme is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.color import Color as RichColor
from rich.style import Style
from textual.color import Color, ColorParseError
from textual.theme import BUILTIN_THEMES, Theme

from bunsui.view.spans import Role

if TYPE_CHECKING:
    from textual.app import App

RoleStyles = Mapping[Role, Style]
"""How each role looks; styles hold a foreground and attributes, never a background."""

_DARK: Mapping[Role, str] = {
    Role.PLAIN: "#c6ced7",
    Role.MUTED: "#909ba8",
    Role.STRONG: "#e8eef4",
    Role.NAME: "#dfe7ee",
    Role.GOOD: "#8fb996",
    Role.RUNNING: "#7fbcc4",
    Role.LINK: "#8fabd0",
    Role.CREATE: "#8fb996",
    Role.UPDATE: "#d8b670",
    Role.REPLACE: "#c3a0cf",
    Role.DELETE: "#dc8a86",
    Role.ADOPT: "#7fbcc4",
    Role.REFUSE: "#e58a86",
    Role.DRIFT: "#c3a0cf",
    Role.BEFORE: "#cf9591",
    Role.AFTER: "#a3c9a6",
    Role.RISK: "#dba76a",
    Role.BAD: "#e58a86",
    Role.WARN: "#d8b670",
    Role.INFO: "#8fabd0",
    Role.HINT: "#7fbcc4",
    Role.COMMAND: "#7fbcc4",
}

_LIGHT: Mapping[Role, str] = {
    Role.PLAIN: "#2b333c",
    Role.MUTED: "#596471",
    Role.STRONG: "#11171d",
    Role.NAME: "#11171d",
    Role.GOOD: "#2f7040",
    Role.RUNNING: "#1f6d78",
    Role.LINK: "#3a5f92",
    Role.CREATE: "#2f7040",
    Role.UPDATE: "#845b00",
    Role.REPLACE: "#7a4a8c",
    Role.DELETE: "#a83b36",
    Role.ADOPT: "#1f6d78",
    Role.REFUSE: "#a02621",
    Role.DRIFT: "#7a4a8c",
    Role.BEFORE: "#9a4a45",
    Role.AFTER: "#35713f",
    Role.RISK: "#94560b",
    Role.BAD: "#a02621",
    Role.WARN: "#845b00",
    Role.INFO: "#3a5f92",
    Role.HINT: "#1f6d78",
    Role.COMMAND: "#1f6d78",
}

_FALLBACK: Mapping[Role, str] = {
    Role.PLAIN: "foreground",
    Role.MUTED: "foreground",
    Role.STRONG: "foreground",
    Role.NAME: "foreground",
    Role.GOOD: "success",
    Role.RUNNING: "primary",
    Role.LINK: "secondary",
    Role.CREATE: "success",
    Role.UPDATE: "warning",
    Role.REPLACE: "accent",
    Role.DELETE: "error",
    Role.ADOPT: "primary",
    Role.REFUSE: "error",
    Role.DRIFT: "accent",
    Role.BEFORE: "error",
    Role.AFTER: "success",
    Role.RISK: "warning",
    Role.BAD: "error",
    Role.WARN: "warning",
    Role.INFO: "secondary",
    Role.HINT: "primary",
    Role.COMMAND: "primary",
}
"""The theme variable of each role, for themes that are not ours."""

_BOLD = frozenset({Role.STRONG, Role.REFUSE, Role.BAD})


def _variables(colours: Mapping[Role, str], extra: Mapping[str, str]) -> dict[str, str]:
    return {f"role-{role.value}": colour for role, colour in colours.items()} | dict(extra)


THEMES = (
    Theme(
        name="bunsui-dark",
        primary="#7fbcc4",
        secondary="#8fabd0",
        accent="#c3a0cf",
        warning="#d8b670",
        error="#dc8a86",
        success="#8fb996",
        foreground="#c6ced7",
        background="#12161b",
        surface="#161b21",
        panel="#1d242c",
        dark=True,
        variables=_variables(
            _DARK, {"cursor-row": "#24313a", "cursor-row-quiet": "#1c242b", "changed-cell": "#322e21", "rule": "#2a333d"}
        ),
    ),
    Theme(
        name="bunsui-light",
        primary="#1f6d78",
        secondary="#3a5f92",
        accent="#7a4a8c",
        warning="#845b00",
        error="#a83b36",
        success="#2f7040",
        foreground="#2b333c",
        background="#fbfaf7",
        surface="#f5f3ee",
        panel="#ebe8e0",
        dark=False,
        variables=_variables(
            _LIGHT, {"cursor-row": "#d8e6e6", "cursor-row-quiet": "#e9ecea", "changed-cell": "#f2e6c4", "rule": "#d5d0c4"}
        ),
    ),
)
"""Our themes; the first one is the default."""

VARIABLE_DEFAULTS: Mapping[str, str] = {
    "cursor-row": "#3a4650",
    "cursor-row-quiet": "#2b333a",
    "changed-cell": "#4d4528",
    "rule": "#4a545e",
    "role-muted": "#8b949e",
}
"""What the style sheet needs, for themes that do not say."""


def variables_of(theme: Theme) -> dict[str, str]:
    """Return what a style sheet is parsed with in the theme."""
    return {**VARIABLE_DEFAULTS, **theme.to_color_system().generate(), **theme.variables}


def theme_names() -> frozenset[str]:
    """Return the names of all themes: ours, and those that come with Textual."""
    return frozenset(BUILTIN_THEMES) | {theme.name for theme in THEMES}


def role_styles(app: App[object]) -> RoleStyles:
    """Return the style of every role in the app's current theme."""
    variables = app.theme_variables
    if any(app.theme == ours.name for ours in THEMES):
        return _role_styles(tuple(variables.get(f"role-{role.value}", "") for role in Role), dim_muted=False)
    # Other people's themes have no colour for what may be skipped, so there it is dimmed instead.
    return _role_styles(tuple(variables.get(_FALLBACK[role], "") for role in Role), dim_muted=True)


@lru_cache(maxsize=16)
def _role_styles(colours: tuple[str, ...], *, dim_muted: bool) -> RoleStyles:
    return {
        role: Style(color=_foreground(colour), bold=role in _BOLD or None, dim=(dim_muted and role is Role.MUTED) or None)
        for role, colour in zip(Role, colours, strict=True)
    }


def _foreground(colour: str) -> RichColor | None:
    """Return the colour, None (the terminal's own) when the theme's word for it is not a colour."""
    try:
        return Color.parse(colour).rich_color
    except ColorParseError:
        return None
