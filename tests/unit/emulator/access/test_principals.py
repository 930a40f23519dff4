"""Keys: whom they name, and that nobody makes them who does not know the secret."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.emulator.access.check import AccessCheck, Denied
from bunsui.emulator.access.presigned import presigned_url
from bunsui.emulator.access.principals import Issuer, Keys, KnownKey, Principal, developer, role_session, service
from bunsui.emulator.access.secret import ensure_secret, read_secret
from tests.unit.emulator.access.test_signatures import head_of

ROLE = "arn:aws:iam::111122223333:role/team/etl"
SESSION = role_session(ROLE, "load")
assert SESSION is not None
PRINCIPALS = [developer(), developer("111122223333"), service("states", "111122223333"), SESSION]


@pytest.mark.parametrize("principal", PRINCIPALS)
def test_a_key_names_its_principal_also_after_a_restart(principal: Principal) -> None:
    keys = Issuer(b"secret").keys(principal)

    known = Issuer(b"secret").known(keys.access_key, keys.token)

    assert known == KnownKey(principal=principal, keys=keys)


@pytest.mark.parametrize("principal", PRINCIPALS)
def test_another_secret_makes_other_keys_and_knows_none_of_these(principal: Principal) -> None:
    keys, others = Issuer(b"secret").keys(principal), Issuer(b"other").keys(principal)

    assert keys.access_key != others.access_key
    assert keys.secret_key != others.secret_key
    assert Issuer(b"other").known(keys.access_key, keys.token) is None


def test_only_the_developer_of_the_default_account_needs_no_token() -> None:
    keys = [Issuer(b"secret").keys(principal) for principal in PRINCIPALS]

    assert [one.access_key[:4] for one in keys] == ["AKIA", "ASIA", "ASIA", "ASIA"]
    assert [one.token is None for one in keys] == [True, False, False, False]
    assert len({one.secret_key for one in keys}) == len(keys)


def test_the_session_of_a_role_is_named_as_aws_names_it() -> None:
    assert SESSION is not None
    assert SESSION.arn == "arn:aws:sts::111122223333:assumed-role/etl/load"
    assert SESSION.role_arn == ROLE
    assert SESSION.user_id.startswith("AROA")
    assert SESSION.user_id.endswith(":load")
    assert role_session(ROLE, "x" * 99) == role_session(ROLE, "x" * 64)
    assert role_session(ROLE, "load", account="444455556666").arn.split(":")[4] == "444455556666"  # type: ignore[union-attr]
    none = ("", "etl", "arn:aws:iam::1:role/x", "arn:aws:iam::111122223333:user/x")
    assert [role_session(arn, "s") for arn in none] == [None] * 4


@given(st.text(max_size=300))
def test_no_text_is_a_token_by_chance(token: str) -> None:
    issuer = Issuer(b"secret")

    assert issuer.known(issuer.keys(developer("111122223333")).access_key, token) is None
    assert issuer.known(issuer.keys(developer()).access_key + "x", token) is None


def test_a_token_cannot_be_rewritten_for_another_account() -> None:
    issuer = Issuer(b"secret")
    keys = issuer.keys(developer("111122223333"))
    assert keys.token is not None
    described = base64.urlsafe_b64encode(json.dumps(asdict(developer("444455556666")), sort_keys=True).encode()).decode()
    forged = keys.token[:43] + described

    assert issuer.known(keys.access_key, keys.token) is not None
    assert issuer.known(keys.access_key, forged) is None


def test_keys_do_not_show_their_secret() -> None:
    keys = Issuer(b"secret").keys(developer("111122223333"))

    assert keys.secret_key not in repr(keys)
    assert str(keys.token) not in repr(keys)


def test_the_secret_is_made_once_and_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secret"

    made = ensure_secret(path)

    assert ensure_secret(path) == made == read_secret(path)
    assert os.name != "posix" or path.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.name != "posix", reason="permissions of files are POSIX's")
def test_a_secret_that_others_may_read_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    made = ensure_secret(path)
    path.chmod(0o640)

    assert read_secret(path) is None
    assert ensure_secret(path) not in (made, b"")
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.name != "posix", reason="links and pipes are POSIX's")
def test_a_link_or_a_pipe_is_no_secret_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    elsewhere, link, pipe = tmp_path / "elsewhere", tmp_path / "link", tmp_path / "pipe"
    known = ensure_secret(elsewhere)
    link.symlink_to(elsewhere)
    os.mkfifo(pipe, 0o600)

    assert [read_secret(path) for path in (link, pipe, tmp_path / "none")] == [None] * 3
    assert ensure_secret(link) != known
    assert read_secret(elsewhere) == known


@pytest.mark.parametrize("content", ["", "zz", "00" * 31, "ü"])
def test_a_damaged_secret_is_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "secret"
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)

    assert read_secret(path) is None


def url_of(keys: Keys, *, now: float) -> str:
    """Return a URL that is good for ten seconds from `now`."""
    return presigned_url("http://127.0.0.1:1/b/k", keys, region="us-east-1", seconds=10, now=now)


def test_a_presigned_url_is_good_until_it_says() -> None:
    issuer = Issuer(b"secret")
    head = head_of("GET", url_of(issuer.keys(developer()), now=1_800_000_000.0), {})

    def check(late: float) -> None:
        access = AccessCheck([issuer.known], now=lambda: 1_800_000_000.0 + late)
        access.verify(*access.claim(head), head, b"")

    check(0.0)
    check(10.0)
    for late in (11.0, 99_999.0):
        with pytest.raises(Denied) as caught:
            check(late)
        assert caught.value.reason == "expired-url"


def test_a_key_that_expired_and_one_of_another_token_are_refused() -> None:
    keys = Keys(access_key="ASIA", secret_key="s", token="t")
    known = KnownKey(principal=developer(), keys=keys, expires=100.0)
    head = head_of("GET", url_of(keys, now=0.0), {})
    other = head_of("GET", url_of(Keys(access_key="ASIA", secret_key="s", token="other"), now=0.0), {})

    def refused(at: float, asked: object = head) -> str:
        with pytest.raises(Denied) as caught:
            AccessCheck([lambda _key, _token: known], now=lambda: at).claim(asked)  # type: ignore[arg-type]
        return caught.value.reason

    assert refused(100.0) == "expired-key"
    assert refused(1.0, other) == "unknown-key"
    assert AccessCheck([lambda _key, _token: known], now=lambda: 1.0).claim(head)[1] is known
