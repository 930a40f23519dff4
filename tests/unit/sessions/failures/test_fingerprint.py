from __future__ import annotations

import pytest

from bunsui.sessions.failures.fingerprint import failure_fingerprint, normalise_message


def fingerprint_of(message: str, *, place: str = "load", error_class: str = "code", error: str = "ValueError") -> str:
    return failure_fingerprint(place=place, error_class=error_class, error=error, message=message)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("row 17 of 2000 is bad", "row 4 of 31 is bad"),
        ("no such key 'a/b.csv'", "no such key 'c/d/e.csv'"),
        ('no table "orders"', 'no table "sales"'),
        ("request 8f2ad7c1-6a54-4bb0-9b1a-0f3f3c1b2d4e failed", "request 1d0f5f4a-26a5-43d1-98d2-4a4cf3f9ac55 failed"),
        ("session 01KBH3X2J4ABCDEFGHJKMNPQRS is gone", "session 01KBH3X2J4ABCDEFGHJKMNPQRT is gone"),
        ("arn:aws:s3:::one/key is missing", "arn:aws:s3:::other/key is missing"),
        ("at 2026-01-31T18:00:00Z it broke", "at 2026-02-01T04:10:59Z it broke"),
        ("took 3.25 s", "took 12 s"),
        ("two\n  lines", "two lines"),
    ],
)
def test_what_differs_from_run_to_run_makes_no_other_failure(one: str, other: str) -> None:
    assert fingerprint_of(one) == fingerprint_of(other)


def test_another_message_job_class_or_error_is_another_failure() -> None:
    told = {
        fingerprint_of("no rows"),
        fingerprint_of("no columns"),
        fingerprint_of("no rows", place="extract"),
        fingerprint_of("no rows", error_class="data"),
        fingerprint_of("no rows", error="KeyError"),
    }
    assert len(told) == 5


def test_an_apostrophe_quotes_nothing() -> None:
    assert normalise_message("it doesn't know what it shouldn't") != normalise_message("it doesn't care what it shouldn't")


def test_normalising_twice_changes_nothing() -> None:
    text = normalise_message("row 17 of 'x' at 2026-01-31 in arn:aws:s3:::b/k")
    assert normalise_message(text) == text


def test_any_text_has_a_fingerprint() -> None:
    assert fingerprint_of("\udcff\x00\n" * 10_000).startswith("f1-")
