"""Where the code of a job stands: by the frame of the project's own, by its handler, by its file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bunsui.errors import Refused
from bunsui.services.code_place import code_place
from bunsui.services.session_context import SessionContext, open_context
from bunsui.tui.editor import editor_command
from tests.tui.stage import Stage

PIPELINE = """\
version: 1
name: ledger
jobs:
  load:
    type: lambda
    code: {path: code, handler: pkg/flow.load, runtime: python3.12}
  rest:
    depends_on: load
    type: wait
    for: 1s
"""
CODE = "import json\n\n\nasync def load_all():\n    pass\n\n\ndef load(event, context):\n    return 1 / 0\n"
FRAMES = (
    '  File "/var/task/pkg/flow.py", line 9, in load',
    "    return 1 / 0",
    '  File "/var/lang/lib/python3.12/json/__init__.py", line 2, in loads',
    "ZeroDivisionError: division by zero",
)


@pytest.fixture
def context(tmp_path: Path) -> SessionContext:
    stage = Stage(tmp_path)
    stage.write("ledger", PIPELINE)
    (tmp_path / "code" / "pkg").mkdir(parents=True)
    (tmp_path / "code" / "pkg" / "flow.py").write_text(CODE, encoding="utf-8")
    return open_context(*stage.sessions())


def test_the_innermost_frame_of_the_projects_own_code_is_where_it_failed(context: SessionContext) -> None:
    place = code_place(context, "ledger", "load", traceback=FRAMES)
    assert (place.path.name, place.line) == ("flow.py", 9)


def test_without_a_traceback_it_is_where_the_handler_begins(context: SessionContext) -> None:
    assert code_place(context, "ledger", "load").line == 8


def test_a_job_without_code_is_shown_in_the_pipelines_file(context: SessionContext) -> None:
    place = code_place(context, "ledger", "rest")
    assert (place.path.name, place.line) == ("ledger.yaml", 7)


def test_a_frame_that_leads_out_of_the_project_is_none_of_it(context: SessionContext, tmp_path: Path) -> None:
    (tmp_path.parent / "secret.py").write_text("x", encoding="utf-8")
    frames = ('  File "/var/task/../../secret.py", line 1, in x',)
    assert code_place(context, "ledger", "load", traceback=frames).path.name == "flow.py"


def test_without_files_it_says_so(context: SessionContext) -> None:
    for without, pipeline in ((replace(context, has_files=False), "ledger"), (context, "gone")):
        with pytest.raises(Refused, match="no-files"):
            code_place(without, pipeline, "load")


def test_each_editor_is_told_the_line_in_its_own_way() -> None:
    path = Path("/p/flow.py")
    assert editor_command({}, path, 3) == ["vi", "+3", "/p/flow.py"]
    assert editor_command({"EDITOR": "nano", "VISUAL": "code --wait"}, path, 3) == ["code", "--wait", "-g", "/p/flow.py:3"]
    assert editor_command({"EDITOR": "/usr/bin/hx"}, path, 3) == ["/usr/bin/hx", "/p/flow.py:3"]
    assert editor_command({"EDITOR": "'"}, path, 3)[0] == "vi"
