"""The commit of the checkout, a note for people: a machine without git can still plan and apply."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from bunsui.checkout.git import NOT_A_CHECKOUT, Checkout, checkout_or_none, open_checkout
from bunsui.errors import BunsuiError, InvalidInput

_DRIVER = re.compile(r"filter\.(.+)\.(?:clean|smudge|process|required)")
_PLAIN = re.compile(r"[\w.-]+")


def commit_of(folder: Path) -> str:
    """Read the short commit of the folder's checkout, with `*` when tracked files differ; empty outside git or without git.

    Files that a filter rewrites (Git LFS) are not compared, for that would run the filter. Where these cannot be told apart,
    there is a `*`.
    """
    checkout = checkout_or_none(folder)
    head = _short(checkout) if checkout is not None else ""
    return f"{head}*" if checkout is not None and head and _differs(checkout) else head


def why_unread(folder: Path) -> str:
    """Return a sentence for the user where git refuses to read the checkout; empty where it reads it or there is none."""
    try:
        open_checkout(folder)
    except InvalidInput as error:
        if error.code != NOT_A_CHECKOUT:
            return f"{error.summary}; no commit is noted. {' '.join(error.hint.split())}"
    except BunsuiError:
        pass  # no git: nobody expects a commit
    return ""


def head_of(folder: Path) -> str:
    """Read the short commit alone, without a look at the files."""
    checkout = checkout_or_none(folder)
    return _short(checkout) if checkout is not None else ""


def _short(checkout: Checkout) -> str:
    found = checkout.ask("rev-parse", "--short=12", "HEAD")
    return found.out.strip() if found.ok else ""


def _differs(checkout: Checkout) -> bool:
    drivers = _drivers(checkout)
    if not all(_PLAIN.fullmatch(name) for name in drivers):  # neither a setting nor a path pattern can hold every name
        return True
    off = [f"filter.{name}.{key}" for name in drivers for key in ("clean=", "smudge=", "process=", "required=false")]
    apart = [f":(exclude,attr:filter={name})" for name in drivers]
    asked = ("status", "--porcelain", "--untracked-files=no", "--ignore-submodules=all", "--no-renames", "--")
    where = f":(top,literal){checkout.prefix}" if checkout.prefix else "."
    return bool(checkout.ask(*asked, where, *apart, settings=off, magic=True).out.strip())


def _drivers(checkout: Checkout) -> Sequence[str]:
    """Return the names of all filters that are configured anywhere."""
    listed = checkout.ask("config", "--null", "--name-only", "--get-regexp", r"^filter\.").out.split("\0")
    return list(dict.fromkeys(found[1] for one in listed if (found := _DRIVER.fullmatch(one))))
