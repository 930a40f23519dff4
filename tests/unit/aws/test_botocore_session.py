"""Sessions of botocore: what a profile says is kept, a second factor is asked for once, a role's session names its user."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from botocore.credentials import JSONFileCache
from botocore.exceptions import ClientError

from bunsui.aws.botocore_session import assumed_session, core_session, role_session_name, sign_in
from bunsui.errors import AccessDenied

CONFIG = """\
[profile plain]
region = eu-west-1
ca_bundle = /etc/own.pem
[profile coded]
role_arn = arn:aws:iam::111111111111:role/ops
source_profile = plain
mfa_serial = arn:aws:iam::111111111111:mfa/mika
"""


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with these profiles."""
    (tmp_path / "config").write_text(CONFIG)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def session_of(profile: str | None) -> Any:
    return core_session(profile, None, None, lambda notice: None)


def cache_of(session: Any) -> Any:
    return session.get_component("credential_provider").get_provider("assume-role").cache


def test_what_a_second_factor_gave_is_kept_where_the_aws_cli_keeps_it(configured: Path) -> None:
    cache = cache_of(session_of("coded"))
    assert isinstance(cache, JSONFileCache)
    cache["key"] = {"Credentials": {}}
    assert (configured / ".aws/cli/cache/key.json").exists()


@pytest.mark.parametrize("profile", ["plain", None])
def test_without_a_second_factor_nothing_is_kept(configured: Path, profile: str | None) -> None:
    assert not isinstance(cache_of(session_of(profile)), JSONFileCache)
    assert not (configured / ".aws").exists()


class Signing:
    """A session's profile, which counts how often somebody is asked for credentials."""

    def __init__(self, **profile: str) -> None:
        self.profile, self.asked = profile, 0

    def get_scoped_config(self) -> dict[str, str]:
        return self.profile

    def get_credentials(self) -> Signing:
        return self

    def get_frozen_credentials(self) -> None:
        self.asked += 1
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "AssumeRole")


@pytest.mark.parametrize(("profile", "asked"), [({"mfa_serial": "arn:aws:iam::1:mfa/mika"}, 1), ({"region": "eu-west-1"}, 0)])
def test_who_needs_a_code_is_asked_before_the_screen_is_taken_and_told_of_a_wrong_one(
    profile: dict[str, str], asked: int
) -> None:
    session = Signing(**profile)
    with pytest.raises(AccessDenied) if asked else nullcontext():
        sign_in(session)
    assert session.asked == asked


def test_a_session_with_a_role_has_what_its_profile_says_besides(configured: Path) -> None:
    role = "arn:aws:iam::111111111111:role/deploy"
    assumed = assumed_session(session_of("plain"), role, "eu-west-1", is_local=False)
    assert assumed.get_config_variable("ca_bundle") == "/etc/own.pem"
    assert assumed.get_component("credential_provider").providers[0].METHOD == "bunsui-assume-role"


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({"USER": "mika"}, "bunsui-mika"),
        ({"USER": "runner", "GITHUB_ACTOR": "mika"}, "bunsui-mika"),
        ({"USERNAME": "Mika Ö/x"}, "bunsui-Mika---x"),
        ({"USER": "m" * 90}, "bunsui-" + "m" * 57),
        ({}, "bunsui"),
    ],
)
def test_a_roles_session_names_who_works(environment: dict[str, str], name: str) -> None:
    assert role_session_name(environment) == name
