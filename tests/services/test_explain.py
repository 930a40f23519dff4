"""A code is explained however it is written; the page of all of them is current."""

from __future__ import annotations

import pytest

from bunsui.errors import NotFound
from bunsui.finding_codes import FINDINGS
from bunsui.services.explain import explain, reference_page
from tests.write_operation_docs import FINDINGS_PAGE


@pytest.mark.parametrize("code", ["BS505", "bs505", " BS505 "])
def test_a_code_is_explained(code: str) -> None:
    assert explain(code) == FINDINGS["BS505"]


@pytest.mark.parametrize(("code", "hint"), [("BS55", "Did you mean BS"), ("hello", "three digits")])
def test_a_code_that_is_none_is_answered_with_one_that_is(code: str, hint: str) -> None:
    with pytest.raises(NotFound) as caught:
        explain(code)
    assert hint in caught.value.hint


def test_the_page_of_findings_is_current() -> None:
    assert FINDINGS_PAGE.read_text(encoding="utf-8") == reference_page(), "run  python -m tests.write_operation_docs"
