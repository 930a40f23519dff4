"""What `bunsui fmt` writes: one style, nothing lost."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bunsui.compile.pipeline import compile_pipeline
from bunsui.document.formatting.file_format import FormatStatus, FormattedFile, format_file
from bunsui.document.load import load_pipelines
from bunsui.document.project import EnvironmentDocument, ProjectDocument
from bunsui.document.schema.check import job_form
from bunsui.document.short_forms import long_form
from bunsui.document.yaml.layout import comments_of
from bunsui.document.yaml.reader import read_document
from bunsui.model.resource import Scope
from bunsui.operations.registry import builtin_registry
from bunsui.project.files import RootFolder
from tests.faults.amount import amount

REGISTRY = builtin_registry()
ROOT = Path(__file__).parents[3]
OWN = sorted(
    [
        *(ROOT / "pipelines").glob("*.yaml"),
        ROOT / "bunsui.yaml",
        *(ROOT / "bunsui/services/templates").rglob("pipelines/*.template"),
    ]
)
SCOPE = Scope(project="p", environment="local", account="000000000000", region="us-east-1")


def formatted(text: str | bytes, file: str = "pipelines/a.yaml") -> FormattedFile:
    return format_file(file, text.encode() if isinstance(text, str) else text, REGISTRY)


def text_of(text: str, file: str = "pipelines/a.yaml") -> str:
    """Return the text in the style; the style of that is itself."""
    once = formatted(text, file)
    assert once.status in (FormatStatus.FORMATTED, FormatStatus.UNCHANGED), once
    assert formatted(once.after, file).status is FormatStatus.UNCHANGED
    return once.after.decode()


def meaning(text: str) -> str:
    document = read_document("pipelines/a.yaml", text.encode()).document
    assert document is not None, text
    return json.dumps(long_form(document, job_form(REGISTRY)).data, sort_keys=True)


class Writer:
    """Writes data as YAML in every style that there is, with comments everywhere."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._comments = 0

    def document(self, data: dict[str, Any]) -> str:
        lines = [*self._above(0), *self._mapping(data, 0), *self._above(0)]
        return "\n".join(lines) + self._chance.choice(["\n", "\n", "", "\n\n"])

    def _yes(self, chance: float) -> bool:
        return self._chance.random() < chance

    def _comment(self) -> str:
        self._comments += 1
        return f'# {self._comments}: it\'s "so" {{%'

    def _note(self) -> str:
        return " " * self._chance.randint(1, 3) + self._comment() if self._yes(0.15) else ""

    def _above(self, indent: int) -> list[str]:
        lines: list[str] = []
        while self._yes(0.2):
            lines.append(
                "" if self._yes(0.5) else " " * max(0, indent + self._chance.choice([0, 0, 0, -1, 2])) + self._comment()
            )
        return lines

    def _mapping(self, data: dict[str, Any], indent: int) -> list[str]:
        lines: list[str] = []
        keys = list(data)
        self._chance.shuffle(keys)
        for key in keys:
            name = json.dumps(key) if self._yes(0.1) else key
            lines += [*self._above(indent), *self._behind(f"{' ' * indent}{name}:", data[key], indent)]
        return lines

    def _behind(self, start: str, value: Any, indent: int, *, is_item: bool = False) -> list[str]:
        step = self._chance.randint(1, 4)
        if isinstance(value, dict | list) and value and self._yes(0.7):
            if isinstance(value, list):
                inner = indent if self._yes(0.3) and not is_item else indent + step
                below = [
                    line
                    for one in value
                    for line in [*self._above(inner), *self._behind(" " * inner + "-", one, inner, is_item=True)]
                ]
            else:
                inner = indent + (len(start) - indent + 1 if is_item and self._yes(0.6) else step)
                below = self._mapping(value, inner)
                if (
                    is_item
                    and inner == len(start) + 1
                    and below[0].startswith(" " * inner)
                    and "#" not in below[0][: inner + 1]
                ):
                    return [f"{start} {below[0].lstrip()}", *below[1:]]
            return [start + self._note(), *below]
        if isinstance(value, str) and self._yes(0.3) and value.strip() == value and value and "\n" not in value:
            header = self._chance.choice(["|-", ">-", f"|{step}-"])
            return [f"{start} {header}{self._note()}", " " * (indent + step) + value, *([""] if self._yes(0.3) else [])]
        text = self._flow(value)
        if self._yes(0.1):
            return [start + self._note(), *self._above(indent + step), " " * (indent + step) + text + self._note()]
        return [f"{start}{' ' * self._chance.randint(1, 2)}{text}{self._note()}"]

    def _flow(self, value: Any) -> str:
        if isinstance(value, dict):
            return "{" + ", ".join(f"{json.dumps(key)}: {self._flow(inner)}" for key, inner in value.items()) + "}"
        if isinstance(value, list):
            return "[" + self._chance.choice([", ", ",\n          "]).join(self._flow(one) for one in value) + "]"
        if isinstance(value, str) and value.isalnum() and not value.isdigit() and self._yes(0.7):
            return value
        return json.dumps(value)


