"""Nothing of a checkout that a stranger wrote runs, no file outside changes, and nothing is deployed that nobody reviewed."""

from __future__ import annotations

import io
import json
import os
import random
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import boto3
import pytest

from bunsui.emulator.access.principals import Keys
from bunsui.emulator.launcher.launcher import LocalEndpoint
from tests.faults.amount import ALL
from tests.faults.checkouts import account_of, fingerprint, ground_with, hostile_checkout
from tests.faults.commands import ABOUT_THE_MACHINE, EVERY, FILES, READS, WRITES
from tests.faults.conftest import Figure
from tests.faults.mortal import core_session, put_in
from tests.faults.traps import EVIL, TRAPS, Ground
from tests.forking import begin
from tests.typed import Done, Typing, live

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(3600)]

LAW = "20 hostile checkouts"
CHECKOUTS = 100
SHARE = 10
"""How many checkouts one test tries."""
CPU_BUDGET_SECONDS = 75.0
"""For one checkout, every command in both modes."""
SAMPLE_COMMANDS = 5
MORE: tuple[tuple[str, ...], ...] = (
    ("plan", "--out", "plan.json"),
    ("apply", "plan.json", "--yes"),
    ("test", "--junit", "report.xml"),
    ("test", "--junit", "reports/thesis.txt"),
    ("plan", "--out", "reports/plan.json"),
    ("schema", "--write"),
    ("graph",),
    ("render",),
    ("permissions", "apply"),
    ("state", "show", "state_machine.etl.machine"),
    ("local",),
    ("local", "start"),
    ("local", "logs"),
    ("local", "adopt"),
    ("--yes", "local", "adopt"),
)
"""More that writes files, or looks at the embedded AWS."""
LINES = tuple(dict.fromkeys((*FILES, ("apply", "--yes"), ("run", "etl"), *READS, *ABOUT_THE_MACHINE, *MORE, *WRITES)))
BUNSUI = Path(sys.executable).with_name("bunsui")


@dataclass(frozen=True, kw_only=True)
class Reach:
    """An account of the embedded AWS that stands for AWS."""

    url: str
    region: str
    keys: Keys
    capabilities: tuple[str, ...]


@dataclass(kw_only=True)
class Trial:
    """One checkout in one mode."""

    ground: Ground
    reach: Reach | None
    """None for the environment `local`, whose embedded AWS the command starts by itself."""
    found: list[str] = field(default_factory=list)
    deployed: int = 0
    """How many functions there are at the end."""

    @property
    def meter(self) -> Path:
        """Where each command notes the CPU seconds that it took."""
        return self.ground.base.with_suffix(".seconds")

    @property
    def environment(self) -> dict[str, str]:
        chosen = {"BUNSUI_ENV": "local"} if self.reach is None else {"BUNSUI_ENV": "prod", "CI": "1"}
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(self.ground.home),
            "TMPDIR": str(self.ground.temporary),
            "BUNSUI_LOCAL_IDLE_MINUTES": "5",
            **chosen,
        }

    def type(self, line: Sequence[str]) -> Done:
        being = partial(metered, self.meter, live if self.reach is None else partial(live_elsewhere, self.reach))
        return Typing(self.ground.project, tuple(line), self.environment, being).ended()

    def start(self, line: Sequence[str]) -> None:
        """Start the command in an interpreter of its own, whose imports the checkout may hide."""
        subprocess.run(
            [BUNSUI, *line],
            cwd=self.ground.project,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=False,
        )

    def look(self, what: str, before: Mapping[str, str]) -> None:
        """Note what must not have happened."""
        marks = sorted(path.name for path in self.ground.ran.iterdir())
        for mark in marks:
            (self.ground.ran / mark).unlink()
        after = fingerprint(self.ground)
        changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
        if marks:
            self.found.append(f"{what} ran {', '.join(marks)}")
        if changed:
            self.found.append(f"{what} changed {', '.join(changed)}")

    def tried(self, lines: Sequence[Sequence[str]], *, afresh: Sequence[Sequence[str]]) -> None:
        """Type the commands one after the other, and look after each."""
        before = fingerprint(self.ground)
        try:
            for line in lines:
                done = self.type(line)
                if "Traceback (most recent call last)" in done.stdout + done.stderr:
                    self.found.append(f"{' '.join(line)} ended in a traceback: {done.stderr[-600:]}")
                self.look(" ".join(line), before)
                before = fingerprint(self.ground)
            for line in afresh:
                self.start(line)
                self.look(f"{' '.join(line)} afresh", before)
                before = fingerprint(self.ground)
            self._check_deployed()
        finally:
            self.type(("local", "stop"))  # `local start` starts one in every environment

    def _check_deployed(self) -> None:
        functions = deployed(self._client("lambda"))
        self.deployed = len(functions)
        for name, files in functions.items():
            wanted = {"app.py": (self.ground.project / "code" / "app.py").read_bytes()}
            extra = sorted(path for path in files if files[path] != wanted.get(path))
            if extra or EVIL.encode() in b"".join(files.values()):
                self.found.append(f"{name} was deployed with {', '.join(extra) or 'what nobody reviewed'}")

    def _client(self, service: str) -> object:
        if self.reach is not None:
            keys = self.reach.keys.environment()
            url, region = self.reach.url, self.reach.region
        else:
            keys = dict(json.loads(self.type(("--json", "local", "env")).stdout)["variables"])
            url, region = keys["AWS_ENDPOINT_URL"], keys["AWS_REGION"]
        return boto3.client(
            service,
            endpoint_url=url,
            region_name=region,
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=keys.get("AWS_SESSION_TOKEN"),
        )


