"""Writes what stands in this folder, with the bunsui that is checked out at the commit that README.md names.

Usage: python write.py OUT. Everything is made by that bunsui itself: by its commands on its embedded AWS, and, for what no
command leaves behind at will (an apply that died), by its own stores.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
from bunsui.local.memory.hints import MemoryTrail
from bunsui.services.refresh import Refresh
from bunsui.view.plan_json import plan_file

from bunsui.aws.connect import Connection, Credentials, connect
from bunsui.aws.dynamodb import DynamoDBClient
from bunsui.aws.stores.applies import DynamoDBApplyLog
from bunsui.aws.stores.journal import DynamoDBJournal
from bunsui.aws.stores.lock import DynamoDBLockStore
from bunsui.aws.stores.sessions import DynamoDBSessionRepository
from bunsui.aws.stores.state import DynamoDBStateStore
from bunsui.aws.stores.verification import DynamoDBVerificationStore
from bunsui.model.resource import Scope
from bunsui.model.session import Attempt, Session, SessionStatus
from bunsui.ports.hints import Hints, Verification
from bunsui.ports.ledger import Actor, ApplyRecord, Fence, JournalEntry, Ledger, LockRecord
from bunsui.services.plan import plan_project
from tests.fakes.workspace import Workspace

PROJECT = "shop"
PROJECT_ID = "5f0c6f0a-0000-4000-8000-1a2b3c4d5e6f"
OF_ONE_RUN = {"log.txt", "port", "ready.json", "secret", "running.lock", "start.lock", ".gitignore"}
"""Files of the data folder that say how one process runs, or that are a secret."""
SLOW = """\
version: 1
name: slow
description: Waits for longer than anybody looks
timeout: 300d
jobs:
  first: {operations: [{type: wait, for: 1s}]}
  wait: {depends_on: [first], operations: [{type: wait, for: 299d}]}
"""
ENDED = (
    ("apply", "complete"),
    ("state mv", "complete"),
    ("apply", "failed"),
    ("destroy", "incomplete"),
    ("apply", "interrupted"),
)
MORE_OF_ETL = """
lifecycle: {prevent_destroy: true, ignore: [tags.cost-center, function.memory_mb], keep_versions: 12}
protect: true
schedules:
  - {id: nightly, cron: "0 3 * * ? *", slot: {offset: -1d}, enabled: false}
