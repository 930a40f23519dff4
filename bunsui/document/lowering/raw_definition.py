"""`definition:`: a state machine definition in a file of its own, its placeholders replaced."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Mapping
from dataclasses import replace

from bunsui.document.checks.raw_definition import check_definition
from bunsui.document.lowering.values import Lowering
from bunsui.document.yaml.builder import LIMIT_DEFINITION_PARTS
from bunsui.document.yaml.reader import read_document
from bunsui.document.yaml.tree import Document, Path
from bunsui.errors import InvalidInput
from bunsui.model.json import Json
from bunsui.model.pipeline import RawDefinition
from bunsui.model.values import Value

AS_IT_STANDS = "none"
"""What `substitutions` says where the definition has no placeholders, whatever it looks like."""

_NAMED = re.compile(r"\$?\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_ANY = re.compile(r"(\$?)\$\{([^{}\n]*)\}?")
BARE_PLACEHOLDER = re.compile(r'"(?:[^"\\\n]|\\.)*"|\$\{([A-Za-z_][A-Za-z0-9_]*)\}')
"""A text of JSON, passed over, or a placeholder that stands where a number does."""
_STANDS_ALONE = "\ue000"
"""Begins the text that stands for such a placeholder while the file is read."""
_QUOTED = re.compile(f'"{_STANDS_ALONE}([A-Za-z0-9_]+)"')


def definition_path(folder: str, said: str) -> str:
    """Return the definition's path from the project's root; `said` is relative to the pipeline's folder."""
    return posixpath.normpath(posixpath.join(folder, said))


def lower_definition(lowering: Lowering, folder: str, said: str, substitutions: Mapping[str, Value] | None) -> RawDefinition:
    """Read, substitute and check the definition; an empty one, with findings, when it cannot be used. Nothing is substituted
    where `substitutions` is None."""
    path = definition_path(folder, said)
    nothing = RawDefinition(path=path, document={})
    if path.startswith(("../", "/")):
        lowering.report("BS213", f"the definition {said} lies outside the project's folder", ("definition",))
        return nothing
    try:
        content = lowering.source.read(path)
    except InvalidInput as error:
        lowering.report("BS213", f"{error.summary}: {path}", ("definition",), hint="The path is relative to this file.")
        return nothing
    quoted = content if substitutions is None else _quote_placeholders(path, content)
    intake = read_document(path, quoted, limit_parts=LIMIT_DEFINITION_PARTS)
    lowering.findings.extend(replace(finding, excerpt=_as_written(finding.excerpt)) for finding in intake.diagnostics)
    if intake.document is None:
        return nothing
    document = replace(intake.document, lines=tuple(map(_as_written, intake.document.lines)))
    replaced = document.data
    if substitutions is not None:
        replaced = _Substitution(lowering, document, substitutions).replace_all()
    findings = check_definition(document, replaced)
    lowering.findings.extend(findings)
    if not isinstance(replaced, Mapping) or any(finding.is_error for finding in findings):
        return nothing
    return RawDefinition(path=path, document=replaced)


def _quote_placeholders(path: str, content: bytes) -> bytes:
    """Return a JSON file in which `"TimeoutSeconds": ${seconds}` can be read; no place in it moves."""
    if not path.endswith(".json"):
        return content
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return content  # told where the file is read
    quoted = BARE_PLACEHOLDER.sub(
        lambda found: found.group() if found.group(1) is None else f'"{_STANDS_ALONE}{found.group(1)}"', text
    )
    return quoted.encode("utf-8")


def _as_written(line: str) -> str:
    """Undo it in a line that is shown."""
    return _QUOTED.sub(r"${\1}", line)


class _Substitution:
    """Puts values in the place of placeholders, and tells those that stand for nothing: a pipeline has nothing else that would
    replace them, so that Step Functions would refuse them in the middle of an apply."""

    def __init__(self, lowering: Lowering, document: Document, substitutions: Mapping[str, Value]) -> None:
        self.lowering = lowering
        self.document = document
        self.values = {name: lowering.constant(("substitutions", name), value) for name, value in substitutions.items()}
        self.used: set[str] = set()
        self.told: set[str] = set()

    def replace_all(self) -> Json:
        """Return the definition with its placeholders replaced."""
        replaced = self._replace(self.document.data, ())
        for name in self.values:
            if name not in self.used:
                self.lowering.report(
                    "BS214",
                    f"the definition has no placeholder ${{{name}}}",
                    ("substitutions", name),
                    hint="Remove it, or correct its name.",
                )
        return replaced

    def _replace(self, value: Json, place: Path) -> Json:
        if isinstance(value, str):
            return self._text(value, place)
        if isinstance(value, Mapping):
            return {
                str(self._text(key, (*place, key), on_key=True)): self._replace(item, (*place, key))
                for key, item in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self._replace(item, (*place, at)) for at, item in enumerate(value)]
        return value

    def _text(self, text: str, place: Path, *, on_key: bool = False) -> Json:
        if text.startswith(_STANDS_ALONE):
            text = f"${{{text[len(_STANDS_ALONE) :]}}}"
        if "${" not in text:
            return text
        whole = _NAMED.fullmatch(text)
        if whole is not None and not text.startswith("$$") and whole.group(1) in self.values:
            self.used.add(whole.group(1))
            return self.values[whole.group(1)]

        def one(match: re.Match[str]) -> str:
            if match.group(1):
                return match.group()[1:]
            name = match.group(2)
            if name not in self.values or not match.group().endswith("}"):
                self._tell(match.group(), name, place, on_key=on_key)
                return match.group()
            self.used.add(name)
            return str(self.values[name])

        return _ANY.sub(one, text)

    def _tell(self, written: str, name: str, place: Path, *, on_key: bool) -> None:
        if written in self.told:
            return
        self.told.add(written)
        known = difflib.get_close_matches(name, self.values, n=1)
        meant = f"Did you mean ${{{known[0]}}}?" if known else "Give it a value under substitutions:."
        if not _NAMED.fullmatch(written):
            meant = "A placeholder is ${name}, of letters, digits and _."
        self.lowering.findings.append(
            self.document.finding(
                "BS205",
                f"the placeholder {written} stands for nothing",
                place,
                on_key=on_key,
                hint=f"{meant} Where the text is meant as it is, write ${written}.",
            )
        )
