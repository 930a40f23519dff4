"""Expressions are read and renamed through the syntax tree."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonata import jsonata

from bunsui.asl.expressions import check, field_step, problem, rewrite, string_literal, variables


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$jobs.extract.files[0].name", [("jobs", ("extract", "files"))]),
        ("$jobs.`load-it`.'a b'", [("jobs", ("load-it", "a b"))]),
        ("$params.in.and.x", [("params", ("in", "and", "x"))]),
        ("$jobs.a.b.$item.c", [("jobs", ("a", "b")), ("item", ("c",))]),
        ("$jobs.*.x", [("jobs", ())]),
        ("$jobs[x = $params.y].z", [("jobs", ()), ("params", ("y",))]),
        ("$map($jobs.a.files, function($v, $i) { $v & $i & $x })", [("map", ()), ("jobs", ("a", "files")), ("x", ())]),
        ("($x := $params.a; $x & $y)", [("params", ("a",)), ("y", ())]),
        ("($f := function($n) { $n < 1 ? 0 : $f($n - 1) }; $f($m))", [("m", ())]),
        ("($x := 1); $x", None),
        ("($a := 1; 2) & $a", [("a", ())]),
        ("$a@$v.b[$v.x = $w]", [("a", ()), ("w", ())]),
        ("$a#$i.{'n': $i, 'm': $j}", [("a", ()), ("j", ())]),
        ("$a^(>b, $c.d)", [("a", ()), ("c", ("d",))]),
        ("$a{key: $sum($b)}", [("a", ()), ("sum", ()), ("b", ())]),
        ("$p ~> |x|{'y': $q}|", [("p", ()), ("q", ())]),
        ("'$jobs' & \"$params\" /* $session */ & $match('x', /\\$ops/)", [("match", ())]),
        ("[1..$n]", [("n", ())]),
        ("-$a + $a", [("a", ()), ("a", ())]),
    ],
)
def test_free_variables_are_found_with_their_paths(text: str, expected: list[tuple[str, tuple[str, ...]]] | None) -> None:
    found = variables(text)
    if expected is None:
        assert not found
        assert check(text) is not None
        return
    assert [(use.name, use.path) for use in found] == expected
    assert all(text[use.start : use.end] == "$" + use.name for use in found)


@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("$jobs.a.x", [False]),
        ("$exists($jobs.a)", [True]),
        ("$exists($jobs.a) ? $jobs.a.x : 1", [True, True]),
        ("$exists($jobs.a.x) ? $jobs.a.x : $jobs.b.x", [True, True, True]),  # the other of two branches
        ("$exists($params.x) ? $params.x : $jobs.b.x", [False]),
        ("$not($exists($jobs.a)) ? 0 : $jobs.a.x", [True, True]),
        ("$exists($jobs.a) and $jobs.a.x > 1", [True, True]),
        ("$exists($jobs.a) or $jobs.a.x > 1", [True, False]),
        ("$not($exists($jobs.a)) or $jobs.a.x > 1", [True, True]),
        ("($exists($jobs.a) and $exists($jobs.b)) ? $jobs.a.x + $jobs.b.x : 0", [True] * 4),
        ("$exists($jobs.a) ? $jobs.b.x : 1", [True, False]),
        ("($exists := function($x) { true }; $exists($jobs.a) ? $jobs.a.x : 1)", [False, False]),
    ],
)
def test_uses_behind_an_existence_test_are_guarded(text: str, guarded: list[bool]) -> None:
    assert [use.guarded for use in variables(text) if use.name == "jobs"] == guarded


@pytest.mark.parametrize(
    ("text", "words", "offset"),
    [
        ("", "end of expression", 0),
        ("1 +", "end of expression", 2),
        ("$a ?? 1", "operator ??", 3),
        ("$a ?: 1", "operator ?:", 3),
        ("$eval('1')", "$parse", 0),
        ("name & 'x'", "bare field name", 0),
        ("{a: 1}", "bare field name", 1),
        ("$count(items)", "bare field name", 7),
        ("$.a", "stands for nothing", 0),
        ("$$.a", "stands for nothing", 0),
        ("$a.($$.b)", "stands for nothing", 4),
        ("/* never closed", "ends too early", 0),
        ("'never closed", "matching quote", 12),
        ("!", "syntax error", 0),
        ("(" * 5000, "", 0),
    ],
)
def test_what_step_functions_would_refuse_is_said_with_its_place(text: str, words: str, offset: int) -> None:
    found = problem(text)
    assert found is not None
    assert words in found.message
    assert found.offset == offset
    assert str(found) == check(text)


@pytest.mark.parametrize(
    "text", ["$a.(b + $.c)", "$a[$ > 1]", "$a.{'k': v}", "$sort($a, function($l, $r) { $l.x > $r.x })", "λ($x){$x}"]
)
def test_names_in_the_context_of_a_path_are_fine(text: str) -> None:
    assert check(text) is None


def test_renaming_leaves_strings_comments_quoted_and_bound_names_alone() -> None:
    text = "'$jobs' & /* $jobs */ $jobs.`$jobs` & ($jobs := 1; $jobs) & λ($jobs){$jobs}(2)"
    expected = "'$jobs' & /* $jobs */ $states.input.jobs.`$jobs` & ($jobs := 1; $jobs) & λ($jobs){$jobs}(2)"
    assert rewrite(text, {"jobs": "$states.input.jobs"}.get) == expected


def test_a_comment_at_the_end_is_fine() -> None:
    text = "$jobs.a /* the first */"
    assert check(text) is None
    renamed = rewrite(text, {"jobs": "$j"}.get)
    assert jsonata.Jsonata.jsonata(renamed).evaluate(None, {"j": {"a": 1}}) == 1


def test_renaming_what_cannot_be_parsed_is_refused() -> None:
    with pytest.raises(ValueError, match="end of expression"):
        rewrite("$jobs.", {"jobs": "$x"}.get)


NAMES = ("jobs", "params", "v", "w")


def _expressions() -> st.SearchStrategy[str]:
    variable = st.sampled_from(NAMES).map(lambda name: f"${name}")
    leaf = variable | st.integers(0, 9).map(str) | st.sampled_from(["'$jobs'", '"$v"', "/* $params */ 'x'"])

    def more(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        name = st.sampled_from(NAMES)
        return st.one_of(
            st.tuples(inner, inner).map(lambda p: f"[{p[0]}, {p[1]}]"),
            st.tuples(inner, inner).map(lambda p: f"$string({p[0]}) & $string({p[1]})"),
            st.tuples(name, inner, inner).map(lambda p: f"(${p[0]} := {p[1]}; [{p[2]}, ${p[0]}])"),
            st.tuples(name, inner, inner).map(lambda p: f"function(${p[0]}) {{ {p[1]} }}({p[2]})"),
            st.tuples(inner, inner, inner).map(lambda p: f"($exists({p[0]}) ? {p[1]} : {p[2]})"),
            st.tuples(variable, inner).map(lambda p: f"{p[0]}.{{'$w': {p[1]}, 'k': a}}"),
        )

    return st.recursive(leaf, more, max_leaves=8)


@given(_expressions())
def test_renaming_to_the_same_name_changes_nothing(text: str) -> None:
    assert check(text) is None
    assert rewrite(text, lambda name: f"${name}") == text
    assert rewrite(text, lambda name: None) == text


@given(_expressions())
def test_a_renamed_expression_means_the_same_under_renamed_bindings(text: str) -> None:
    values = {name: {"a": index, "b": [index]} for index, name in enumerate(NAMES)}
    renamed = rewrite(text, lambda name: f"$states.input.{name}" if name in NAMES else None)
    before = jsonata.Jsonata.jsonata(text).evaluate(None, values)
    after = jsonata.Jsonata.jsonata(renamed).evaluate(None, {"states": {"input": values}})
    assert json.dumps(before) == json.dumps(after)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_a_text_literal_evaluates_to_the_text(text: str) -> None:
    assert jsonata.Jsonata.jsonata(string_literal(text)).evaluate(None, {}) == text


@given(st.text(alphabet="$abc.()[]{}'\"`/*|?:;,=<>@#^&~!+-%0 \n\\"))
def test_any_text_is_either_fine_or_has_a_problem_with_a_place(text: str) -> None:
    found = problem(text)
    if found is not None:
        assert 0 <= found.offset <= len(text)
    variables(text)


def test_field_steps_are_quoted_when_they_must_be() -> None:
    assert [field_step(name) for name in ("a_1", "a-b", "and", "1x", "日")] == ["a_1", "`a-b`", "`and`", "`1x`", "`日`"]
    with pytest.raises(ValueError, match="backtick"):
        field_step("a`b")
