"""Projects with mistakes in them, seeded: sources of every kind of file, damage to their texts, trees and bytes."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.faults.machines import wounded_machine
from tests.faults.phrases import REQUIREMENTS, Lot
from tests.faults.wounds import schema_of, wounded

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent

Files = Mapping[str, bytes]

PROJECT = b"""\
version: 1
project: cases
id: 00000000-cases
pipelines: ["pipeline*.yaml", "pipelines/**/*.yaml"]
variables: {bucket: lake, list: [a, b], memory: 512}
"""
EVERY_SETTING = b"""\
version: 1
project: sales
id: 7f3a0000
timezone: Asia/Tokyo
pipelines: ["pipeline*.yaml", "pipelines/**/*.yml"]
default_environment: dev
variables: {bucket: b, list: [1, 2], memory: 512}
rules:
  BS210: error
  BS271: {level: accept, reason: known, until: "2027-01-31", pipelines: [daily-sales]}
  BS301: {level: accept, reason: not possible}
  BS306: {level: accept, reason: not possible, until: "2026-01-31"}
  BS409: [{level: info, reason: old, pipelines: [raw]}, {level: warning}]
defaults: {retry: {attempts: 3, errors: [throttling]}, timeout: 1h}
local: {ecs: process}
environments:
  local: {variables: {bucket: mine}}
  dev:
    account: "111111111111"
    region: ap-northeast-1
    profile: dev
    role_arn: arn:aws:iam::111111111111:role/deploy
    variables: {bucket: dev}
    schedules: disabled
    protected: true
    freeze: [{from: "12-25", to: "01-05", reason: holidays}, {from: "2027-01-01", to: "2027-01-03"}]
    retire_for: 7d
    retention: 90d
    permissions_boundary: arn:aws:iam::111111111111:policy/bound
"""
RAW = b"version: 1\nname: raw\ndefinition: defs/machine.asl.json\nsubstitutions: {function: x}\n"
SUITE = b"""\
version: 1
pipeline: daily-sales
tests:
  - name: all goes well
    input: {date: "2026-01-31"}
    session: {id: s-1, attempt: 2, date: "2026-01-31"}
    resume: {jobs: {extract: {files: []}}, status: {extract: succeeded}}
    at: "2026-01-31T03:00:00Z"
    mocks:
      extract: {return: {files: [{key: a}]}, after: 30s}
      clean.lambda: [{error: States.TaskFailed, cause: "no", attempt: 1}, {return: {}, item: 0}]
      load: [{never: true}, {answer: {Payload: {rows: 1}}}]
    objects: {"s3://lake/a.csv": "a,b"}
    expect:
      {status: succeeded, path: [extract, clean], jobs: {load: skipped}, output: {}, retries: {clean: 1}, duration: "< 10m"}
"""
FAMILY: Files = {
    "pipelines/parent.yaml": b"""\
version: 1
name: parent
accept: [{code: BS271, reason: known, until: "2027-01-31"}]
lifecycle: {ignore: [description]}
protect: true
moved: {from: old-parent}
jobs:
  first:
    operations: [{id: child, type: pipeline, pipeline: child, params: {day: "{% $session.date %}"}}]
    outputs: {rows: "{% $result.rows %}"}
  second: {depends_on: [first], operations: [{type: pipeline, pipeline: cousin, params: "{% $jobs.first.rows %}"}]}
""",
    "pipelines/child.yaml": b"""\
version: 1
name: child
parameters: {day: {type: string}, size: {type: integer, default: 5, minimum: 1}}
jobs: {only: {operations: [{type: lambda, function: "f:1", payload: {day: "{% $params.day %}"}}]}}
""",
    "pipelines/cousin.yaml": b"""\
version: 1
name: cousin
resource_name: cousin-machine
jobs:
  only:
    operations: [{type: step_function, state_machine: "arn:aws:states:us-east-1:111122223333:stateMachine:x", wait: false}]
  back: {depends_on: [only], operations: [{type: pipeline, pipeline: child, params: {day: x}}]}
""",
    "pipelines/more.yml": b"version: 1\nname: more\ndefinition: deeper/machine.asl.yaml\n",
    "pipelines/deeper/machine.asl.yaml": b"StartAt: A\nStates: {A: {Type: Pass, Result: 1, Next: B}, B: {Type: Succeed}}\n",
}
CODE: Files = {
    "functions/fetch/app.py": b"def handler(event, context): return {}\n",
    "functions/fetch/lib/more.py": b"",
    "functions/fetch/__pycache__/app.pyc": b"\x00",
    "functions/fetch/requirements.txt": b"requests==2.31.0 --hash=sha256:" + b"0" * 64 + b"\n",
    "requirements.txt": b"# packages\nrequests==2.31.0 \\\n    --hash=sha256:" + b"0" * 64 + b"\n",
    "unpinned.txt": b"requests\n",
}
WITH_CODE = b"""\
version: 1
name: coded
jobs:
  extract:
    operations:
      - type: lambda
        code: {path: functions/fetch, handler: app.handler, runtime: python3.12, requirements: requirements.txt, memory: 512}
        payload: {bucket: "${var.bucket}", region: "${environment.region}", key: "${ssm:/a/b}"}
