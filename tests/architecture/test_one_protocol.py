"""The command line and the terminal UI decide nothing about an apply: they know its protocol, and none of its rules."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.trees import nodes_of

ROOT = Path(__file__).parents[2]
FACES = sorted(path for face in ("cli", "tui") for path in (ROOT / "bunsui" / face).rglob("*.py"))

DOORS = {
    "bunsui.services.apply": {"admission", "history", "patience", "request", "saved"},
    "bunsui.plan": {"model", "partial", "saved"},
    "bunsui.plan.saved": {"planfile"},
    "bunsui.apply": {"events", "lease", "stop"},
    "bunsui.refresh": {"modes", "ports"},
    "bunsui.kinds": {"state_machine"},  # its name, to offer `bunsui run`
}
"""Of these packages the faces know these modules: values and the protocol."""

NAMES = {
    "bunsui.plan.partial": {"Division", "can_apply"},
    "bunsui.apply.lease": {"Waiting"},
    "bunsui.services.apply.saved": {"check_saved"},
}
"""Of these modules the faces know these names only: the answer, not how it is found."""

RULES = {"protected", "protect", "overwrites_drift", "freeze", "frozen", "at_once", "prevent_destroy", "undoes_outside_change"}
"""Fields that rules are made of: whoever reads one decides by it."""


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each module of bunsui that is imported from, with the name."""
    for node in nodes_of(path):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)


def offence(module: str, name: str) -> bool:
    for package, doors in DOORS.items():
        if module == package and name not in doors:
            return True
        if module.startswith(f"{package}.") and module.removeprefix(f"{package}.").split(".")[0] not in doors:
            return True
    return any(module == known and name not in names for known, names in NAMES.items())


def test_a_face_imports_the_protocol_and_none_of_its_rules() -> None:
    known = [(path, module, name) for path in FACES for module, name in imports(path)]
    assert any(module == "bunsui.services.apply.admission" for _, module, _ in known)
    found = [f"{path.relative_to(ROOT)}: {module} {name}" for path, module, name in known if offence(module, name)]
    assert found == []


def test_a_face_reads_no_field_that_a_rule_is_made_of() -> None:
    found = [
        f"{path.relative_to(ROOT)} {node.attr}"
        for path in FACES
        for node in nodes_of(path)
        if isinstance(node, ast.Attribute) and node.attr in RULES and ast.unparse(node) != "gc.freeze"
    ]
    assert found == ["bunsui/tui/opened_project.py protected"]  # the header shows it
