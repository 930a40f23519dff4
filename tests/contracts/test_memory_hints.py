"""Hints in memory keep the promises of their contracts, the same tests as for AWS."""

from __future__ import annotations

import pytest

from bunsui.ports.hints import VerificationStore
from bunsui.testkit.hints import MemoryVerificationStore
from tests.contracts.test_verification_store import (  # noqa: F401 - collected here too, on the fixture below
    test_nothing_is_stored_at_first,
    test_what_was_stored_is_given_back_with_its_version,
    test_who_loaded_the_latest_may_replace_it,
    test_who_was_overtaken_replaces_nothing,
)


@pytest.fixture
def store() -> VerificationStore:
    """Verifications in memory."""
    return MemoryVerificationStore()
