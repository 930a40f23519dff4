"""Alerts on the embedded AWS, as they are applied: the zip in its Lambda child, by its own role, to a listener on loopback.

The nights go on at schedules of one minute with deadlines of one minute, and no bunsui process is there: what starts, looks and
tells is in the embedded AWS.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.typed import typed

pytestmark = pytest.mark.slow
_SECONDS = 240.0
SETTINGS = """
channels: {{oncall: {{type: sns}}}}
environments:
  local:
    resident: true
    channels: {{pager: {{type: webhook, url: "{url}hook"}}}}
"""
PIPELINE = """
version: 1
name: daily
owner: data-team
schedules: [{{id: nightly, cron: "* * * * ? *"}}]
alerts:
  - {{event: failed, notify: [oncall, pager]}}
  - {{event: late, deadline: 1m, notify: [pager]}}
  - {{event: did_not_run, deadline: 1m, notify: [pager]}}
jobs:
  read:
    type: lambda
    code: {{path: functions, handler: source.read, runtime: python3.12}}
    payload: {{url: "{url}source"}}
"""
SOURCE = """
import urllib.request


def read(event, context):
    try:
        urllib.request.urlopen(event["url"], timeout=5).read()
    except OSError as problem:
        raise RuntimeError("the source is down") from problem
    return {}
"""


@dataclass
class Listener:
    """The source that the pipeline reads, what SNS posts to, and a webhook: on one port of this machine."""

    is_up: bool = True
    topics: list[dict[str, Any]] = field(default_factory=list)
    hooks: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Each with its `Idempotency-Key`."""
    confirm: Callable[[str, str], object] = lambda topic, token: None

    def __post_init__(self) -> None:
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200 if listener.is_up else 503)
                self.end_headers()

            def do_POST(self) -> None:
                said = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
                listener.take(self.path, str(self.headers.get("Idempotency-Key")), said)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, path: str, key: str, said: dict[str, Any]) -> None:
        if path == "/hook":
            self.hooks.append((key, said))
        elif said["Type"] == "SubscriptionConfirmation":
            threading.Thread(target=self.confirm, args=(said["TopicArn"], said["Token"])).start()
        else:
            self.topics.append(said)

    def hooked(self, words: str) -> list[dict[str, Any]]:
        return [said for _, said in self.hooks if words in said["subject"]]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    found = Listener()
    yield found
    found.close()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, listener: Listener) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("telling")
    assert typed(root, "init", "orders", "--template", "etl").returncode == 0
    folder = root / "orders"
    with (folder / "bunsui.yaml").open("a", encoding="utf-8") as file:
        file.write(SETTINGS.format(url=listener.url))
    (folder / "pipelines/etl.yaml").unlink()
    (folder / "pipelines/daily.yaml").write_text(PIPELINE.format(url=listener.url), encoding="utf-8")
    (folder / "functions/source.py").write_text(SOURCE, encoding="utf-8")
    applied = typed(folder, "apply", "--yes")
    if "download-failed" in applied.stderr:
        pytest.skip("no index has the wheels of the resident now")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    yield folder
    typed(folder, "local", "stop")


