from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.binding import Binding

from bunsui.apply.events import ApplyFinished, ChangeDone, ChangeFailed, ChangeSkipped, ChangeStarted, ChangeWaiting
from bunsui.errors import AccessDenied, Refused
from bunsui.model.address import Address
from bunsui.plan.model import Action
from bunsui.tui.apply_progress import ApplyProgress
from bunsui.tui.help import help_lines
from bunsui.tui.keys import ascii_character, ascii_key
from bunsui.tui.polling import LONGEST_SECONDS, Polling
from bunsui.tui.problem import problem_lines, problem_of
from bunsui.view.spans import plain

ROLE, MACHINE, ALARM = Address("role", "orders"), Address("state_machine", "orders"), Address("log_group", "orders")


@given(st.characters(min_codepoint=0x21, max_codepoint=0x7E))
def test_every_full_width_character_counts_as_its_ascii_key(character: str) -> None:
    wide = chr(ord(character) + 0xFEE0)
    assert ascii_character(wide) == character
    assert ascii_key(events.Key("x", wide)).character == character


def test_a_full_width_slash_has_the_name_of_the_slash_key() -> None:
    assert ascii_key(events.Key("fullwidth_solidus", "／")).key == "slash"


@pytest.mark.parametrize("key", [events.Key("enter", "\r"), events.Key("up", None), events.Key("あ", "あ")])
def test_other_keys_are_left_alone(key: events.Key) -> None:
    assert ascii_key(key) is key


def test_failures_slow_the_questions_down_and_an_answer_sets_them_right() -> None:
    polling = Polling(every_seconds=5)
    assert polling.after_failure(is_denied=False).delay_seconds == 10
    assert polling.after_failure(is_denied=False).after_answer().delay_seconds == 5


@given(st.integers(0, 60))
def test_the_wait_after_failures_is_never_too_long(failures: int) -> None:
    polling = Polling(every_seconds=5)
    for _ in range(failures):
        polling = polling.after_failure(is_denied=False)
    assert polling.delay_seconds is not None
    assert polling.delay_seconds <= LONGEST_SECONDS


def test_refused_credentials_stop_the_questions_until_the_user_asks() -> None:
    stopped = Polling(every_seconds=5).after_failure(is_denied=True)
    assert stopped.delay_seconds is None
    assert stopped.after_failure(is_denied=False).delay_seconds is None
    assert stopped.started().delay_seconds == 5


def test_a_pause_outlives_answers() -> None:
    assert Polling(every_seconds=5, is_paused=True).after_answer().delay_seconds is None


def test_an_apply_tells_what_each_resource_waits_for_and_why_it_was_not_done() -> None:
    progress = ApplyProgress(total=3)
    progress.take(ChangeStarted(address=ROLE, action=Action.CREATE))
    progress.take(ChangeDone(address=ROLE, action=Action.CREATE, seconds=0.2))
    progress.take(ChangeWaiting(address=MACHINE, what="IAM"))
    assert "waits for IAM" in progress.status[MACHINE].text
    assert "1/3 done" in progress.title.text
    assert "IAM" in plain(progress.page([MACHINE]))
    assert progress.page([ROLE]) == ()
    assert "waits for IAM" in progress.title.text
    progress.take(ChangeFailed(address=MACHINE, action=Action.CREATE, code="denied", message="no", hint="ask"))
    progress.take(ChangeSkipped(address=ALARM, action=Action.CREATE, because="state_machine.orders failed"))
    assert "1/3 done, 1 failed, 1 not tried" in progress.title.text
    progress.take(ApplyFinished(done=1, failed=1, skipped=1, interrupted=False, seconds=1.0))
    told = plain(progress.problems)
    assert "no  (denied)" in told
    assert "ask" in told
    assert "state_machine.orders failed" in told
    assert "1 failed" in progress.title.text


def test_a_problem_shows_code_facts_and_hint_with_nothing_unprintable() -> None:
    error = Refused("plan-refused", "the plan is refused", hint="look\nagain", name="a\x1b[31mb")
    text = plain(problem_lines(problem_of(error)))
    assert "plan-refused" in text
    assert "a\\x1b[31mb" in text
    assert "again" in text


def test_only_credentials_stop_the_polling() -> None:
    assert problem_of(AccessDenied("x", "y")).is_denied
    assert not problem_of(Refused("x", "y")).is_denied


def test_a_defect_is_called_one_and_says_where_it_is() -> None:
    try:
        raise ValueError("[red]") from None
    except ValueError as error:
        text = plain(problem_lines(problem_of(error)))
    assert "unexpected" in text
    assert "ValueError: [red]" in text
    assert "test_small_rules.py:" in text


def test_help_lists_every_key_and_says_each_thing_once() -> None:
    twice = Binding("a,b", "go", "go on")
    rows = help_lines("Keys", [("Here", [twice]), ("There", [twice, Binding("c", "leap", "go on")])])
    assert [row.text.split() for row in rows if "go on" in row.text] == [["a", "b", "go", "on"], ["c", "go", "on"]]