"""

_HEAD = b"version: 1\nname: bomb\n"
BOMBS: Mapping[str, bytes] = {
    "depth": b"a: " + b"[" * 60_000,
    "braces": b"{a: " * 20_000,
    "a wall and a mistake": b"a: " + b"[" * 900 + b'"\n',
    "dashes": b"- " * 30_000,
    "aliases": b"a: &a [x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\nd: [*c, *c, *c]\n",
    "size": b"a: " + b"x" * 2_000_000,
    "lines": b"- a\n" * 120_000,
    "surrogates": b'a: "\\ud800\\udfff"\n',
    "pairs and a mistake": b'a: ["' + b"\\ud83d\\ude00" * 40_000 + b'"\n',
    "nul": b"a: \x00\n",
    "mark": "\ufeffversion: 1\n".encode(),
    "utf-16": "version: 1\n".encode("utf-16"),
    "not utf-8": b"\xff\xfe\x00\x01",
    "latin-1": "name: été\n".encode("latin-1"),
    "half a character": "a: 日".encode()[:-1],
    "keys": b"".join(b"k%d: 1\n" % number for number in range(30_000)),
    "one long line": b"a: " + b"b: " * 100_000,
    "anchors": b"".join(b"- &a%d x\n" % number for number in range(50_000)),
    "numbers": b"a: " + b"9" * 200_000,
    "escape": b'a: "' + b"\\x1b" * 100_000 + b'"\n',
    "tabs": b"a:\t1\n" * 1_000,
    "many refusals": b"".join(b"%d: !x &a 1\n" % number for number in range(500)),
    "opened and never closed": _HEAD + b"title: '" + b"{% " * 200_000 + b"'\n",
    "a long sum": _HEAD + b"jobs: {a: {when: '{% " + b"1 + " * 100_000 + b"1 %}'}}\n",
    "one long quoted line": b"version: 1\nx: " + b" " * 500_000 + b"'\n",
    "needs that nobody meets": _HEAD + b"jobs: {a: {depends_on: [" + b", ".join(b"k%d" % n for n in range(30_000)) + b"]}}\n",
    "unknown variables": _HEAD + b"tags:\n" + b"".join(b"  t%d: '${var.x%d}'\n" % (n, n) for n in range(6_000)),
    "a chain of jobs": _HEAD + b"jobs:\n" + b"".join(b"  j%d: {depends_on: [j%d]}\n" % (n, n - 1) for n in range(4_000)),
    "states that lead nowhere": json.dumps(
        {"StartAt": "S0", "States": {f"S{number}": {"Type": "Pass", "Next": f"Zustand{number}"} for number in range(9_000)}}
    ).encode(),
    "fields that nobody knows": json.dumps(
        {"StartAt": "P", "States": {"P": {"Type": "Succeed", **{f"Nxt{number}": 1 for number in range(20_000)}}}}
    ).encode(),
    "stars": _HEAD + b"project: p\nid: 00000000\npipelines: ['" + b"*a" * 60 + b"', '" + b"**/" * 60 + b"x.yaml']\n",
}


@cache
def sources() -> tuple[Files, ...]:
    """The projects that are damaged: mistakes that have a case of their own, pipelines of every type, examples, machines."""
    found: list[Files] = []
    for folder in sorted([*(TESTS / "cases" / "errors").iterdir(), *(TESTS / "cases" / "asl").iterdir()]):
        files = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
        found.append({"bunsui.yaml": PROJECT, **{name: content for name, content in files.items() if name != "problems.txt"}})
    everything = (TESTS / "unit" / "document" / "everything.yaml").read_bytes()
    found += [{"bunsui.yaml": PROJECT, "pipeline.yaml": everything, **CODE}] * 20
    found += [{"bunsui.yaml": EVERY_SETTING, "pipeline.yaml": everything, **CODE}] * 8
    found += [{"bunsui.yaml": PROJECT, "pipelines/daily.yaml": everything, "pipelines/daily.test.yaml": SUITE, **CODE}] * 4
    found += [{"bunsui.yaml": PROJECT, "pipelines/daily.yaml": everything, "pipelines/more.test.yaml": SUITE, **CODE}] * 3
    found += [{"bunsui.yaml": PROJECT, **FAMILY}] * 8
    found += [{"bunsui.yaml": PROJECT, "pipeline.yaml": WITH_CODE, **CODE}] * 6
    found += [{"bunsui.yaml": PROJECT, "pipeline.yaml": content} for content in _one_of_each_type()] * 3
    ours = [path for path in (ROOT / "pipelines").rglob("*") if path.is_file()]
    examples = {str(path.relative_to(ROOT)): path.read_bytes() for path in ours}
    found.append({"bunsui.yaml": (ROOT / "bunsui.yaml").read_bytes(), **examples})
    machines = [path.read_bytes() for path in sorted((TESTS / "asl_corpus").glob("*.json"))[::3]]
    recorded = sorted((TESTS / "conformance" / "cases").rglob("*.json"))[::8]
    machines += [json.dumps(json.loads(path.read_bytes())["definition"]).encode() for path in recorded]
    found += [{"bunsui.yaml": PROJECT, "pipeline.yaml": RAW, "defs/machine.asl.json": content} for content in machines]
    return tuple(found)


def _one_of_each_type() -> list[bytes]:
    """Return a pipeline for each operation type, with the type's own example."""
    from bunsui.operations.registry import builtin_registry

    names = ("date", "key", "region", "count", "rows")
    found = []
    for operation_type in builtin_registry().values():
        operation = _tree("operation.yaml", operation_type.example.encode())
        jobs = {
            "extract": {"operations": [operation], "outputs": {"x": "{% $result %}"}},
            "load": {"depends_on": ["extract"], "when": "{% $jobs.extract.x %}", "operations": [operation]},
        }
        pipeline = {"version": 1, "name": "typed", "parameters": {name: {"type": "string"} for name in names}, "jobs": jobs}
        found.append(json.dumps(pipeline, ensure_ascii=False).encode())
    return found


