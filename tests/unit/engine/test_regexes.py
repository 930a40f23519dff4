"""Regular expressions of authors: they mean what Python's mean, and end."""

from __future__ import annotations

import random
import re
import threading
import time
import warnings

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bunsui.engine.context import Sources
from bunsui.engine.jsonata import evaluate as jsonata
from bunsui.engine.jsonpath.paths import PathError, select
from bunsui.engine.regexes import BUDGET_SECONDS, Regex, RegexTimeout, budget
from tests.faults.amount import amount
from tests.unit.engine.catastrophes import catastrophe

ENDLESS = r"(a|aa)+$"
CHOKES = "a" * 80 + "b"

ATOMS = st.sampled_from(
    [*"ab01 .-é/{}]\n", r"\d", r"\w", r"\s", r"\D", r"\W", r"\b", r"\B", r"\.", r"\1", r"\\", "^", "$", "[ab]", "[^a]", "[a-c]",
     "[[:alpha:]]", "[]a]", "[^]b]", "[[]", r"[\d-]", "[a&&b]", "[a--b]", "{e<=1}", "{2}", "{1,2}", "{,2}"]
)  # fmt: skip
QUANTIFIERS = st.sampled_from(["*", "+", "?", "*?", "+?", "??", "{2}", "{0,2}"])
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.sampled_from(["(%s)", "(?:%s)", "(?=%s)", "(?!%s)", "(?P<n>%s)"]).flatmap(
            lambda form: inner.map(lambda part: form.replace("%s", part))
        ),
        st.tuples(inner, QUANTIFIERS).map("".join),
        st.tuples(inner, inner).map("|".join),
    ),
    max_leaves=10,
)


@given(PATTERNS, st.text(alphabet="abcABC01 .-{}e<=[]:é\n\\/", max_size=12), st.sampled_from([0, re.IGNORECASE, re.MULTILINE]))
@example("a{e<=1}", "b", 0)
@example("[[:alpha:]]", "x:]", 0)
def test_a_regular_expression_means_what_pythons_own_means(pattern: str, text: str, flags: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            known = re.compile(pattern, flags)
        except re.error:
            assume(False)
        # Python alone finds no `\B` in an empty text; JavaScript, Java and `regex` do.
        assume(not (r"\B" in pattern and not text))
        ours = Regex(pattern, flags)

    with budget(5):
        found = [(match.span(), match.groups()) for match in ours.finditer(text)]
        assert found == [(match.span(), match.groups()) for match in known.finditer(text)]
        assert ours.split(text) == known.split(text)
        assert ours.sub("<>", text) == known.sub("<>", text)
        for ask in ("search", "fullmatch"):
            assert (getattr(ours, ask)(text) is None) == (getattr(known, ask)(text) is None)


def test_an_endless_one_ends_with_its_name_and_all_of_an_evaluation_share_the_time() -> None:
    ours = Regex(ENDLESS)

    with budget():
        began = time.thread_time()
        for _ in range(50):
            with pytest.raises(RegexTimeout, match=re.escape(f"/{ENDLESS}/ takes too long")):
                ours.search(CHOKES)
        assert time.thread_time() - began < 10 * BUDGET_SECONDS
    with budget():
        assert ours.search("aab") is None


def test_others_go_on_while_one_is_at_work() -> None:
    beats, over = [0], threading.Event()

    def beat() -> None:
        while not over.is_set():
            beats[0] += 1
            time.sleep(0.001)

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        with budget(1.0), pytest.raises(RegexTimeout):
            Regex(ENDLESS).search(CHOKES)
    finally:
        over.set()
        thread.join()
    assert beats[0] > 20


def evaluated(expression: str, text: str) -> str:
    """Return "answer", or the cause of the refusal."""
    try:
        jsonata.evaluate(f"{{% {expression} %}}", {"t": text}, field="Output", sources=Sources())
    except jsonata.EvaluationFailure as failure:
        return f"{failure.error}: {failure.cause}"
    return "answer"


def test_the_author_sees_a_query_evaluation_error_with_expression_and_field() -> None:
    cause = evaluated(rf"$match($t, /{ENDLESS}/)", CHOKES)

    assert cause == (
        r"States.QueryEvaluationError: "
        rf"The JSONata expression '$match($t, /{ENDLESS}/)' specified"
        " for the field 'Output' threw an error during evaluation:"
        rf" Expression evaluation timeout: the regular expression /{ENDLESS}/ takes too long on this text"
    )


def test_catastrophic_regular_expressions_answer_or_are_refused_soon() -> None:
    refused = 0
    for seed in range(amount(20, 1_000, 5_000)):
        expression, text = catastrophe(random.Random(seed))
        began = time.thread_time()
        said = evaluated(expression, text)
        assert time.thread_time() - began < 0.5, expression
        assert said == "answer" or "timeout" in said or "undefined" in said or "zero length" in said, said
        refused += "timeout" in said
    assert refused


def test_a_filter_of_a_path_ends_too() -> None:
    data = {"items": [{"name": CHOKES} for _ in range(200)]}
    began = time.thread_time()

    with pytest.raises(PathError, match="takes too long"):
        select(rf"$.items[?(@.name =~ /{ENDLESS}/)]", data)
    assert time.thread_time() - began < 10 * BUDGET_SECONDS


def test_a_replacement_cannot_fill_the_memory() -> None:
    for pattern in ("/a/", "'a'"):
        assert "memory limit exceeded" in evaluated(f"$replace($t, {pattern}, $t)", "a" * 100_000)
    assert "memory limit exceeded" in evaluated("$join($map([1..2000], function($i) { 'x' }), $t)", "a" * 100_000)


@pytest.mark.parametrize(
    "expression",
    [
        "$reduce([1..100000], function($a, $b) { $a & 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' }, '')",
        "$map([1..20000], function($i) { [1..1000] })",
        "[1..100000][$ in [1..100000]]",
    ],
)
def test_what_grows_with_a_square_is_refused(expression: str) -> None:
    assert "Expression evaluation" in evaluated(expression, "")
