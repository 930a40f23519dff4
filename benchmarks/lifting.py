"""How many published state machines can be said in jobs, and that those behave as the definitions do.

    python -m benchmarks.lifting FOLDER [--reasons] [--each] [--show NAME]

FOLDER holds definitions, `*.asl.json`. Placeholders get values that their places allow.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bunsui.composition.workspace import repository
from bunsui.document.yaml.writer import yaml_text
from bunsui.errors import BunsuiError
from bunsui.model.json import Json
from bunsui.project.repository import Repository
from bunsui.services.adoption.definition_text import definition_text
from bunsui.services.adoption.lifting.attempt import LiftAttempt, try_lift
from bunsui.services.init import init_project

_NAMED = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_.:-]*)\}")
_RESOURCE = re.compile(r'"(?:Resource|FunctionName)"\s*:\s*"\$\{([A-Za-z_][A-Za-z0-9_.:-]*)\}"')


@dataclass(frozen=True)
class Asked:
    """The options of a command line that says nothing special."""

    directory: Path
    project: str | None = None
    environment: str | None = "local"
    profile: str | None = None
    region: str | None = None

    def notice(self, message: str) -> None:
        """Nothing is told."""

    def connected(self, traffic: object) -> None:
        """Nothing is connected."""


def attempts(folder: Path, project: Repository) -> Iterator[tuple[str, LiftAttempt | str]]:
    """Yield what came of each definition; a text where it is none."""
    for path in sorted(folder.glob("*.asl.json")):
        content = path.read_bytes()
        said = content.decode()
        functions = set(_RESOURCE.findall(said))
        values = {name: _value(name, is_function=name in functions) for name in _NAMED.findall(said)}
        try:
            text = definition_text(content, project.scope, values, file=path.name)
            entry: Json = {"version": 1, "name": "tried", "definition": "tried.asl.json", "substitutions": text.substitutions}
            files = {"pipelines/tried.asl.json": text.content, "pipelines/tried.yaml": yaml_text(entry).encode()}
            yield path.name, try_lift(
                project, "tried", "pipelines/tried.yaml", files, text,
                write=lambda keys: yaml_text({"version": 1, "name": "tried", **keys}).encode(),
            )  # fmt: skip
        except BunsuiError as error:
            yield path.name, error.summary


def _value(name: str, *, is_function: bool) -> str:
    function = re.sub("[^A-Za-z0-9]", "-", name)
    return f"arn:aws:lambda:us-east-1:000000000000:function:{function}:live" if is_function else f"value-of-{name}"


def main(said: list[str]) -> int:
    """Print how many are lifted, and how many stay as they are because running both showed a difference."""
    with tempfile.TemporaryDirectory() as made:
        init_project(Path(made), template="etl")
        project = repository(Asked(directory=Path(made)))
        found = dict(attempts(Path(said[0]), project))
    lifted = {name: one for name, one in found.items() if isinstance(one, LiftAttempt) and one.content is not None}
    why = Counter(
        one if isinstance(one, str) else one.why for one in found.values() if isinstance(one, str) or one.content is None
    )
    situations = sum(one.compared.situations for one in lifted.values() if one.compared)
    differ = sum(
        isinstance(one, LiftAttempt) and one.compared is not None and bool(one.compared.difference) for one in found.values()
    )
    print(f"{len(found)} definitions, {len(lifted)} lifted; these were run in {situations} situations beside their definitions")
    print(f"{differ} stay definitions since their jobs behaved differently")
    if "--reasons" in said:
        for words, count in why.most_common():
            print(f"{count:4}  {words}")
    if "--each" in said:
        for name, one in found.items():
            print(name, "lifted" if name in lifted else one if isinstance(one, str) else f"{one.where}: {one.why}")
    if "--show" in said:
        content = lifted[said[said.index("--show") + 1]].content
        print(content.decode() if content else "")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
