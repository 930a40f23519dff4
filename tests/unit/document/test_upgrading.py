"""A pipeline of an earlier bunsui goes on meaning what it did."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bunsui.document.upgrading.file_upgrade import UpgradedFile, upgrade_file
from bunsui.document.yaml.reader import read_document

BEFORE = """\
version: 1
name: a
jobs:
  load: {operations: [{type: wait, for: 1s}]}
  next:
    run_if: "none_failed_or_skipped"   # the default
    depends_on: [load]
    operations: [{type: wait, for: 1s}]
  tidy:
    # when it went wrong
    run_if: any_failed  # why
    depends_on: [load]
    operations: [{type: wait, for: 1s}]
  flow: {run_if: any_failed, depends_on: [load], operations: [{type: wait, for: 1s}]}
"""
AFTER = (
    BEFORE.replace("none_failed_or_skipped", "all_succeeded")
    .replace("run_if: any_failed  # why\n", "run_if: any_failed  # why\n    handles: true\n")
    .replace("flow: {run_if", "flow: {handles: true, run_if")
)


def new(text: str) -> UpgradedFile:
    document = read_document("a.yaml", text.encode()).document
    assert document is not None
    return upgrade_file(document, text.encode())


def test_the_old_name_of_the_default_and_jobs_that_recovered_are_rewritten_where_they_stand() -> None:
    changed = new(BEFORE)
    assert changed.after.decode() == AFTER
    assert [step.line for step in changed.steps] == [6, 11, 14]
    assert changed.steps[0].summary == "next: run_if none_failed_or_skipped is called all_succeeded"


def test_what_was_upgraded_stays() -> None:
    assert new(AFTER) == UpgradedFile(after=AFTER.encode())


@pytest.mark.parametrize("line_break", ["\r\n", "\n"])
@pytest.mark.parametrize("mark", ["\ufeff", ""])
def test_line_breaks_and_the_byte_order_mark_stay(line_break: str, mark: str) -> None:
    assert new(mark + BEFORE.replace("\n", line_break)).after.decode() == mark + AFTER.replace("\n", line_break)


def test_a_file_that_ends_with_the_rule_gains_a_line() -> None:
    text = "version: 1\njobs:\n  b:\n    run_if: any_failed"
    assert new(text).after.decode() == f"{text}\n    handles: true"


def test_a_place_that_cannot_be_spliced_is_told_and_the_others_are_changed() -> None:
    text = "version: 1\njobs:\n  a:\n    run_if: none_failed_or_skipped\n  b:\n    run_if: >-\n      any_failed\n"
    changed = new(text)
    assert changed.after.decode() == text.replace("none_failed_or_skipped", "all_succeeded")
    (told,) = changed.notes
    assert (told.code, told.position and told.position.line, told.hint) == ("BS360", 6, "Change it by hand.")


def job(*lines: str, head: str = "") -> str:
    return f"version: 1\n{head}jobs:\n  a:\n" + "".join(f"    {line}\n" for line in lines)


CHANGED: Mapping[str, tuple[str, str]] = {
    "a condition": ("when: '{% $jobs.b.n > 0 %}'  # some", "when: '{% ($jobs.b.n > 0) ? true : false %}'  # some"),
    "items": (
        'foreach: {items: "{% $jobs.b.files %}", as: f}',
        'foreach: {items: "{% $list($jobs.b.files) %}", as: f}',
    ),
    "a retry in brackets": (
        "operations: [{retry: {attempts: 3}}]",
        "operations: [{retry: {errors: [throttling, infrastructure], attempts: 3}}]",
    ),
}


@pytest.mark.parametrize(("before", "after"), CHANGED.values(), ids=CHANGED)
def test_what_meant_something_else_is_written_down(before: str, after: str) -> None:
    changed = new(job(before))
    assert changed.after.decode() == job(after)
    again = new(job(after))
    assert (again.steps, again.after) == ((), job(after).encode())


def test_retries_are_found_in_operations_at_any_depth_and_not_in_data() -> None:
    text = job(
        "operations:",
        "  - type: choice",
        "    cases:",
        '      - when: "{% true %}"',
        "        operations:",
        "          - {type: lambda, retry: {attempts: 2}, payload: {retry: {attempts: 9}}}",
        "  - type: lambda",
        "    retry:",
        "      attempts: 4   # patience",
        "      backoff: 2",
    )
    added = "errors: [throttling, infrastructure]"
    wanted = text.replace("retry: {attempts: 2}", f"retry: {{{added}, attempts: 2}}")
    wanted = wanted.replace("# patience\n", f"# patience\n          {added}\n")
    assert new(text).after.decode() == wanted


def test_what_the_defaults_say_is_inherited_and_written_once() -> None:
    text = job("operations: [{type: lambda, retry: {attempts: 4}}]", head="defaults:\n  retry:\n    delay: 5s   # short\n")
    changed = new(text)
    assert changed.after.decode() == text.replace("# short\n", "# short\n    errors: [throttling, infrastructure]\n")
    assert (len(changed.steps), changed.notes) == (1, ())


KEPT: Mapping[str, str] = {
    "a comparison": 'when: "{% $jobs.b.n = 0 %}"',
    "a test": 'when: "{% $exists($jobs.b.n) and true %}"',
    "errors": "operations: [{retry: {attempts: 3, errors: [timeout]}}]",
    "tried once": "operations: [{retry: {attempts: 1}}]",
    "written items": "foreach: {items: [1, 2]}",
    "what a path finds": 'foreach: {items: "{% $jobs.b.files[size > 1].name %}"}',
    "a list": 'foreach: {items: "{% $append($jobs.b.x, []) %}"}',
    "a sum": 'outputs: {n: "{% $count($result.rows) %}", all: "{% $result %}", two: 2}',
}


@pytest.mark.parametrize("line", KEPT.values(), ids=KEPT)
def test_what_means_what_it_did_stays_without_a_word(line: str) -> None:
    assert new(job(line)) == UpgradedFile(after=job(line).encode())


TOLD: Mapping[str, tuple[str, str]] = {
    "an output": ('outputs: {rows: "{% $result.rows %}"}', "a run in which rows of a gives nothing fails now"),
    "results of a foreach": (
        'foreach: {items: [1]}\n    outputs: {all: "{% $result.output %}"}',
        "all of a: a list for any number of items now",
    ),
    "a text around a condition": ('when: "yes {% $jobs.b.n %}"', "when took any value for true or false"),
    "a list in brackets": ('foreach: {items: "{% [1..3] %}"}', "items in brackets were one item"),
    "a retry without a place": (
        "operations: [{retry: {}}]",
        "retry without errors retried throttling and infrastructure alone",
    ),
}


@pytest.mark.parametrize(("line", "said"), TOLD.values(), ids=TOLD)
def test_what_only_its_author_knows_is_told_where_it_stands_and_not_guessed(line: str, said: str) -> None:
    changed = new(job(line))
    assert changed.after == job(line).encode()
    (told,) = changed.notes
    assert told.summary.startswith(said)
    assert (told.code, bool(told.hint), told.position is not None and told.position.line >= 4) == ("BS360", True, True)


def test_a_job_that_went_on_behind_a_failure_is_told() -> None:
    text = """\
version: 1
jobs:
  a: {isolate: true}
  b: {depends_on: [a]}
  c: {depends_on: [b], run_if: none_failed}
"""
    (told,) = new(text).notes
    assert told.summary == "c does not run any more where a failure kept b from running; that counted as a skip"
    assert new(text.replace("isolate: true", "")).notes == ()


TODAY = (
    "type: wait",
    "depends_on: b",
    "handles: false",
    "foreach: [1]",
    "outputs: [rows]",
    'outputs: {n: {value: "{% $result.n %}", default: 0}}',
)


@pytest.mark.parametrize("line", TODAY)
def test_a_file_of_today_s_language_stays_and_says_by_what_it_is_known(line: str) -> None:
    text = job("run_if: none_failed_or_skipped", line)
    changed = new(text)
    assert (changed.after, changed.steps) == (text.encode(), ())
    (told,) = changed.notes
    assert told.summary.startswith("this is of today's language")
    assert told.position is not None
    assert told.position.line == 5
    assert new(job(line)).notes == ()
