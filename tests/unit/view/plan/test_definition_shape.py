"""A definition's graph is drawn whatever made it: with the waits of a Parallel, with a loop."""

from __future__ import annotations

from bunsui.model.values import Value
from bunsui.view.drawing.picture import picture_lines, picture_of
from bunsui.view.plan.definition_shape import definition_shape
from bunsui.view.spans import plain

LOOP: dict[str, Value] = {
    "StartAt": "ask",
    "States": {
        "ask": {"Type": "Task", "Next": "done?"},
        "done?": {"Type": "Choice", "Choices": [{"Condition": "{% true %}", "Next": "write"}], "Default": "wait"},
        "wait": {"Type": "Wait", "Seconds": 5, "Next": "ask"},
        "write": {"Type": "Succeed"},
    },
}
COMPILED: dict[str, Value] = {
    "StartAt": "_start",
    "States": {
        "_start": {"Type": "Pass", "Next": "_par"},
        "_par": {
            "Type": "Parallel",
            "Branches": [
                {
                    "StartAt": name,
                    "States": {name: {"Type": "Pass", "Next": f"{name}.2"}, f"{name}.2": {"Type": "Pass", "End": True}},
                }
                for name in ("a", "b")
            ],
            "Next": "c",
        },
        "c": {"Type": "Pass", "End": True},
    },
}


def test_a_compiled_definition_is_drawn_by_its_jobs() -> None:
    assert plain(picture_lines(picture_of(definition_shape(COMPILED)))) == "┬─ a ─┬ ── c\n└─ b ─┘\n"


def test_a_loop_of_a_raw_machine_is_told_and_the_rest_drawn() -> None:
    picture = picture_of(definition_shape(LOOP))
    assert plain(picture_lines(picture)) == "ask ── done? ── ┬─ wait ──┬\n                └─ write ─┘\n"
    assert picture.placement.undrawn == (("wait", "ask"),)


def test_what_is_no_definition_has_no_graph() -> None:
    assert definition_shape(None).names == ()
