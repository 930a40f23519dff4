"""An argument that names a definition in Amazon States Language, or a pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bunsui.cli.named_files import read_named_file
from bunsui.document.yaml.reader import LIMIT_BYTES
from bunsui.errors import InvalidInput
from bunsui.services.validate import pipeline_in

_SUFFIXES = (".json", ".yaml", ".yml", ".asl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A file with a definition, which needs no project."""

    file: str
    """As it was named."""
    content: bytes


def pipeline_or_definition(name: str) -> Definition | str:
    """Read what is named: a definition, or a pipeline's name, which may also be told by the pipeline's file.

    Raises:
        InvalidInput: `file-refused`, the file cannot be read.

    """
    path = Path(name)
    if not (path.suffix in _SUFFIXES or path.is_file()):
        return name
    content = read_file(path)
    return pipeline_in(name, content) or Definition(file=name, content=content)


def read_file(path: Path) -> bytes:
    """Read a file that an option or an argument names, one byte beyond the limit of a document at most.

    Raises:
        InvalidInput: `file-refused`.

    """
    try:
        return read_named_file(path, limit_bytes=LIMIT_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise InvalidInput("file-refused", f"the file cannot be read: {reason}", path=path) from error
