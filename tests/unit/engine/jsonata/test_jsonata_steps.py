"""The quicker steps of an evaluation give what the library's own steps give."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from jsonata import Jsonata

from bunsui.engine.jsonata.program import program, run

TABLE: list[dict[str, Any]] = json.loads((Path(__file__).parents[3] / "cases" / "jsonata" / "table.json").read_text())
DATA: dict[str, Any] = {
    "x": {
        "a": {"b": {"c": [1, 2, {"d": 3}], "e": None, "f": [], "g": [[1, 2], [3]], "h": 0, "i": "", "j": False}},
        "rows": [{"n": 1, "k": "p", "t": [1, 2]}, {"n": 2, "k": "q"}, {"n": 3, "k": "p", "t": [3]}],
        "one": [{"n": 1}],
        "text": "word",
        "list": [1, 2, 3],
        "nested": {"x": {"y": [{"z": 1}, {"z": [2, 3]}]}},
    },
    "list": [[1], [2, 3]],
    "n": 7,
}
EXPRESSIONS = [
    *["$x", "$x.a", "$x.a.b.c", "$x.a.b.c.d", "$x.a.b.e", "$x.a.b.f", "$x.a.b.g", "$x.a.b.h", "$x.a.b.i", "$x.a.b.j", "$y.a"],
    *["$x.none", "$x.none.more", "$x.text.more", "$x.a.b.e.more", "$x.rows.n", "$x.rows[0].n", "$x.rows.t", "$x.one.n"],
    *["$x.one.n[]", "$x.text[]", "$x.rows[n > 1].k", "$x.rows[k = 'p'][0]", "$x.rows{k: n}", "$x.rows^(>n).n", "$x.rows#$i.$i"],
    *[
        "$x.rows@$r.$r.n",
        "$x.rows.t.%.n",
        "$x.*",
        "$x.a.**.d",
        "$x.nested.x.y.z",
        "$list",
        "$list.$",
        "$list[0]",
        "$list[-1][0]",
    ],
    *[
        "[]",
        "[1, 2]",
        "['a', 'b'][1]",
        "[[1], [2, 3]]",
        "[$x.list, 4]",
        "[$x.none, 1]",
        "[[$x.list], 4]",
        "[1..3, 7]",
        "[null, 1]",
    ],
    *[
        "[$x.a.b.e]",
        "['a', ['b']]",
        "7 in [1, 7]",
        "'p' in ['p']",
        "{'a': [1], 'b': $x.none}",
        "{'a': $x.a.b.e}",
        "-$n",
        "-$x.none",
    ],
    *[
        "($a := [1, 2]; $append($a, [3]))",
        "$x.rows.(n * 2)",
        "$x.rows.{'v': n}",
        "$map([1, 2], function($v) {[$v]})",
        "'a' & ['b']",
    ],
    *[
        "$x ~> |a|{'b': 1}|",
        "($f := $substring(?, 0, 2); $f('word'))",
        "['b', 'a'] ~> $sort",
        "$sift($x, function($v, $k) {$k in ['n', 'text']})",
    ],
    *[
        "$x.rows[1].(k = 'q' ? [n] : n)",
        "$count([1, 2])",
        "$merge([{}, {'a': 1}])",
        "$x.rows ~> $map(function($r) {$r.n})",
        "$x.`a`.b.h",
    ],
    *[
        "$not([])",
        "($x.text ~> /w(.)/).groups",
        "$x.rows.k[0]",
        "($x.rows.k)[0]",
        "[$x.rows.k][0]",
        "$distinct(['a', 'a'])",
        "$string([1, 'a'])",
    ],
]


def outcome(run_it: Any) -> Any:
    try:
        return repr(run_it())
    except Exception as error:  # noqa: BLE001 - whatever the library raises is compared
        return type(error).__name__, getattr(error, "error", None)


def both(text: str, variables: dict[str, Any]) -> tuple[Any, Any]:
    library = Jsonata(text)
    library.set_output_convert_nulls(False)
    library.set_validate_input(False)

    def by_the_library() -> Any:
        Jsonata.CURRENT.jsonata = library
        return library.evaluate(None, copy.deepcopy(variables))

    return outcome(lambda: run(program(text), copy.deepcopy(variables))), outcome(by_the_library)


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_an_expression_gives_what_the_library_gives(text: str) -> None:
    ours, theirs = both(text, DATA)
    assert ours == theirs


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["expression"][:60])
def test_a_recorded_expression_gives_what_the_library_gives(row: dict[str, Any]) -> None:
    ours, theirs = both(row["expression"], row["variables"])
    assert ours == theirs


def test_an_array_that_is_written_out_is_new_each_time() -> None:
    parsed = program("['a', 'b']")
    run(parsed, {}).append("c")
    assert run(parsed, {}) == ["a", "b"]