@pytest.fixture(scope="module")
def client(project: Path, listener: Listener) -> Callable[[str], Any]:
    lines = typed(project, "local", "env").stdout.splitlines()
    named = dict(line.removeprefix("export ").split("=", 1) for line in lines if line.startswith("export "))
    values = {name: value.strip("'\"") for name, value in named.items()}

    def made(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=values["AWS_ENDPOINT_URL"],
            region_name=values["AWS_REGION"],
            aws_access_key_id=values["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=values["AWS_SECRET_ACCESS_KEY"],
        )

    topics = made("sns")
    listener.confirm = lambda topic, token: topics.confirm_subscription(TopicArn=topic, Token=token)
    [topic] = [one["TopicArn"] for one in topics.list_topics()["Topics"]]
    topics.subscribe(TopicArn=topic, Protocol="http", Endpoint=listener.url)
    wait_for(
        lambda: topics.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"][0]["SubscriptionArn"].startswith("arn:")
    )
    return made


def wait_for(found: Callable[[], Any]) -> Any:
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        if value := found():
            return value
        time.sleep(0.5)
    raise AssertionError("it did not come")


def beat(client: Callable[[str], Any]) -> None:
    """Do what the clock of the resident does each five minutes: start its machine with what the schedule says, now."""
    schedules = client("scheduler")
    every = (
        schedules.get_schedule(GroupName=one["GroupName"], Name=one["Name"]) for one in schedules.list_schedules()["Schedules"]
    )
    [target] = [one["Target"] for one in every if "_resident" in one["Target"]["Arn"]]
    client("stepfunctions").start_execution(stateMachineArn=target["Arn"], input=target["Input"])


def beating(client: Callable[[str], Any], found: Callable[[], Any]) -> Any:
    """Let the clock of the resident beat faster until something is there."""
    last = 0.0

    def looked() -> Any:
        nonlocal last
        if time.monotonic() - last > 10:
            last = time.monotonic()
            beat(client)
        return found()

    return wait_for(looked)


@pytest.mark.timeout(900)
def test_three_nights_in_which_no_bunsui_is_there(project: Path, client: Callable[[str], Any], listener: Listener) -> None:
    # The first: the source is down. Each minute a run fails, which is one message, and the run is late.
    listener.is_up = False
    [failed] = wait_for(lambda: listener.hooked("daily failed"))
    assert any("the source is down" in line for line in failed["lines"])
    assert {"name": "Owner", "value": "data-team"} in failed["facts"]
    [_] = wait_for(lambda: [one for one in listener.topics if one["Subject"] == "daily failed in local of orders"])
    [late] = beating(client, lambda: listener.hooked("is late"))
    assert "had not succeeded by" in late["lines"][0]
    # The second: it is up again, and that is told once on each channel.
    listener.is_up = True
    [again] = wait_for(lambda: listener.hooked("succeeds again"))
    assert any(line.startswith("It had failed") for line in again["lines"])
    # The third: what starts the runs may not any more.
    roles = client("iam")
    [role] = [one["RoleName"] for one in roles.list_roles()["Roles"] if one["RoleName"].endswith("--daily--scheduler")]
    kept = {
        name: roles.get_role_policy(RoleName=role, PolicyName=name)
        for name in roles.list_role_policies(RoleName=role)["PolicyNames"]
    }
    for name in kept:
        roles.delete_role_policy(RoleName=role, PolicyName=name)
    [absent] = beating(client, lambda: listener.hooked("did not run"))
    assert "had not begun by" in absent["lines"][0]
    for name, policy in kept.items():
        roles.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(policy["PolicyDocument"]))
    assert len(wait_for(lambda: len(listener.hooked("succeeds again")) > 1 and listener.hooked("succeeds again"))) == 2
    # Whatever happened how often: each message once, with a key of its own.
    keys = [key for key, _ in listener.hooks]
    assert len(keys) == len(set(keys))
    assert all(key == said["key"] for key, said in listener.hooks)
    assert [len(listener.hooked(words)) for words in ("daily failed", "is late", "did not run")] == [1, 1, 1]
    assert [one["Subject"] for one in listener.topics] == [
        f"daily {it} in local of orders" for it in ("failed", "succeeds again")
    ]
    listed = json.loads(typed(project, "--json", "alerts", "list", "--pipeline", "daily", "--since", "1h").stdout)["alerts"]
    assert sorted(one["key"] for one in listed if one["channel"] == "pager") == sorted(keys)
    assert {one["standing"] for one in listed} == {"sent"}
    # The command in it, pasted, tells what it promises.
    [command] = [line for line in failed["lines"] if line.startswith("bunsui ")]
    shown = typed(project, *command.split()[1:])
    assert "the source is down" in shown.stdout
