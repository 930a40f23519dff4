"""Files that are named on the command line, in a checkout that brings links."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from bunsui.cli.named_files import write_named_file
from bunsui.errors import InvalidInput


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, beside one with a file of the user's."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "report.xml").write_text("mine")
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("is_absolute", [False, True])
@pytest.mark.parametrize(
    ("link", "to", "named"),
    [
        ("report.xml", "../outside/report.xml", "report.xml"),
        ("report.xml", "../outside/new.xml", "report.xml"),
        ("reports", "../outside", "reports/report.xml"),
        ("reports", "../outside", "reports/../reports/report.xml"),
        ("a/b", "../..", "a/b/outside/report.xml"),
    ],
)
def test_no_link_of_the_checkout_leads_what_is_written_elsewhere(
    checkout: Path, link: str, to: str, named: str, *, is_absolute: bool
) -> None:
    (checkout / link).parent.mkdir(exist_ok=True)
    (checkout / link).symlink_to(to)

    with pytest.raises(InvalidInput, match="through a link"):
        write_named_file(checkout / named if is_absolute else Path(named), "x", what="the report")

    assert [path.name for path in (checkout.parent / "outside").iterdir()] == ["report.xml"]
    assert (checkout.parent / "outside" / "report.xml").read_text() == "mine"


def test_where_the_user_says_it_is_written(checkout: Path) -> None:
    (checkout / "real").mkdir()
    (checkout / "link").symlink_to("real")
    for named in ("report.xml", "real/report.xml", "link/other.xml", "../outside/report.xml"):
        for text in ("old", "new"):
            write_named_file(Path(named), text, what="the report")
        assert Path(named).read_text() == "new"
        assert stat.S_IMODE(Path(named).stat().st_mode) == 0o644


def test_a_device_is_written_to_and_stays_one(checkout: Path) -> None:
    (checkout / "out").symlink_to(os.devnull)

    write_named_file(Path("out"), "x", what="the report")

    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)
    assert (checkout / "out").is_symlink()