def live_elsewhere(reach: Reach, folder: Path, arguments: tuple[str, ...], environment: dict[str, str], streams: Path) -> None:
    """Be the command in a named environment, whose account is one of the embedded AWS."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    out, err = (os.open(streams / name, flags) for name in ("stdout", "stderr"))
    begin(folder, environment, (os.open(os.devnull, os.O_RDONLY), out, err))
    from bunsui.aws.connect import Connection, drops_without
    from bunsui.cli.main import main
    from bunsui.composition import workspace as bootstrap

    connection = Connection(
        region=reach.region,
        session=lambda: core_session(reach.keys),
        endpoint_url=reach.url,
        drops=drops_without(reach.capabilities),
    )
    put_in(bootstrap, "connect_account", lambda settings, asked: connection)  # the one place where the account is chosen
    sys.argv = ["bunsui", *arguments]
    main()


def metered(meter: Path, being: Callable[..., None], *arguments: object) -> None:
    """Be the command, and note what it took."""
    try:
        being(*arguments)
    finally:
        with meter.open("a") as notes:
            notes.write(f"{sum(os.times()[:4])}\n")


def deployed(client: object) -> dict[str, dict[str, bytes]]:
    """Return the files of every function that there is."""
    found = {}
    for function in client.list_functions()["Functions"]:  # type: ignore[attr-defined]
        name = function["FunctionName"]
        where = client.get_function(FunctionName=name)["Code"]["Location"]  # type: ignore[attr-defined]
        with urllib.request.urlopen(where) as answer, zipfile.ZipFile(io.BytesIO(answer.read())) as archive:
            found[name] = {path: archive.read(path) for path in archive.namelist()}
    return found


def reach_of(embedded: LocalEndpoint, number: int) -> Reach:
    keys = embedded.keys(account_of(number))
    return Reach(url=embedded.url, region=embedded.region, keys=keys, capabilities=embedded.capabilities)


def faults(base: Path, number: int, lines: Sequence[Sequence[str]], embedded: LocalEndpoint) -> list[str]:
    """Try the checkout in both modes; return what must not have happened."""
    found = []
    for mode, chosen in (("local", None), ("prod", reach_of(embedded, number))):
        ground, traps = hostile_checkout(base / f"{number}-{mode}", number)
        trial = Trial(ground=ground, reach=chosen)
        afresh = [("validate",), random.Random(number).choice((("plan",), ("status",), ("plan", "--untrusted")))]
        trial.tried(lines, afresh=afresh)
        found += [f"checkout {number} ({'; '.join(traps)}), {mode}: {fault}" for fault in trial.found]
    return found


@pytest.mark.skipif(not ALL, reason="the whole matrix belongs to `make faults`")
@pytest.mark.parametrize("first", range(0, CHECKOUTS, SHARE))
def test_a_hostile_checkout_harms_nobody(tmp_path: Path, embedded: LocalEndpoint, figure: Figure, first: int) -> None:
    found = [fault for number in range(first, first + SHARE) for fault in faults(tmp_path, number, LINES, embedded)]
    assert not found, "\n".join(found)
    spent = sum(float(second) for meter in tmp_path.glob("*.seconds") for second in meter.read_text().split())
    assert spent < CPU_BUDGET_SECONDS * SHARE
    figure(LAW, f"{first} to {first + SHARE - 1}: {len(LINES)} commands, 2 modes: nothing ran or changed, {spent:.0f} s of CPU")


def test_a_sample_of_hostile_checkouts_harms_nobody(tmp_path: Path, embedded: LocalEndpoint) -> None:
    drawn = random.Random(10)
    lines = [("apply", "--yes"), *drawn.sample([line for line in LINES if line[-1] not in ("watch", "tui")], SAMPLE_COMMANDS)]
    found = faults(tmp_path, drawn.randrange(CHECKOUTS), lines, embedded)
    assert not found, "\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["local", "prod"])
def test_a_checkout_without_traps_is_deployed_and_what_it_would_run_is_seen(
    tmp_path: Path, embedded: LocalEndpoint, mode: str
) -> None:
    """The matrix would find nothing where nothing works, or where nobody looks."""
    number = 900 + len(mode)
    ground = ground_with(tmp_path / mode, number, ["secrets beside the code"], is_committed=True)
    trial = Trial(ground=ground, reach=None if mode == "local" else reach_of(embedded, number))

    trial.tried([("apply", "--yes")], afresh=[("plan",)])
    assert trial.found == []
    assert trial.deployed == 1

    before = fingerprint(ground)
    (ground.outside / "thesis.txt").write_text("less")
    (ground.ran / "program").touch()
    (ground.home / ".bashrc").touch()
    trial.look("somebody", before)
    assert trial.found == ["somebody ran program", "somebody changed home/.bashrc, outside/thesis.txt"]


def test_every_trap_is_in_some_checkout() -> None:
    assert len(TRAPS) <= CHECKOUTS
    assert set(EVERY) <= set(LINES)
