"""What is imported before the first frame is proved in a fresh process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PROBE = """
import asyncio, sys
from bunsui.tui.app import BunsuiApp
from bunsui.tui.bridge import Bridge
from bunsui.tui.feed.feed import Feed

seen = []
begin = Feed.start

def first(feed):
    # The work behind the first frame begins here, in threads that import as they like.
    seen.insert(0, sorted({name.partition(".")[0] for name in sys.modules}))
    begin(feed)

Feed.start = first

def frame(*_):
    seen.append(sorted({name.partition(".")[0] for name in sys.modules}))
    raise RuntimeError("the ports are opened after the first frame")

async def main():
    app = BunsuiApp(Bridge(open_project=frame, open_reconcile=frame, open_sessions=frame))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause(0.5)
        print("reading" if "reading" in app.screen.told.text or "went wrong" in app.screen.told.text else "nothing")
asyncio.run(main())
print("MODULES", *seen[0])
"""


@pytest.mark.timeout(60)
def test_the_first_frame_needs_no_aws_no_yaml_and_no_pydantic() -> None:
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, cwd=ROOT, check=True)
    first, _, modules = done.stdout.partition("MODULES ")
    assert first.strip() == "reading"
    imported = set(modules.split())
    assert "textual" in imported
    assert not imported & {"boto3", "botocore", "yaml", "pydantic", "jsonschema", "deepdiff", "jsonata", "ministack", "typer"}