EXPRESSION = st.sampled_from(["{% $params.date %}", "{% [1, 2] # 3 %}", "plain", "5m", "it's: #1", "no", "1", "é 日"])
VALUE = st.recursive(
    EXPRESSION | st.integers(0, 9) | st.booleans() | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["x", "y", "type", "items"]), inner, max_size=3)
    ),
    max_leaves=5,
)
OPERATION = st.fixed_dictionaries(
    {"type": st.sampled_from(["lambda", "wait", "plugin"])},
    optional={
        "payload": VALUE,
        "timeout": st.just("1m"),
        "id": st.just("own"),
        "retry": st.just({"delay": "1s", "attempts": 2}),
    },
)
NAMED = st.sampled_from(
    [{"rows": "{% $result.rows %}"}, {"a-b": "{% $result.`a-b` %}", "n": "{% $result.n %}"}, {"n": "{% 1 %}"}]
)
JOB = st.fixed_dictionaries(
    {"operations": st.lists(OPERATION, min_size=1, max_size=2)},
    optional={
        "outputs": NAMED | st.just(["a", "b"]),
        "depends_on": st.sampled_from([["a"], ["a", "b"], "a", [], ["no"]]),
        "foreach": st.sampled_from([{"items": "{% $x %}"}, {"items": ["jp", "us"]}, {"as": "n", "items": [1]}, {"items": "x"}]),
        "description": EXPRESSION,
        "unknown": VALUE,
    },
)
FILE = st.fixed_dictionaries(
    {"version": st.just(1), "name": st.just("a")},
    optional={
        "jobs": st.dictionaries(st.sampled_from(["b", "a", "c"]), JOB, min_size=1, max_size=3),
        "parameters": st.dictionaries(st.sampled_from(["q", "p"]), st.just({"default": 1, "type": "integer"}), max_size=2),
        "tests": st.lists(st.fixed_dictionaries({"name": EXPRESSION, "expect": VALUE}, optional={"mocks": VALUE}), max_size=2),
    },
)


@settings(max_examples=amount(24, 60, 600), deadline=None)
@given(FILE, st.integers(0, 2**32))
def test_the_style_keeps_every_meaning_and_every_comment_and_is_its_own_style(data: dict[str, Any], seed: int) -> None:
    text = Writer(seed).document(data)
    if read_document("pipelines/a.yaml", text.encode()).document is None:
        return  # the writer's layout is now and then none of YAML
    once = formatted(text)
    assert once.status in (FormatStatus.FORMATTED, FormatStatus.UNCHANGED), f"{once.reason}\n{text}\n---\n{once.after.decode()}"
    new = once.after.decode()
    assert meaning(new) == meaning(text)
    assert Counter(comments_of(new)) == Counter(comments_of(text))
    assert all(f"# {number}: it's" in new for number in range(1, 1 + text.count(': it\'s "so"')))
    again = formatted(once.after)
    assert again.status is FormatStatus.UNCHANGED, f"{text}\n---\n{new}\n---\n{again.after.decode()}"


class OneFile(RootFolder):
    """The files of this repository, one of them with another text."""

    def __init__(self, file: str, text: str) -> None:
        super().__init__(ROOT)
        self._file, self._text = file, text

    def read(self, path: str, *, limit_bytes: int = 1_048_576) -> bytes:
        return self._text.encode() if path == self._file else super().read(path, limit_bytes=limit_bytes)


def compiled(file: str, text: str) -> str:
    project = ProjectDocument(name="p", id="x" * 8, environment=EnvironmentDocument(name="local"), patterns=(file,))
    documents = load_pipelines(OneFile(file, text), project, registry=REGISTRY, scope=SCOPE)
    assert [str(finding) for finding in documents.diagnostics if finding.is_error] == []
    made = compile_pipeline(documents.pipelines[0], scope=SCOPE, registry=REGISTRY)
    resources = [(str(one.address), one.physical_name, repr(one.attributes)) for one in made.resources]
    return repr((made.definition, resources))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["penguin-mass", "seattle-weather", "hello-world"])
