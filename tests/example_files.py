"""Pipeline files that people read as examples: of the repository, of the cases, of the documentation."""

from __future__ import annotations

import re
from pathlib import Path

from bunsui.document.project import EnvironmentDocument, ProjectDocument
from bunsui.project.files import RootFolder

ROOT = Path(__file__).resolve().parents[1]
_BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


class OneFile(RootFolder):
    """The files of a folder, one of them with another text, or with one that it has not."""

    def __init__(self, root: Path, file: str, text: str) -> None:
        super().__init__(root)
        self._file, self._text = file, text

    def find(self, patterns: object) -> tuple[str, ...]:
        return (self._file,)

    def read(self, path: str, *, limit_bytes: int = 1_048_576) -> bytes:
        return self._text.encode() if path == self._file else super().read(path, limit_bytes=limit_bytes)


def project_of(file: str) -> ProjectDocument:
    """Return a project with this one file."""
    return ProjectDocument(name="p", id="x" * 8, environment=EnvironmentDocument(name="local"), patterns=(file,))


def example_files() -> list[tuple[str, Path, str]]:
    """Return the name of each file in its folder, the folder, and its text."""
    files = [(f"pipelines/{path.name}", ROOT, path) for path in sorted((ROOT / "pipelines").glob("*.yaml"))]
    files += [("pipeline.yaml", path.parent, path) for path in sorted((ROOT / "tests/cases/language").glob("*/pipeline.yaml"))]
    found = [(name, folder, path.read_text(encoding="utf-8")) for name, folder, path in files]
    for path in sorted((ROOT / "docs").rglob("*.md")):
        blocks = _BLOCK.findall(path.read_text(encoding="utf-8"))
        found += [("pipelines/example.yaml", ROOT, _whole(block)) for block in blocks if _is_pipeline(block)]
    return found


def _is_pipeline(block: str) -> bool:
    """Tell whether an example is one of ours, and not the workflow of another tool."""
    return re.search(r"(?m)^jobs:\n", block) is not None and "runs-on" not in block


def _whole(block: str) -> str:
    """Return an example of the documentation as a file: those that begin in the middle lack its head."""
    head = "" if "version: 1" in block else "version: 1\n"
    return f"{head}{'' if re.search(r'(?m)^name:', block) else 'name: example' + chr(10)}{block}"
