"""Offered commands: quoted for a shell, completed by what reaches the same place, found again in hints."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.command_line import Invocation, command_line
from bunsui.view.commands import completed, hint_lines, labelled_hint
from bunsui.view.spans import Role, line, span

WORDS = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=12)


@given(WORDS)
def test_a_command_is_one_printable_line_whatever_it_holds(word: str) -> None:
    assert command_line("run", word).isprintable()


@pytest.mark.parametrize("word", ["", "a b", "it's", "$(touch x)", "`id`", "a\nb", "\x1b[31m", "\\'\n", "名前", "\u202eabc"])
def test_a_shell_reads_a_word_as_it_was(word: str) -> None:
    script = command_line("x", word).replace("bunsui x", "printf %s", 1)
    said = subprocess.run(["bash", "-c", script], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"})
    assert said.stdout.decode() == word


def test_what_reaches_the_same_place_stands_before_the_verb() -> None:
    there = Invocation(directory="../a b", environment="prod", profile="deploy", region="eu-west-1")
    assert there.complete("bunsui plan x") == "bunsui -C '../a b' -e prod --profile deploy --region eu-west-1 plan x"
    assert Invocation().complete("bunsui plan x") == "bunsui plan x"


def test_a_project_without_files_is_named_where_that_is_enough() -> None:
    there = Invocation(directory="elsewhere", project="sales", environment="prod")
    assert there.complete("bunsui show x") == "bunsui --project sales -e prod show x"
    assert there.complete("bunsui apply") == "bunsui -C elsewhere -e prod apply"


def test_what_is_the_same_everywhere_needs_no_place() -> None:
    assert Invocation(environment="prod").complete("bunsui explain BS505") == "bunsui explain BS505"


def test_a_command_of_another_program_is_left_alone() -> None:
    assert Invocation(environment="prod").complete("aws configure sso") == "aws configure sso"


def test_the_same_command_again_is_what_was_typed() -> None:
    typed = Invocation(environment="prod", typed=("apply", "--select", "tag:team=a b"))
    assert typed.complete(typed.again) == "bunsui -e prod apply --select 'tag:team=a b'"


def test_a_hint_shows_its_commands_apart() -> None:
    first, second = hint_lines("Look at it, or run `bunsui plan` first:\n  bunsui show x")
    assert [part.text for part in first.parts if part.role is Role.COMMAND] == ["bunsui plan"]
    assert [part.text for part in second.parts if part.role is Role.COMMAND] == ["bunsui show x"]


def test_only_a_hint_s_own_lines_are_commands() -> None:
    (only,) = hint_lines("What bunsui plan says is what would happen")
    assert all(part.role is not Role.COMMAND for part in only.parts)


def test_the_further_lines_of_a_hint_stand_below_its_first() -> None:
    shown = [item.text for item in labelled_hint("Do this:\n  bunsui plan")]
    assert shown == ["hint: Do this:", "        bunsui plan"]


def test_a_line_s_commands_are_completed_and_the_rest_is_not() -> None:
    shown = completed(line(span("bunsui plan", Role.COMMAND), span(" as bunsui plan does")), Invocation(environment="prod"))
    assert shown.text == "bunsui -e prod plan as bunsui plan does"
