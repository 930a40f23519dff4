"""A link that is put into a checkout between the check and the use leads nowhere: nothing outside is read or written."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from bunsui.cli.chosen_files import chosen_files
from bunsui.cli.commands.schema import SchemaName, write_schemas
from bunsui.cli.named_files import write_named_file
from bunsui.cli.options import Globals
from bunsui.cli.output import Output
from bunsui.errors import BunsuiError
from bunsui.folders.project import ProjectFolder
from bunsui.folders.user import user_folders
from bunsui.ports.source import FolderEntry
from bunsui.project.files import RootFolder
from bunsui.services.init import init_project
from tests.faults.amount import amount
from tests.racing import every_moment, put_link, take_link

SECRET = "years of work"
OUTSIDE = (
    "a.yaml",
    "app.py",
    "etl.yaml",
    "nonce",
    ".gitignore",
    "last_session",
    "report.xml",
    "lambda.json",
    "pipeline-v1.json",
)


def ground(here: Path) -> None:
    """A project, and beside it a folder with files of all names that are ever asked for."""
    for path in (
        "outside",
        "outside/inner",
        "project/pipelines/inner",
        "project/code",
        "project/reports",
        "project/schemas",
        "project/.hidden",
    ):
        (here / path).mkdir(parents=True, exist_ok=True)
    for folder in ("outside", "outside/inner"):
        for name in OUTSIDE:
            (here / folder / name).write_text(SECRET)
            (here / folder / name).chmod(0o640)
    (here / "outside").chmod(0o755)
    (here / "project/.hidden/app.py").write_text("HIDDEN")
    (here / "project/bunsui.yaml").write_text("version: 1\nproject: swapped\nid: 6c0f2c4e-8b0a-4d55-9d3c-0b6b1a0c4a10\n")
    for path in ("pipelines/a.yaml", "pipelines/inner/a.yaml", "code/app.py", "reports/report.xml"):
        (here / "project" / path).write_text("ours")


def outside(here: Path) -> Mapping[str, str]:
    """What lies outside, with modes and content."""
    return {
        str(path.relative_to(here)): f"{path.lstat().st_mode:o} {path.read_text() if path.is_file() else ''}"
        for path in sorted((here / "outside").rglob("*"))
    } | {"": f"{(here / 'outside').lstat().st_mode:o}"}


def texts(given: object) -> str:
    """What was read."""
    if isinstance(given, BaseException):
        return ""
    if isinstance(given, list):
        return "".join(one.content.decode() if isinstance(one, FolderEntry) else str(one) for one in given)
    return given.decode() if isinstance(given, bytes) else str(given)


READS: Mapping[str, tuple[str, Callable[[RootFolder], object]]] = {
    "a file whose folder is swapped": ("pipelines", lambda source: source.read("pipelines/a.yaml")),
    "a file whose folder's folder is swapped": ("pipelines", lambda source: source.read("pipelines/inner/a.yaml")),
    "a file that is swapped": ("pipelines/a.yaml", lambda source: source.read("pipelines/a.yaml")),
    "a code folder that is swapped": ("code", lambda source: source.folder("code")),
    "a file of a code folder that is swapped": ("code/app.py", lambda source: source.folder("code")),
}


@pytest.mark.parametrize("after", [0, 1, 3])
@pytest.mark.parametrize("to", ["outside", "hidden"])
@pytest.mark.parametrize("what", READS)
def test_nothing_outside_is_read_whenever_a_path_is_swapped(tmp_path: Path, what: str, to: str, after: int) -> None:
    """Also when what was swapped is put back soon after."""
    path, read = READS[what]
    up = "../" * path.count("/")
    is_file = "." in path
    target = {"outside": f"{up}../outside", "hidden": f"{up}.hidden"}[to] + ("/app.py" if is_file else "")
    seen = set()
    for here, given in every_moment(
        ground,
        lambda here: read(RootFolder(here / "project")),
        lambda here: put_link(here / "project" / path, target),
        tmp_path,
        back=(lambda here: take_link(here / "project" / path)) if after else None,
        after=after,
    ):
        assert SECRET not in texts(given), here
        assert "HIDDEN" not in texts(given) or not what.endswith("code folder that is swapped"), here
        assert not isinstance(given, Exception) or isinstance(given, BunsuiError), repr(given)
        seen.add(type(given))
    assert len(seen) >= 2  # it was read before the swap, and refused after one


def project_folder(here: Path) -> ProjectFolder:
    return ProjectFolder(
        root=here / "project",
        user=user_folders({"HOME": str(here / "home")}, outside=here / "project", temporary=here),
        is_tracked=lambda: False,
        notice=lambda message: None,
        release=lambda data: False,
    )


def with_strangers(here: Path) -> None:
    ground(here)
    (here / "project/.bunsui/local").mkdir(parents=True)
    (here / "project/.bunsui/nonce").write_text("0" * 64)


def with_ours(here: Path) -> None:
    ground(here)
    project_folder(here).open()


def with_a_half_project(here: Path) -> None:
    """Files of a template in the way, so that everything is taken back."""
    ground(here)
    (here / "project/functions").mkdir()
    (here / "project/functions/etl").write_text("no folder")


def options(here: Path) -> Globals:
    return Globals(
        directory=here / "project",
        project=None,
        environment=None,
        profile=None,
        region=None,
        assume_yes=False,
        verbose=0,
        utc=False,
        output=Output(),
    )


def formatted(here: Path) -> None:
    """As `fmt` does, from another folder."""
    read = chosen_files(options(here), [here / "project/pipelines/a.yaml"])
    for name, content in read.contents.items():
        assert SECRET not in content.decode()
        read.write(name, b"new")


WRITES: Mapping[str, tuple[Callable[[Path], None], str, Callable[[Path], object]]] = {
    "a report's folder": (ground, "reports", lambda here: write_named_file(Path("reports/report.xml"), "new", what="it")),
    "a report": (ground, "reports/report.xml", lambda here: write_named_file(Path("reports/report.xml"), "new", what="it")),
    "the folder of a file that is formatted": (ground, "pipelines", formatted),
    "a file that is formatted": (ground, "pipelines/a.yaml", formatted),
    "the folder of the schemas": (ground, "schemas", lambda here: write_schemas(options(here), {SchemaName.PIPELINE: "new"})),
    "the folder of a template": (ground, "pipelines", lambda here: init_project(here / "project", template="etl")),
    "a project that is begun": (ground, "code", lambda here: init_project(here / "project/code", template="raw")),
    "a project that cannot be": (with_a_half_project, "pipelines", lambda here: init_project(here / "project", template="etl")),
    "bunsui's own folder, of strangers": (with_strangers, ".bunsui", lambda here: project_folder(here).open()),
    "bunsui's own folder": (with_ours, ".bunsui", lambda here: project_folder(here).open().keep_last_session(b"new")),
}


SPARSE = {"the folder of a template": 13, "a project that is begun": 13, "a project that cannot be": 17}
"""These ask much of the system: each so many moments are tried, of the others each third, all of them by `make faults`."""


@pytest.mark.parametrize("what", WRITES)
def test_nothing_outside_is_written_or_removed_whenever_a_path_is_swapped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    laid, path, write = WRITES[what]
    target = "../" * path.count("/") + "../outside" + (f"/{Path(path).name}" if path.endswith((".xml", ".yaml")) else "")

    def act(here: Path) -> object:
        monkeypatch.chdir(here / ("project" if write is not formatted else "outside"))
        return write(here)

    def swap(here: Path) -> None:
        with contextlib.suppress(FileNotFoundError):
            put_link(here / "project" / path, target)

    ground(tmp_path / "untouched")
    before, results = outside(tmp_path / "untouched"), set()
    for here, given in every_moment(laid, act, swap, tmp_path / "swapped", every=amount(SPARSE.get(what, 3), 1, 1)):
        assert outside(here) == before, f"{here}: {given!r}"
        assert not isinstance(given, Exception) or isinstance(given, (BunsuiError, OSError)), repr(given)
        results.add(type(given))
    assert results
