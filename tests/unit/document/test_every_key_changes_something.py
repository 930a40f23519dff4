"""No key of a pipeline file or of bunsui.yaml is there for nothing: a file with it is not shown as one without."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from bunsui.aws.connect import Connection
from bunsui.composition.workspace import Workspace
from bunsui.document.schema.published import published
from bunsui.errors import InvalidInput
from bunsui.operations.registry import BUILTIN
from tests.fakes.workspace import Asked
from tests.unit.document.key_toggles import BASE, ONE_VALUE, PIPELINE_KEYS, PROJECT, PROJECT_KEYS, UNTOLD, changed
from tests.unit.document.shown_project import same, shown

OF_PIPELINES = {"OperationEntry", "PollEntry", "JobEntry", "ForeachEntry", "OperationDefaults", "PermissionEntry"}
CREDENTIALS = ("EnvironmentEntry/profile", "EnvironmentEntry/role_arn")
"""What no file's picture shows: they choose the credentials."""
OF_THEIR_OWN = ("PipelineTestEntry", "ExpectEntry", "OneOperation")
"""Short forms, and tests, which `test_every_parameter_changes_something.py` has, as it has what operation types take."""


def keys_of(name: str) -> Iterator[str]:
    """Return every key of a published schema, after the definition that has it."""
    schema = published(name)
    assert schema is not None
    root = {key: value for key, value in schema.items() if key != "$defs"}
    for owner, definition in (("", root), *schema["$defs"].items()):
        if not owner.startswith(OF_THEIR_OWN) and "." not in owner:
            yield from (f"{owner}/{key}" for key in definition.get("properties", {}) if key not in UNTOLD)


@pytest.mark.parametrize(("name", "toggles"), [("pipeline-v1", PIPELINE_KEYS), ("project-v1", PROJECT_KEYS)])
def test_every_key_has_a_toggle(name: str, toggles: Mapping[str, object]) -> None:
    keys = {key for key in keys_of(name) if key.partition("/")[2] not in set(BUILTIN) - {"lambda"} and key != "JobEntry/type"}
    if name == "project-v1":
        keys = {key for key in keys if key.partition("/")[0] not in OF_PIPELINES} - ONE_VALUE
    assert {key for key in keys if key not in toggles} == set()
    assert toggles.keys() - keys == set()


def test_each_toggle_changes_what_is_shown() -> None:
    usual = list(shown(BASE, PROJECT))
    assert same(shown({"$schema": "s", **BASE}, {"$schema": "s", **PROJECT}), iter(usual)), "else every key would pass"
    idle = [key for key, toggle in PIPELINE_KEYS.items() if same(shown(changed(BASE, *toggle), PROJECT), iter(usual))]
    idle += [key for key, toggle in PROJECT_KEYS.items() if same(shown(BASE, changed(PROJECT, *toggle)), iter(usual))]
    assert idle == list(CREDENTIALS), " ".join(idle)


@dataclass(frozen=True)
class Connecting(Asked):
    """Options of a command that needs an account."""

    def connected(self, traffic: object) -> None:
        """Take note of nothing."""


def test_profile_and_role_choose_whose_credentials_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert _connected(tmp_path, "role_arn").reader("sts")._request_signer._credentials.method == "bunsui-assume-role"
    assert _connected(tmp_path, "region").reader("sts")._request_signer._credentials.method == "env"
    assert _connected(tmp_path, "region").profile is None
    named = _connected(tmp_path, "profile")
    with pytest.raises(InvalidInput) as failure:
        named.reader("sts")
    assert "work" in str(failure.value.facts), "there is no such profile here"


def _connected(folder: Path, key: str) -> Connection:
    """Return the connection of the project with the toggle of an environment's key; nothing is sent."""
    project = changed(PROJECT, *PROJECT_KEYS.get(f"EnvironmentEntry/{key}", ("version", 1)))
    (folder / "bunsui.yaml").write_text(json.dumps(project))
    return Workspace(Connecting(directory=folder, environment="dev")).connection
