"""The embedded AWS as its users meet it: real processes, really killed."""

from __future__ import annotations

import pytest

from tests.embedded import EmbeddedAccount

pytestmark = pytest.mark.embedded


def test_an_access_key_of_twelve_digits_is_the_account(embedded_account: EmbeddedAccount) -> None:
    assert embedded_account.client("sts").get_caller_identity()["Account"] == embedded_account.account
