"""Edits of `projects.toml`: text is spliced, so that comments and order stay."""

from __future__ import annotations

import json
import re
from pathlib import Path

from bunsui.errors import InvalidInput
from bunsui.folders.known_projects import VERSION, KnownProject, parse_known_projects

_BEGINNING = f"# Projects that bunsui reaches without their files, made by `bunsui projects add`.\nversion = {VERSION}\n"
_HEADER = re.compile(r"^\s*\[")
_BARE_KEY = re.compile(r"^[A-Za-z0-9_-]+$")


def with_known_project(content: bytes | None, entry: KnownProject, *, file: Path) -> bytes:
    """Return the file's content with the entry in place of the one of that project and environment; None is no file.

    Raises:
        InvalidInput: the file has mistakes, or says the former entry in a form that is only read.

    """
    kept = without_known_project(content, entry.project, entry.environment, file=file) if content is not None else b""
    text = kept.decode("utf-8").rstrip("\n")
    lines = [f"{key} = {_quote(value)}" for key, value in entry.values.items()]
    section = "\n".join([f"[projects.{_key(entry.project)}.{_key(entry.environment)}]", *lines])
    return _check_entry(f"{text or _BEGINNING.rstrip()}\n\n{section}\n", with_entry=entry, file=file)


def without_known_project(content: bytes, project: str, environment: str, *, file: Path) -> bytes:
    """Return the file's content without the entry; as it is when there is none. InvalidInput as above."""
    known = parse_known_projects(content, str(file))
    if all((one.project, one.environment) != (project, environment) for one in known):
        return content
    lines = content.decode("utf-8").splitlines(keepends=True)
    header = re.compile(rf"^\s*\[\s*projects\s*\.\s*{_key_pattern(project)}\s*\.\s*{_key_pattern(environment)}\s*\]")
    first = next((number for number, line in enumerate(lines) if header.match(line)), None)
    if first is None:
        raise _form_error(file, project, environment)
    end = next((number for number in range(first + 1, len(lines)) if _HEADER.match(lines[number])), len(lines))
    while end < len(lines) and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")) and end - 1 > first:
        end -= 1  # what stands right before the next entry is about that one
    text = "".join(lines[:first] + lines[end:])
    left = parse_known_projects(text.encode(), str(file))
    if set(left) != {one for one in known if (one.project, one.environment) != (project, environment)}:
        raise _form_error(file, project, environment)
    return text.encode()


def _check_entry(text: str, *, with_entry: KnownProject, file: Path) -> bytes:
    if with_entry not in parse_known_projects(text.encode(), str(file)):
        raise _form_error(file, with_entry.project, with_entry.environment)
    return text.encode()


def _form_error(file: Path, project: str, environment: str) -> InvalidInput:
    return InvalidInput(
        "entry-in-another-form",
        "the entry is written in a form that bunsui reads and does not rewrite",
        hint=f"Change it in an editor: it should stand under [projects.{project}.{environment}].",
        file=file,
    )


def _key_pattern(name: str) -> str:
    return rf"[\"']?{re.escape(name)}[\"']?"


def _key(name: str) -> str:
    return name if _BARE_KEY.match(name) else _quote(name)


def _quote(text: str) -> str:
    """Return a TOML basic string; the text is printable."""
    return json.dumps(text, ensure_ascii=False)
