"""The account that is asked: who it is, its clients, and bunsui's command line in it."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

ACCOUNT_VARIABLE = "BUNSUI_AWS_ACCOUNT"
"""Twelve digits: nothing is asked of any account that is not named here."""
PREFIX = "bunsui-day-"
"""Begins the name of everything that is made; what begins so is swept away at the end."""
ROOT = Path(__file__).parents[2]
LONGEST_COMMAND_SECONDS = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """How a command of bunsui ended."""

    arguments: tuple[str, ...]
    code: int
    seconds: float
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account of which questions are asked."""

    number: str
    region: str
    run: str
    """This run's own name, which begins all its names."""
    is_aws: bool
    """False in the rehearsal on the embedded AWS."""
    client: Callable[[str], Any]
    """Service -> a client of boto3."""
    line: tuple[str, ...] = field(default=(sys.executable, "-m", "bunsui"))
    """What runs bunsui; its arguments follow."""

    def bunsui(self, folder: Path, *arguments: str, keys: Mapping[str, str] | None = None) -> Command:
        """Run bunsui in a project's folder, with other credentials where `keys` (variables of the environment) are given."""
        kept = dict(os.environ) if self.is_aws else without_aws(os.environ)
        environment = {name: value for name, value in kept.items() if not name.startswith("BUNSUI_")}
        if keys is not None:
            environment = {**without_aws(environment), **keys, "AWS_REGION": self.region}
        begun = time.monotonic()
        done = subprocess.run(
            [*self.line, "-C", str(folder), *arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONGEST_COMMAND_SECONDS,
            check=False,
        )
        return Command(
            arguments=arguments,
            code=done.returncode,
            seconds=round(time.monotonic() - begun, 1),
            stdout=done.stdout,
            stderr=done.stderr,
        )


def without_aws(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without what names an account, a region or credentials."""
    return {name: value for name, value in environment.items() if not name.startswith("AWS_")}


def new_run() -> str:
    """Return the name of a run."""
    return f"{PREFIX}{secrets.token_hex(3)}"


def open_account(environment: Mapping[str, str]) -> Account:
    """Return the account that the environment names, if its credentials are of that account; ends the process otherwise."""
    wanted = environment.get(ACCOUNT_VARIABLE, "")
    if not re.fullmatch(r"\d{12}", wanted):
        raise SystemExit(f"Nothing was asked: {ACCOUNT_VARIABLE} names no account (twelve digits).")
    session = boto3.Session()
    if session.region_name is None:
        raise SystemExit("Nothing was asked: name a region, for example with AWS_REGION.")
    found = session.client("sts").get_caller_identity()["Account"]
    if found != wanted:
        raise SystemExit(f"Nothing was asked: these credentials are of account {found}, and {ACCOUNT_VARIABLE} names {wanted}.")
    return Account(number=wanted, region=session.region_name, run=new_run(), is_aws=True, client=session.client)