def test_the_style_compiles_to_the_same_bytes(name: str, seed: int) -> None:
    file = f"pipelines/{name}.yaml"
    document = read_document(file, (ROOT / file).read_bytes()).document
    assert document is not None
    long = long_form(document, job_form(REGISTRY)).data
    assert isinstance(long, dict)
    before = Writer(seed).document(long)
    after = text_of(before, file)
    assert after != before
    assert compiled(file, after) == compiled(file, before)


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_the_files_of_this_repository_are_in_the_style(path: Path) -> None:
    assert formatted(path.read_bytes(), path.name.removesuffix(".template")).status is FormatStatus.UNCHANGED


def test_keys_come_in_the_order_of_the_schema_and_names_of_the_user_stay() -> None:
    text = (
        "name: a\nversion: 1\njobs:\n  z: {operations: [{for: 5m, type: wait}], depends_on: [a]}\n  a: {for: 1m, type: wait}\n"
    )
    assert (
        text_of(text) == "version: 1\nname: a\njobs:\n  z: {depends_on: a, type: wait, for: 5m}\n  a: {type: wait, for: 1m}\n"
    )


def test_what_is_data_keeps_its_order() -> None:
    text = 'version: 1\nname: a\njobs:\n  a: {type: lambda, function: "f:1", payload: {type: 1, id: 2, b: 3, a: 4}}\n'
    assert text_of(text) == text


def test_comments_go_where_their_key_goes() -> None:
    before = """\
# yaml-language-server: $schema=x
# Licence

# the name
name: a  # short
version: 1
jobs:
    # once a day
    a:
        operations:
        # the only one
        - type: wait   # a pause
          # five
          for: 5m
        # the end of a
    # the end of jobs
# the end
"""
    after = """\
# yaml-language-server: $schema=x
# Licence

version: 1
# the name
name: a  # short
jobs:
  # once a day
  a:
    # the only one
    type: wait   # a pause
    # five
    for: 5m
    # the end of a
  # the end of jobs
# the end
"""
    assert text_of(before) == after


def test_an_empty_line_parts_the_same_neighbours_places() -> None:
    assert text_of("name: a\n\n\nversion: 1\n\njobs: {}\n") == "version: 1\n\n\nname: a\n\njobs: {}\n"


def test_spellings_stay() -> None:
    text = "version: 1\nname: 'a'\ntitle: \"\\u65e5\"\ntags: {n: \"0x1\", 'o': no}\njobs: {}\n"
    assert text_of(text) == text


@pytest.mark.parametrize("header", ["|", "|-", "|+", ">", "|2", ">3-", "|1+"])
@pytest.mark.parametrize("end", ["", "\n", "\n\n", "\n   \n"])
def test_block_scalars_say_the_same_wherever_they_stand(header: str, end: str) -> None:
    indent = " " * (4 + (int(header[1]) if header[1:2].isdigit() else 3))
    text = f"version: 1\njobs:\n    a: {{}}\n    b: {header}  # note\n{indent}one\n\n{indent}  two{end}"
    after = text_of(text)
    assert meaning(after) == meaning(text)
    assert after.endswith("\n")


@pytest.mark.parametrize("line_break", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b""])
def test_line_breaks_and_the_byte_order_mark_stay(line_break: str, mark: bytes) -> None:
    before, after = "name: a # c\nversion: 1\n# end", "version: 1\nname: a # c\n# end\n"
    written = formatted(mark + before.replace("\n", line_break).encode())
    assert written.after == mark + after.replace("\n", line_break).encode()


def test_what_is_not_taken_apart_stays_and_is_told() -> None:
    for text in ("version: 1\n? name\n: a\n", "--- {version: 1}\n", "a: 1\n"):
        kept = formatted(text)
        assert (kept.status, kept.after) == (FormatStatus.KEPT, text.encode())
        assert kept.reason


def test_what_cannot_be_read_is_refused_with_its_place() -> None:
    refused = formatted("version: 1\nname: [\n")
    assert (refused.status, refused.after) == (FormatStatus.INVALID, b"version: 1\nname: [\n")
    assert [finding.code for finding in refused.diagnostics] == ["BS005"]


def test_tests_and_the_project_have_orders_of_their_own() -> None:
    suite = "tests:\n- expect: {path: [a], status: failed}\n  name: fails\nversion: 1\n"
    assert text_of(suite, "a.test.yaml") == "version: 1\ntests:\n  - name: fails\n    expect: {status: failed, path: [a]}\n"
    project = "id: 12345678\nversion: 1\nenvironments:\n  prod: {region: us-east-1, account: '1'}\nproject: p\n"
    assert text_of(project, "bunsui.yaml") == (
        "version: 1\nproject: p\nid: 12345678\nenvironments:\n  prod: {account: '1', region: us-east-1}\n"
    )
