"""What of a code folder a handler reaches: what changes its digest, and what does not."""

from __future__ import annotations

import pytest

from bunsui.document.reached_code import reached_digest
from bunsui.ports.source import FolderEntry

APP = """\
import os
import helpers

LIMIT = 3

def fetch(event, context):
    return read(event)

def read(event):
    return helpers.clean(event)

def weigh(event, context):
    return [float(value) for value in event][:LIMIT]
"""
FILES = {
    "app.py": APP,
    "helpers.py": "def clean(value):\n    return value\n\ndef other(value):\n    return 1\n",
    "lonely.py": "x = 1\n",
    "data.csv": "a,b\n",
}


def digest(handler: str = "app.fetch", seal: str = "s", **changes: str) -> str:
    files = {**FILES, **{name.replace("__", "."): text for name, text in changes.items()}}
    entries = [FolderEntry(path=path, executable=False, content=text.encode()) for path, text in files.items()]
    return reached_digest(entries, handler, seal=seal)


def app(before: str, after: str) -> str:
    assert before in APP
    return APP.replace(before, after)


@pytest.mark.parametrize(
    "changes",
    [
        {"app__py": app("float(value)", "int(value)")},
        {"app__py": APP + "\n# a comment\n"},
        {"app__py": app("def weigh", "\n\ndef  weigh")},
        {"helpers__py": FILES["helpers.py"].replace("return 1", "return 2")},
        {"lonely__py": "x = 2\n"},
    ],
)
def test_what_a_handler_does_not_reach_keeps_its_digest(changes: dict[str, str]) -> None:
    assert digest(**changes) == digest() != ""


@pytest.mark.parametrize(
    "changes",
    [
        {"app__py": app("return read(event)", "return read(event) or []")},
        {"app__py": app("return helpers.clean(event)", "return None")},
        {"app__py": app("LIMIT = 3", "LIMIT = 4")},
        {"app__py": APP + "\nos.environ['A'] = 'b'\n"},
        {"app__py": app("def weigh", "@print\ndef weigh")},
        {"helpers__py": FILES["helpers.py"].replace("return value", "return 0")},
        {"data__csv": "a,c\n"},
        {"seal": "other lock"},
    ],
)
def test_what_a_handler_reaches_changes_its_digest(changes: dict[str, str]) -> None:
    assert digest(**changes) not in ("", digest())


def test_each_handler_of_a_module_has_a_digest_of_its_own() -> None:
    assert digest("app.fetch") != digest("app.weigh")


def test_a_function_that_is_named_in_a_text_is_reached() -> None:
    named = app("return read(event)", "return getattr(helpers, 'other')(event)")
    other = FILES["helpers.py"].replace("return 1", "return 2")
    assert digest(app__py=named) != digest(app__py=named, helpers__py=other)


def test_what_python_calls_by_itself_is_reached() -> None:
    helpers = FILES["helpers.py"]
    one, other = (f"{helpers}def __getattr__(name):\n    return {number}\n" for number in (1, 2))
    assert digest(helpers__py=one) not in ("", digest(helpers__py=other))


def test_packages_and_relative_imports_are_followed() -> None:
    files = {
        "app.py": "from pkg.inner import work\ndef fetch(e, c):\n    return work(e)\n",
        "pkg/__init__.py": "from . import base\n",
        "pkg/inner.py": "from .base import double as twice\ndef work(e):\n    return twice(e)\n",
        "pkg/base.py": "def double(e):\n    return 2 * e\n",
        "pkg/unused.py": "y = 1\n",
    }

    def of(**changes: str) -> str:
        told = {**files, **{name.replace("__", "/") + ".py": text for name, text in changes.items()}}
        entries = [FolderEntry(path=path, executable=False, content=text.encode()) for path, text in told.items()]
        return reached_digest(entries, "app.fetch", seal="s")

    assert of(pkg__base="def double(e):\n    return 3 * e\n") not in ("", of())
    assert of(pkg__unused="y = 2\n") == of()


@pytest.mark.parametrize(
    "text",
    [
        "def fetch(e, c):\n    return eval(e)\n",
        "def fetch(e, c):\n    return globals()[e](c)\n",
        "import importlib\ndef fetch(e, c):\n    return importlib.import_module(e)\n",
        "import helpers\ndef fetch(e, c):\n    return getattr(helpers, e)(c)\n",
        "from helpers import *\ndef fetch(e, c):\n    return clean(c)\n",
        "import subprocess\ndef fetch(e, c):\n    return subprocess.run(['python', 'lonely.py'])\n",
        "def fetch(e, c:\n",
        "import helpers\ndef fetch(e, c):\n    return [call(c) for call in map(getattr, [helpers], e)]\n",
        "import helpers, inspect\ndef fetch(e, c):\n    return dict(inspect.getmembers(helpers))[e](c)\n",
        "from operator import attrgetter\nimport helpers\ndef fetch(e, c):\n    return attrgetter(e)(helpers)(c)\n",
    ],
)
def test_where_nobody_can_tell_there_is_no_digest(text: str) -> None:
    assert digest(app__py=text) == ""


def test_a_handler_of_a_library_has_no_digest() -> None:
    assert digest("elsewhere.handler") == ""