"""


def main(out: Path) -> None:
    """Write everything into the folder, which is made anew."""
    shutil.rmtree(out, ignore_errors=True)
    (out / "plans").mkdir(parents=True)
    shop = Shop(out)
    try:
        shop.make()
        shop.work()
        shop.leave_half_done()
        shop.dump_table()
        shop.keep_folder()
        shop.change_and_plan()
    finally:
        shop.bunsui("local", "stop")


class Shop:
    """A project, in a folder beside the output."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.place = Path(out.parent, f"{out.name}-work")
        shutil.rmtree(self.place, ignore_errors=True)
        self.folder = self.place / PROJECT
        self.folder.mkdir(parents=True)
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("AWS_", "BUNSUI_", "CI", "GITHUB_"))}
        self.environment = {**kept, "XDG_STATE_HOME": str(self.place / "state"), "XDG_CACHE_HOME": str(self.place / "cache")}

    def bunsui(self, *arguments: str, code: int = 0) -> str:
        """Run a command of the checked-out bunsui in the project; it must end with that code."""
        command = [sys.executable, "-m", "bunsui", *arguments]
        done = subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
        return done.stdout

    def git(self, *arguments: str) -> None:
        names = ["-c", "user.name=Mika", "-c", "user.email=mika@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *names, *arguments], cwd=self.folder, check=True, capture_output=True)

    def edit(self, path: str, before: str, after: str) -> None:
        text = (self.folder / path).read_text()
        assert before in text, path
        (self.folder / path).write_text(text.replace(before, after))

    def make(self) -> None:
        """Make the project and apply it, by a saved plan."""
        for template in ("etl", "fanout", "export", "raw"):
            self.bunsui("init", "--template", template, ".")
        project = self.folder / "bunsui.yaml"
        lines = project.read_text().splitlines()
        project.write_text("\n".join(f"id: {PROJECT_ID}" if line.startswith("id: ") else line for line in lines) + "\n")
        etl, old = self.folder / "pipelines/etl.yaml", self.folder / "pipelines/old.yaml"
        etl.write_text(etl.read_text() + MORE_OF_ETL)
        (self.folder / "pipelines/slow.yaml").write_text(SLOW)
        old.write_text(etl.read_text().split("\nlifecycle:")[0].replace("name: etl", "name: old", 1) + "\n")
        self.git("init", "-q", "-b", "main")
        self.git("add", ".")
        self.git("commit", "-qm", "shop: as it began")
        self.plan("all-new")
        self.bunsui("apply", "--yes", str(self.out / "plans/all-new.json"))

    def work(self) -> None:
        """Run sessions that end in all ways, and retire a pipeline."""
        self.bunsui("run", "etl")
        self.bunsui("run", "etl", "--slot", "2026-01-31", "-p", "minimum=1000000", code=1)
        self.bunsui("resume", "--yes", self.newest("etl"), code=1)
        self.bunsui("run", "old", "-p", "minimum=1000000", code=1)
        self.bunsui("run", "fanout", "-p", "parts=3")
        self.bunsui("run", "export", "-p", "rows=12")
        self.bunsui("run", "slow", "--no-wait")
        self.bunsui("stop", "--yes", self.newest("slow"))
        self.bunsui("run", "slow", "--no-wait")
        (self.folder / "pipelines/old.yaml").unlink()
        self.edit("pipelines/fanout.yaml", "timeout: 15m", "timeout: 16m")
        self.git("commit", "-qam", "shop: old is no longer wanted")
        self.bunsui("apply", "--yes")
        self.plan("nothing")
        time.sleep(3)

    def newest(self, pipeline: str) -> str:
        sessions = json.loads(self.bunsui("--json", "sessions", "--pipeline", pipeline))["sessions"]
        return str(sessions[0]["id"])

    def leave_half_done(self) -> None:
        """Store, for another environment, what an apply leaves that died, sessions of every status, and what hinted plans found
        out."""
        with self.connected() as connection:
            self._leave_half_done(DynamoDBClient(connection), self.scope)

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        found = self.variables
        keys = Credentials(access_key=found["AWS_ACCESS_KEY_ID"], secret_key=found["AWS_SECRET_ACCESS_KEY"])
        connection = connect(region=found["AWS_REGION"], endpoint_url=found["AWS_ENDPOINT_URL"], credentials=keys)
        try:
            yield connection
        finally:
            connection.close()

    def _leave_half_done(self, client: DynamoDBClient, scope: Scope) -> None:
        applied = DynamoDBStateStore(client, scope).applied()
        at = datetime.now(UTC)
        verified = {address: at - timedelta(hours=1) for address in list(applied)[:4]}
        doubted = dict.fromkeys(list(applied)[4:6], at)
        DynamoDBVerificationStore(client, scope).store(Verification(looked_at=at, verified=verified, doubted=doubted))
        died = replace(scope, environment="died")
        actor = Actor(who="arn:aws:iam::111111111111:user/mika", host="laptop", link="https://ci.example/7")
        locks, journal, log = DynamoDBLockStore(client, died), DynamoDBJournal(client, died), DynamoDBApplyLog(client, died)
        lock = LockRecord(
            id="holder", fence=3, version="v1", held=True, lease_seconds=30, operation="apply", actor=actor, since=at
        )
        locks.swap(lock, over=None)
        fence = Fence(id="holder", number=3)
        for number, (operation, outcome) in enumerate(ENDED):
            record = ApplyRecord(id=f"01A{number}", operation=operation, actor=actor, begun_at=at, fence=3, digest="d" * 64)
            opened = log.open(record, fence)
            log.close(replace(opened, outcome=outcome, ended_at=at, facts={"counts": {"create": 1}}), fence)
        log.open(ApplyRecord(id="01A9", operation="apply", actor=actor, begun_at=at, plan_id="plan-9", fence=3), fence)
        store = DynamoDBStateStore(client, died)
        actions = ("create", "update", "replace", "delete", "retire", "adopt", "forget")
        for action, resource in zip(actions, applied.values(), strict=False):
            store.put(resource)
            entry = JournalEntry(
                address=resource.address,
                physical_name=resource.physical_name,
                action=action,
                steps=("first", "second"),
                done=1,
                apply_id="01A9",
                plan_id="plan-9",
                intended=None if action in ("delete", "forget") else resource,
            )
            journal.begin(entry, fence)
        sessions = DynamoDBSessionRepository(client, died)
        for number, status in enumerate(SessionStatus):
            attempts = tuple(
                Attempt(
                    number=count,
                    execution_arn=f"arn:aws:states:eu-west-1:111111111111:execution:etl:{number}-{count}",
                    kind=kind,
                    status=status,
                    started_at=at,
                    stopped_at=at if status.is_final else None,
                    error="States.Timeout" if status is SessionStatus.TIMED_OUT else "",
                    cause="it took too long" if status is SessionStatus.TIMED_OUT else "",
                )
                for count, kind in ((1, "run"), (2, "resume"))
            )
            sessions.add(
                Session(
                    id=f"01SESSION{number}",
                    pipeline="etl",
                    status=status,
                    slot=at,
                    date="2026-01-31",
                    params={"minimum": 5},
                    started_by="schedule nightly",
                    created_at=at,
                    attempts=attempts,
                    commit="c" * 40,
                    output={"total": 5},
                    failed_job="extract",
                )
            )

    @property
    def variables(self) -> dict[str, str]:
        lines = self.bunsui("local", "env").splitlines()
        pairs = (line.removeprefix("export ").split("=", 1) for line in lines)
        return {name: text.strip("'") for name, text in pairs}

    @property
    def scope(self) -> Scope:
        account = self.client("sts").get_caller_identity()["Account"]
        region = self.variables["AWS_REGION"]
        return Scope(project=PROJECT, environment="local", account=account, region=region, project_id=PROJECT_ID)

    def client(self, service: str) -> Any:
        found = self.variables
        return boto3.client(
            service,
            endpoint_url=found["AWS_ENDPOINT_URL"],
            region_name=found["AWS_REGION"],
            aws_access_key_id=found["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=found["AWS_SECRET_ACCESS_KEY"],
        )

    def dump_table(self) -> None:
        """Write the items of the table, raw."""
        pages = self.client("dynamodb").get_paginator("scan").paginate(TableName="bunsui-state")
        items = sorted((item for page in pages for item in page["Items"]), key=lambda item: (item["pk"]["S"], item["sk"]["S"]))
        for item in items:
            for value in item.values():
                if "B" in value:
                    value["B"] = base64.b64encode(value["B"]).decode()
        scope = self.scope
        document = {"account": scope.account, "region": scope.region, "items": items}
        (self.out / "table.json").write_text(json.dumps(document, indent=1) + "\n")

    def keep_folder(self) -> None:
        """Copy the project, and its `.bunsui` once everything is saved; without what belongs to one run, or is secret."""
        self.bunsui("sessions")
        self.bunsui("local", "stop")
        self.copy_project("project")
        target = self.out / "bunsui-folder"
        shutil.copytree(self.folder / ".bunsui", target, ignore=lambda _folder, names: OF_ONE_RUN & set(names))
        (target / "nonce").write_text("0" * 64)
        [record] = (self.place / "state/bunsui/folders").glob("*.json")
        (self.out / "user-record.json").write_text(record.read_text().replace(str(self.folder), "PROJECT"))

    def copy_project(self, name: str) -> None:
        left_out = shutil.ignore_patterns(".git", ".bunsui", ".gitignore", "__pycache__")
        shutil.copytree(self.folder, self.out / name, ignore=left_out)

    def plan(self, name: str, *options: str) -> None:
        self.bunsui("plan", *options, "--out", str(self.out / f"plans/{name}.json"))

    def change_and_plan(self) -> None:
        """Change the files, and save a plan of every kind."""
        self.git("switch", "-qc", "feature")
        self.edit("pipelines/etl.yaml", "timeout: 15m", "timeout: 20m")
        self.edit("functions/export/export.py", "def order", "# changed\ndef order")
        (self.folder / "pipelines/raw.yaml").unlink()
        hello = SLOW.replace("name: slow", "name: hello").replace("299d", "2s")
        (self.folder / "pipelines/hello.yaml").write_text(hello)
        self.git("add", ".")
        self.git("commit", "-qm", "shop: changed")
        self.copy_project("project-changed")
        self.plan("changes")
        self.plan("selected", "--select", "etl")
        self.plan("base", "--base", "main")
        self.plan("at-once", "--now")
        self.plan_hinted()
        functions = self.client("lambda")
        names = [found["FunctionName"] for found in functions.list_functions()["Functions"]]
        [name] = [name for name in names if "expect" in name]
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": {"TOKEN": "typed-in-the-console"}})
        self.plan("sensitive")

    def plan_hinted(self) -> None:
        """Save a hinted plan, for which the account stands in memory: the embedded AWS keeps no record of calls."""
        with self.connected() as connection:
            client, scope = DynamoDBClient(connection), self.scope
            state = DynamoDBStateStore(client, scope)
            workspace = Workspace(self.folder)
            for address, resource in state.applied().items():
                workspace.account.objects[address.kind, resource.physical_name] = resource.as_actual(scope)
            hints = Hints(
                trail=MemoryTrail(clock=workspace.clock),
                memory=DynamoDBVerificationStore(client, scope),
                surveyors=workspace.account.memory.surveyors(),
            )
            ledger = Ledger(
                locks=DynamoDBLockStore(client, scope),
                journal=DynamoDBJournal(client, scope),
                log=DynamoDBApplyLog(client, scope),
            )
            workspace.clock.sleep((datetime.now(UTC) - workspace.clock.now()).total_seconds())
            edges = replace(workspace.edges, state=state, ledger=ledger, hints=hints)
            outcome = plan_project(workspace.repository, edges, refresh=Refresh.HINTED)
            assert outcome.plan is not None, outcome.diagnostics
            text = json.dumps(plan_file(outcome.plan, "hinted-1"), indent=2)
            (self.out / "plans/hinted.json").write_text(text + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
