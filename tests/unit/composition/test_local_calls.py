"""What `show` says of the calls of a pipeline's roles on the embedded AWS."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.composition.local_calls import calls_lines
from bunsui.emulator.launcher.judged_calls import parse_judged
from bunsui.model.json import Json
from bunsui.model.names import ROLE_NAME_LIMIT, resource_name
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
    ours = {"role": role("shop--local--daily--extract--read")}
    told = shown(
        ours | {"outcome": "allowed"},
        ours | {"outcome": "not judged", "action": "glue", "reason": "nobody knows", "count": 3},
        ours | {"outcome": "refused", "reason": "User: … is not authorized"},
        {"role": role("shop--local--daily2--extract--read"), "outcome": "refused"},
        ours | {"outcome": "refused", "at": 5.0},
    )
    assert [text.strip() for text in told] == [
        "",
        "kinds of calls by the pipeline's roles since this session began  1 allowed, 1 refused, 1 not judged",
        "refused: User: … is not authorized",
        "not judged: glue: nobody knows",
    ]


def test_the_role_of_the_machine_itself_is_one_of_the_pipelines() -> None:
    assert len(shown({"role": role("shop--local--daily"), "outcome": "refused"})) == 3
    assert shown({"role": role("shop--local--daily2"), "outcome": "refused"}) == []


def test_roles_whose_names_were_too_long_are_the_pipelines() -> None:
    for length in range(30, 80):
        names = ("shop", "local", "d" * length)
        for part in ((), ("extract", "read")):
            name = resource_name(*names, *part, limit=ROLE_NAME_LIMIT)
            call: dict[str, Json] = {"action": "a", "resource": "", "reason": "", "count": 1, "at": 20.0, "outcome": "refused"}
            judged = parse_judged({"iam": "enforce", "totals": {}, "calls": [{**call, "role": role(name)}]})
            assert calls_lines(judged, names=names, since=10.0), name


def test_where_all_was_allowed_nothing_is_told() -> None:
    assert shown({"role": role("shop--local--daily--extract--read"), "outcome": "allowed"}) == []


def test_much_is_cut() -> None:
    ours = {"role": role("shop--local--daily--extract--read"), "outcome": "not judged"}
    told = shown(*(ours | {"action": f"a:{number}"} for number in range(14)))
    assert told[-1].strip() == "and 4 more"
