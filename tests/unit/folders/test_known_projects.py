"""`projects.toml`: read with every mistake at its line, and changed without touching what else stands in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.errors import InvalidInput, NotFound
from bunsui.folders.known_projects import KnownProject, find_known_project, parse_known_projects
from bunsui.folders.known_projects_text import with_known_project, without_known_project

FILE = Path("/home/mika/.config/bunsui/projects.toml")
PROD = KnownProject(
    project="sales-data",
    environment="prod",
    id="7f3a0c52-1111",
    account="222222222222",
    region="ap-northeast-1",
    profile="acme-prod",
    timezone="Asia/Tokyo",
)
DEV = replace(PROD, environment="dev", account="111111111111", profile="", role_arn="arn:aws:iam::111111111111:role/look")
LOCAL = KnownProject(project="shop", environment="local", id="7f3a0c52-2222", folder="/home/mika/shop")
TEXT = """\
# mine
version = 1

[projects.sales-data.prod]
id = "7f3a0c52-1111"
account = "222222222222"  # the big one
region = "ap-northeast-1"
profile = "acme-prod"
timezone = "Asia/Tokyo"

# about the shop
[projects.shop.local]
id = "7f3a0c52-2222"
folder = "/home/mika/shop"
"""


def parsed(content: bytes | str) -> tuple[KnownProject, ...]:
    return parse_known_projects(content if isinstance(content, bytes) else content.encode(), "projects.toml")


def test_each_environment_is_an_entry() -> None:
    assert parsed(TEXT) == (PROD, LOCAL)
    assert parsed("") == ()


@pytest.mark.parametrize(
    ("content", "place", "what"),
    [
        ('[projects.a.b]\nid = "x', "projects.toml:2:1", ""),
        ("version = 2\n", "projects.toml:1:1", "newer bunsui"),
        ("colour = 1\n", "projects.toml:1:1", "colour is no key"),
        (TEXT.replace("222222222222", "2222"), "projects.toml:6:1", "twelve digits"),
        (TEXT.replace('"222222222222"', "222222222222"), "projects.toml:6:1", "twelve digits"),
        (TEXT.replace('profile = "acme-prod"', 'profil = "acme"'), "projects.toml:8:1", "did you mean profile?"),
        (TEXT.replace('region = "ap-northeast-1"\n', ""), "projects.toml:4:1", "region is missing"),
        (TEXT.replace("Asia/Tokyo", "Asia/Tokio"), "projects.toml:9:1", ""),
        (TEXT.replace('folder = "/home/mika/shop"', 'folder = "shop"'), "projects.toml:14:1", "whole path"),
        (TEXT.replace("[projects.shop.local]", "[projects.shop.dev]"), "projects.toml:14:1", "no meaning in dev"),
        (TEXT.replace("[projects.shop.local]", "[shop.local]"), "projects.toml:12:1", "no key"),
        (TEXT.replace("acme-prod", "acme\\u001b[2J"), "projects.toml:8:1", "a profile"),
        (b"# \xff\n", "projects.toml:1:1", "not UTF-8"),
        ("[[projects]]\n", "projects.toml:1:1", "[projects.PROJECT.ENVIRONMENT]"),
        ("a = " + "[" * 5000, "projects.toml", ""),
    ],
)
def test_a_mistake_is_told_at_its_place(content: bytes | str, place: str, what: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parsed(content)
    assert caught.value.facts["mistakes"].startswith(f"{place}:")
    assert what in caught.value.facts["mistakes"]


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        parsed(TEXT.replace("222222222222", "2").replace("ap-northeast-1", "tokyo"))
    assert len(caught.value.facts["mistakes"].splitlines()) == 2


def test_the_only_environment_is_meant_where_none_is_named() -> None:
    assert find_known_project((PROD, LOCAL), "sales-data", None, file=FILE) == PROD
    with pytest.raises(InvalidInput, match="environment-needed"):
        find_known_project((DEV, PROD), "sales-data", None, file=FILE)


@pytest.mark.parametrize(
    ("project", "environment", "hint"),
    [("sales-date", "prod", "sales-data"), ("other", None, "projects add"), ("sales-data", "prd", "--env prod")],
)
def test_a_name_that_is_not_there_is_answered_with_the_next_step(project: str, environment: str | None, hint: str) -> None:
    with pytest.raises(NotFound) as caught:
        find_known_project((PROD, LOCAL), project, environment, file=FILE)
    assert hint in caught.value.hint


def test_the_first_entry_makes_the_file() -> None:
    content = with_known_project(None, PROD, file=FILE)
    assert parsed(content) == (PROD,)
    assert content.startswith(b"# ")


def test_an_entry_is_replaced_and_everything_else_stays() -> None:
    moved = replace(PROD, account="333333333333")
    text = with_known_project(TEXT.encode(), moved, file=FILE).decode()
    assert set(parsed(text)) == {moved, LOCAL}
    assert text.startswith("# mine\nversion = 1\n")
    assert "# about the shop\n[projects.shop.local]\n" in text


def test_an_entry_is_taken_out_with_its_lines_alone() -> None:
    text = without_known_project(TEXT.encode(), "sales-data", "prod", file=FILE).decode()
    assert parsed(text) == (LOCAL,)
    assert "# about the shop\n" in text
    assert "acme" not in text
    assert without_known_project(TEXT.encode(), "sales-data", "dev", file=FILE) == TEXT.encode()


def test_an_entry_in_another_form_is_read_and_not_rewritten() -> None:
    inline = 'projects.shop.local = {id = "7f3a0c52-2222", folder = "/home/mika/shop"}\n'
    assert parsed(inline) == (LOCAL,)
    with pytest.raises(InvalidInput, match="entry-in-another-form"):
        without_known_project(inline.encode(), "shop", "local", file=FILE)
    with pytest.raises(InvalidInput, match="entry-in-another-form"):
        with_known_project(inline.encode(), replace(LOCAL, folder="/elsewhere"), file=FILE)


TEXTS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)


@given(st.lists(st.tuples(st.sampled_from(["a", "b-c", "D_e"]), st.sampled_from(["dev", "prod"]), TEXTS), max_size=8))
def test_what_was_added_last_is_what_is_read(asked: list[tuple[str, str, str]]) -> None:
    content, wanted = None, {}
    for project, environment, profile in asked:
        entry = replace(DEV, project=project, environment=environment, profile=profile)
        content = with_known_project(content, entry, file=FILE)
        wanted[project, environment] = entry
    assert content is None or set(parsed(content)) == set(wanted.values())
