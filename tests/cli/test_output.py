from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.cli.output import Output, _printable_json


def test_a_json_document_keeps_letters_and_escapes_what_a_terminal_would_obey(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"cause": "\x9b2J \u202eevil \x1b[31m 売上 😀 \U000e0041"}
    Output(as_json=True).document(value)
    printed = capsys.readouterr().out
    assert json.loads(printed) == value
    assert "\\u009b2J \\u202eevil \\u001b[31m 売上 😀 \\udb40\\udc41" in printed


@given(st.text())
def test_escaping_never_changes_what_is_read(text: str) -> None:
    written = _printable_json(json.dumps({"k": text}, ensure_ascii=False))
    assert json.loads(written) == {"k": text}
    assert written.isprintable()
