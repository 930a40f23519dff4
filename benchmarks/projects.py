"""Projects of N pipelines for benchmarks, as files."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

Variant = Literal["plain", "scheduled", "full", "central"]
"""`plain`: state machine with version and alias, role, log group. `scheduled`: also a schedule, with its group and role.
`full`: also a function, with its role and log group. `central`: `full` with roles for functions and schedules that somebody
else made, so that each pipeline has one role."""

ENVIRONMENT = "bench"
REGION = "us-east-1"

_PROJECT = f"""\
version: 1
project: bench
id: 0b9e1f58-3c0d-4a5e-8f2b-6a4c55d0a001
timezone: UTC
environments:
  {ENVIRONMENT}:
    account: "%s"
    region: {REGION}
"""

_CENTRAL = """\
    roles:
      function: arn:aws:iam::%s:role/central/functions
      scheduler: arn:aws:iam::%s:role/central/scheduler
"""

_PLAIN = """\
version: 1
name: {name}
timeout: 2h
tags: {{team: data, cost: "{number}"}}
parameters:
  day: {{type: string, default: today}}
jobs:
  extract:
    operations:
      - {{type: wait, for: 10s}}
    outputs: {{rows: "{{% [1..{rows}] %}}"}}
  clean:
    depends_on: [extract]
    operations:
      - {{type: wait, for: 5s}}
    outputs: {{rows: "{{% $jobs.extract.rows[$ > 1] %}}"}}
  enrich:
    depends_on: [extract]
    operations:
      - {{type: wait, for: 5s}}
    outputs: {{total: "{{% $sum($jobs.extract.rows) %}}"}}
  check:
    depends_on: [clean, enrich]
    operations:
      - {{type: check, that: "{{% $jobs.enrich.total > 0 %}}", message: nothing came}}
  publish:
    depends_on: [check]
    operations:
      - {{type: wait, for: 1s}}
    outputs: {{rows: "{{% $count($jobs.clean.rows) %}}"}}
"""

_FUNCTION = """\
  report:
    depends_on: [publish]
    operations:
      - type: lambda
        code: {{path: code, handler: report.handler, environment: {{LEVEL: info}}}}
        payload: {{rows: "{{% $jobs.publish.rows %}}"}}
        timeout: 1m
"""

_SCHEDULE = """\
schedules:
  - {{id: daily, cron: "{minute} 3 * * ? *"}}
"""

_CODE = """\
def handler(event, context):
    return {"rows": event["rows"]}
"""


def write_project(folder: Path, *, pipelines: int, variant: Variant, account: str) -> None:
    """Write a project of so many pipelines, which all look alike, for an environment of that account."""
    (folder / "pipelines").mkdir(parents=True)
    roles = _CENTRAL % (account, account) if variant == "central" else ""
    (folder / "bunsui.yaml").write_text(_PROJECT % account + roles, encoding="utf-8")
    (folder / "code").mkdir()
    (folder / "code" / "report.py").write_text(_CODE, encoding="utf-8")
    for number in range(pipelines):
        name = pipeline_name(number)
        text = _PLAIN + (_FUNCTION if variant in {"full", "central"} else "") + (_SCHEDULE if variant != "plain" else "")
        filled = text.format(name=name, number=number, rows=number % 7 + 2, minute=number % 60)
        (folder / "pipelines" / f"{name}.yaml").write_text(filled, encoding="utf-8")


def pipeline_name(number: int) -> str:
    """Return the name of the pipeline of that number."""
    return f"p{number:04d}"
