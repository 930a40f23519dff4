"""Ten everyday sentences are never longer here than in every other tool, and what is compared is valid."""

from __future__ import annotations

import pytest

from benchmarks.sentences import Sentence, file_of, longest, sentences, tokens
from tests.checked_text import findings_of_text

_PROJECT = {"b/b.py": "def b(event, context):\n    return event\n"}


def test_tokens_are_words_numbers_and_signs() -> None:
    assert tokens("retry: {attempts: 4, delay: 1s}") == 12
    assert tokens('"{% $jobs.a.files %}"') == 12


@pytest.mark.parametrize("sentence", sentences(), ids=lambda sentence: sentence.words)
def test_ours_is_not_the_longest(sentence: Sentence) -> None:
    assert not longest(sentence)


@pytest.mark.parametrize("sentence", sentences(), ids=lambda sentence: sentence.words)
def test_ours_is_a_valid_file(sentence: Sentence) -> None:
    variables = ("${var.alerts}", "${var.db}")
    text = file_of(sentence).replace(variables[0], "arn:aws:sns:us-east-1:111122223333:alerts")
    text = text.replace(variables[1], "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-AbCdEf")
    child = "version: 1\nname: load\nparameters: {region: {type: string}}\njobs: {a: {type: wait, for: 5s}}\n"
    errors = [finding for finding in findings_of_text(text, {**_PROJECT, "pipeline-load.yaml": child}) if finding.is_error]
    assert errors == []