def damaged(seed: int) -> Files:
    """Return a project with a mistake or more in one or two of its files, each seed another."""
    lot = random.Random(seed)
    files = dict(lot.choice(sources()))
    texts = sorted(name for name in files if name.endswith((".yaml", ".yml", ".json", ".txt")))
    for victim in lot.sample(texts, k=min(len(texts), 1 if lot.random() < 0.8 else 2)):
        files[victim] = _damaged_file(victim, files[victim], lot, seed)
    return files


def _damaged_file(name: str, content: bytes, lot: Lot, seed: int) -> bytes:
    from tests.unit.document.mutation import mutated

    if lot.random() < 0.004:
        return BOMBS[lot.choice(sorted(BOMBS))]
    if name.endswith(".txt"):
        return "\n".join(lot.choice(REQUIREMENTS) for _ in range(4)).encode(lot.choice(("utf-8", "latin-1")))
    tree = _tree(name, content)
    if tree is None or lot.random() < 0.25:
        return mutated(content.decode(errors="replace"), seed)
    damaged_tree = copy.deepcopy(tree)
    for _ in range(lot.choice((1, 2, 3, 5) if ".asl." in name else (1, 1, 2, 3))):
        damaged_tree = _wounded_tree(name, damaged_tree, lot)
    written = _written(name, damaged_tree, lot)
    return mutated(written.decode(), seed) if lot.random() < 0.03 else written


def _wounded_tree(name: str, tree: Any, lot: Lot) -> Any:
    from tests.unit.asl.validation.test_fuzz import damage

    if ".asl." in name:
        if lot.random() < 0.75:
            return wounded_machine(tree, lot)
        return damage(tree, lot)
    if isinstance(tree, dict) and '"Type"' in json.dumps(tree) and lot.random() < 0.5:
        return wounded_machine(tree, lot)
    if name == "bunsui.yaml":
        return wounded(tree, schema_of("project-v1"), lot)
    if name.endswith(".test.yaml"):
        return wounded(tree, schema_of("tests-v1"), lot)
    return wounded(tree, schema_of("pipeline-v1"), lot)


@cache
def _tree(name: str, content: bytes) -> Any:
    """Return what a file says, None where it cannot be read; to be copied before it is changed."""
    from bunsui.document.yaml.reader import read_document

    document = read_document(name, content).document
    return None if document is None else document.data


def _written(name: str, tree: Any, lot: Lot) -> bytes:
    if name.endswith(".json") or lot.random() < 0.3:
        return json.dumps(tree, ensure_ascii=lot.random() < 0.5, indent=lot.choice((None, 2, "\t"))).encode(
            errors="surrogatepass"
        )
    import yaml

    dumped: bytes = yaml.dump(
        tree, Dumper=_without_aliases(), sort_keys=False, allow_unicode=True, encoding="utf-8", width=lot.choice((80, 10_000))
    )
    return dumped.replace(b"\n", lot.choice((b"\n", b"\n", b"\n", b"\r\n", b"\r")))


@cache
def _without_aliases() -> Any:
    import yaml

    class Plain(yaml.CSafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    return Plain
