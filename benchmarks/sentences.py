"""How long ten everyday sentences are in pipeline files, beside the peers': `python -m benchmarks.sentences`.

A sentence is what one adds to a file to say it. A token is a word, a number or a sign; spaces and line breaks are none. The
peers' forms (`tests/cases/sentences.txt`) were written from their documentation in 2026, each as short as it allows; one that
cannot say a sentence is left out. Ours are valid: each stands in a file that is checked. Ends with 1 when ours is the longest.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

TABLE = Path(__file__).resolve().parents[1] / "tests" / "cases" / "sentences.txt"
_TOKEN = re.compile(r"[A-Za-z_][\w-]*|\d+|[^\s\w]")
_APART = " … "
"""Stands between parts of one sentence that stand apart in a file."""


class Sentence(NamedTuple):
    """One sentence in every language that has it."""

    words: str
    ours: str
    peers: Mapping[str, str]
    file: str
    """A file that says it; `PART`, and for a second part `OTHER`, are where ours goes."""


def sentences() -> list[Sentence]:
    """Read the table: a line with the sentence, then indented ones with a name and what it writes."""
    found = []
    blocks = TABLE.read_text(encoding="utf-8").split("\n\n")[1:]
    for block in blocks:
        words, *rows = block.strip().splitlines()
        said = {name.strip(): text.strip() for name, _, text in (row.partition(": ") for row in rows)}
        ours, file = said.pop("ours"), said.pop("file").replace("\\n", "\n")
        found.append(Sentence(words, ours, said, file))
    return found


def tokens(text: str) -> int:
    """Return how many words, numbers and signs a text has."""
    return len(_TOKEN.findall(text.replace(_APART, " ")))


def file_of(sentence: Sentence) -> str:
    """Return the file in which our form stands."""
    part, _, other = sentence.ours.partition(_APART)
    return sentence.file.replace("PART", part).replace("OTHER", other)


def longest(sentence: Sentence) -> bool:
    """Tell whether every peer needs fewer tokens than we do."""
    return all(tokens(sentence.ours) > tokens(theirs) for theirs in sentence.peers.values())


def main() -> int:
    """Print the counts; return the exit code."""
    for sentence in sentences():
        peers = sorted((tokens(theirs), name) for name, theirs in sentence.peers.items())
        mark = "  <- the longest" if longest(sentence) else ""
        print(f"{sentence.words:46} {tokens(sentence.ours):3}   {', '.join(f'{name} {count}' for count, name in peers)}{mark}")
    return int(any(longest(sentence) for sentence in sentences()))


if __name__ == "__main__":
    sys.exit(main())
