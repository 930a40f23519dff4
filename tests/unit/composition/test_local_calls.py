"""What `show` says of the calls of a session's roles on the embedded AWS."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.composition.local_calls import calls_lines
from bunsui.emulator.launcher.judged_calls import parse_judged
from bunsui.model.json import Json
from bunsui.view.spans import plain

NAMES = ("shop", "local", "daily")


def shown(*calls: Mapping[str, Json]) -> list[str]:
    """Return the lines for a session of `daily` that began at 10."""
    usual: dict[str, Json] = {"action": "s3:GetObject", "resource": "", "reason": "", "count": 1, "at": 20.0}
    judged = parse_judged({"iam": "enforce", "totals": {}, "calls": [{**usual, **call} for call in calls]})
    return plain(calls_lines(judged, names=NAMES, since=10.0)).splitlines()


def role(name: str) -> str:
    return f"arn:aws:iam::000000000000:role/{name}"


def test_what_was_refused_or_not_judged_is_told_with_its_reason() -> None:
    ours = {"role": role("shop--local--daily--machine")}
    told = shown(
        ours | {"outcome": "allowed"},
        ours | {"outcome": "not judged", "action": "glue", "reason": "nobody knows", "count": 3},
        ours | {"outcome": "refused", "reason": "User: … is not authorized"},
        {"role": role("shop--local--daily2--machine"), "outcome": "refused"},
        ours | {"outcome": "refused", "at": 5.0},
    )
    assert [text.strip() for text in told] == [
        "",
        "calls of roles  1 allowed, 1 refused, 1 not judged",
        "refused, 1×: User: … is not authorized",
        "not judged, 3×: glue: nobody knows",
    ]


def test_where_all_was_allowed_nothing_is_told() -> None:
    assert shown({"role": role("shop--local--daily--machine"), "outcome": "allowed"}) == []


def test_much_is_cut() -> None:
    ours = {"role": role("shop--local--daily--machine"), "outcome": "not judged"}
    told = shown(*(ours | {"action": f"a:{number}"} for number in range(14)))
    assert told[-1].strip() == "and 4 more: bunsui local status"
