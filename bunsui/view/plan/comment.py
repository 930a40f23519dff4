"""A plan as one pull-request comment: safe whatever the names in it are, and never longer than a comment may be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bunsui.command_line import Invocation, command_line
from bunsui.plan.marker import MOST_DIGESTS
from bunsui.plan.model import Action
from bunsui.view.commands import completed
from bunsui.view.plan.accepted import accepted_count
from bunsui.view.plan.groups import FOLDED, alike, names_wrapped
from bunsui.view.plan.model import PipelineNode, PlanView
from bunsui.view.plan.summary import SYMBOLS
from bunsui.view.plan.text import accepted_findings, counted_lines, rows_lines, worth_reading

LIMIT = 60_000
"""Characters; GitHub takes 65,536."""

_SPECIAL = re.compile(r"([\\`*_\[\]<>#.|~&@:])")
"""What could become markup, a link or a mention inside a line; no escaped text ever begins one."""
_PLAIN = re.compile(r"[A-Za-z0-9-]+(?:_[A-Za-z0-9-]+)*")
"""What stands in a command line, and in a span of code, as it is."""
_PATH = re.compile(r"[A-Za-z0-9._/-]+")
"""The same for the folder, profile and region."""
_NAMED = 30
"""Selected pipelines beyond which no command names them."""
_TABLE = 12_000
"""Characters for the rows of the summary table, beyond which a sentence counts the rest."""
_BLOCK = 15_000
"""Characters for the lines of one pipeline."""
_DRAWN = 12
"""With more pipelines than these, none is drawn: a reader then goes by the lines."""
_FINDINGS = 10_000
"""Characters for the lines of the findings."""
_ACCEPTED = 4_000
"""Characters for the lines of accepted findings."""


def plan_markdown(view: PlanView, invocation: Invocation | None = None) -> str:
    """Return the comment: hidden lines that tell which plan it shows, the summary, a table, a folded block for each pipeline,
    the findings; `invocation` completes the commands that it offers."""
    known = invocation or Invocation()
    head = _head(view)
    changed = [node for node in view.pipelines if node.changed]
    alone, groups = _arrange_pipelines(view)
    blocks = [*(_block(node, drawn=len(changed) <= _DRAWN) for node in alone), *map(_group, groups)]
    tail = _findings(view, known) + _digest(view, known)
    room = LIMIT - len(head) - len(tail) - 200
    return f"{head}{''.join(_fitting(blocks, room))}{tail}"


def escape_text(text: str) -> str:
    """Return the text so that Markdown shows it literally: no markup, no HTML, no mention, no link, no cross-reference."""
    return _SPECIAL.sub(lambda found: f"&#{ord(found[1])};", text)


def fenced(lines: Iterable[str]) -> str:
    """Return the lines as a code block whose fence is longer than any run of backticks inside."""
    text = "\n".join(lines)
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}\n"


def _head(view: PlanView) -> str:
    place = view.basis or f"account {view.account}, {view.region}"
    where = f"{escape_text(view.project)} in {escape_text(view.environment)}, {escape_text(place)}"
    commit = f", commit {escape_text(view.commit)}" if view.commit else ""
    parts = [f"{view.marker.text}### {escape_text(view.summary.text)}\n\n{where}{commit}, as of {escape_text(view.as_of)}\n\n"]
    if not view.complete:
        parts.append("Other pipelines were not looked at.\n\n")
    if view.unworded is not None:
        parts.append(f"{escape_text(view.unworded.text)}\n\n")
    changed = [node for node in view.pipelines if node.changed]
    if changed:
        used = [action for action in SYMBOLS if action in view.counts]
        titles = " | ".join(f"{escape_text(SYMBOLS[action][0])} {SYMBOLS[action][1]}" for action in used)
        parts.append(f"| pipeline | {titles} |\n|---|{'--:|' * len(used)}\n")
        alone, groups = _arrange_pipelines(view)
        rows = [_row(node.name, [node], used) for node in alone]
        rows += [_row(f"{len(group)} pipelines", group, used) for group in groups]
        kept = _within(rows, _TABLE)
        parts.extend(rows[:kept])
        if kept < len(rows):
            parts.append(f"\n…and {len(rows) - kept} pipelines more\n")
        parts.append("\n")
    return "".join(parts)


def _arrange_pipelines(view: PlanView) -> tuple[Sequence[PipelineNode], Sequence[Sequence[PipelineNode]]]:
    """Return the changed pipelines that are told one by one, those that wholly come last, and the groups of alike ones."""
    changed = [node for node in view.pipelines if node.changed]
    groups = alike(changed)
    together = {node.name for group in groups for node in group}
    alone = [node for node in changed if node.name not in together]
    return sorted(alone, key=lambda node: node.action in FOLDED), groups


def _row(name: str, nodes: Sequence[PipelineNode], used: Sequence[Action]) -> str:
    counts = [sum(1 for node in nodes for row in node.rows if row.action is action) for action in used]
    return f"| {escape_text(name[:80])} | {' | '.join(str(count or '') for count in counts)} |\n"


def _within(texts: Sequence[str], room: int) -> int:
    """How many of the texts fit, from the first on."""
    for index, text in enumerate(texts):
        room -= len(text)
        if room < 0:
            return index
    return len(texts)


def _block(node: PipelineNode, *, drawn: bool) -> str:
    lines = [item.text for item in (*node.edits, *rows_lines(node.changed), *node.notes)]
    titled = f"{escape_text(node.title[:80])} " if node.title else ""
    title = f"{node.symbol} {node.word} <b>{escape_text(node.name[:80])}</b> {titled}{escape_text(node.path[:200])}"
    content = f"{escape_text(node.content[:500])}\n\n" if node.content else ""
    graph = f"```mermaid\n{node.graph}\n```\n\n" if node.graph and drawn else ""
    return f"<details><summary>{title}</summary>\n\n{content}{graph}{fenced(cut_lines(lines, _BLOCK))}\n</details>\n\n"


def _group(group: Sequence[PipelineNode]) -> str:
    first = group[0]
    title = f"{first.symbol} {first.word} <b>{len(group)} pipelines</b>, each {escape_text(first.content[:500])}"
    return f"<details><summary>{title}</summary>\n\n{fenced(cut_lines(list(names_wrapped(group)), _BLOCK))}\n</details>\n\n"


def _findings(view: PlanView, invocation: Invocation) -> str:
    grave = worth_reading(view.findings)
    lines = [completed(item, invocation).text for item in (*counted_lines(grave), *view.left)]
    shown = f"#### Findings\n\n{fenced(cut_lines(lines, _FINDINGS))}" if lines else ""
    count = sum(1 for found in view.findings if found.accepted is not None)
    if not count:
        return shown
    folded = fenced(cut_lines([item.text for item in accepted_findings(view.findings)], _ACCEPTED))
    return f"{shown}\n<details><summary>{accepted_count(count)}</summary>\n\n{folded}\n</details>\n\n"


def _digest(view: PlanView, invocation: Invocation) -> str:
    """Name what was reviewed, for who applies it."""
    if not view.digest or not view.can_apply:
        return ""
    digests = view.digests if 1 < len(view.digests) <= MOST_DIGESTS else ()
    proof = ",".join((view.digest, *digests))
    there = replace(invocation, environment="")  # it is named behind the verb, whether it was asked for or not
    is_plain = all(map(_PLAIN.fullmatch, [*view.selected, view.environment])) and all(map(_PATH.fullmatch, there.options))
    if len(view.selected) > _NAMED or not is_plain:
        return f"The digest of these changes is {proof}\n"
    command = there.complete(command_line("apply", *view.selected, "--env", view.environment, "--digest", proof))
    return f"Apply exactly this: `{command}`\n"


def cut_lines(lines: Sequence[str], room: int) -> list[str]:
    """Return the lines, each at most 400 characters, the middle left out when all of them would not fit."""
    short = [text if len(text) <= 400 else text[:399] + "…" for text in lines]
    if sum(len(text) + 1 for text in short) <= room:
        return short
    first = _within(short, room // 2)
    last = _within(short[:first:-1], room // 2)
    return [*short[:first], f"… {len(short) - first - last} lines left out …", *short[len(short) - last :]]


def _fitting(blocks: Sequence[str], room: int) -> list[str]:
    """Return the blocks that fit, taken from both ends so that the middle is what is left out, and say so."""
    if sum(len(block) for block in blocks) <= room:
        return list(blocks)
    first: list[str] = []
    last: list[str] = []
    left = list(blocks)
    for side in _alternating():
        if not left or len(left[0 if side else -1]) > room:
            break
        block = left.pop(0 if side else -1)
        room -= len(block)
        first.append(block) if side else last.insert(0, block)
    note = f"… {len(left)} pipelines left out here; `bunsui plan` shows them all …\n\n"
    return [*first, note, *last]


def _alternating() -> Iterable[bool]:
    while True:
        yield True
        yield False
