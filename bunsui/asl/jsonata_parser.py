"""The parser of `jsonata-python`, one for each thread: the one module of `asl` that imports the library.

Making one fills its table of symbols, which takes longer than most expressions take to be read; the library's own programs keep
theirs, too. The table stays as it is: each token is a copy of its symbol, and the one for the end learns its place each time.

None of what is used here is promised: the parser's attributes (`source`, `lexer`, `node`, `ancestry` …), its tokens, the
attributes of its symbols (`scoping`, `operands` and the modules beside them read those) and its table of messages. The engine's
`tests/unit/engine/jsonata/test_jsonata_python.py` holds digests of them; docs/decisions/0069 says why.
"""

from __future__ import annotations

import re
import threading
from functools import cache
from typing import Any

_KEPT = threading.local()


@cache
def _bracket_reader(tokenizer: type[Any]) -> type[Any]:
    """Return the library's tokenizer, which also keeps in `closed` where each bracket that it read is closed: the tree forgets
    it."""

    class BracketReader(tokenizer):  # type: ignore[misc] # the library is imported late
        def __init__(self, text: str) -> None:
            super().__init__(text)
            self.closed: dict[int, int] = {}
            self._open: list[int] = []

        def create(self, kind: str, value: Any) -> Any:
            if kind == "operator" and value in ("(", "[", "{"):
                self._open.append(self.position)
            elif kind == "operator" and value in (")", "]", "}") and self._open:
                self.closed[self._open.pop()] = self.position
            return super().create(kind, value)

    return BracketReader


def parser_before(text: str) -> Any:
    """Return this thread's parser, standing before the first token of the text, without a trace of what it read before."""
    # Deferred: importing the library takes about 45 ms, which `--help` should not pay.
    from jsonata import parser, tokenizer

    made = getattr(_KEPT, "parser", None)
    if made is None:
        made = _KEPT.parser = parser.Parser()
    made.source = text
    made.lexer = _bracket_reader(tokenizer.Tokenizer)(text)
    made.node = None
    made.ancestry = []
    made.ancestor_label = made.ancestor_index = 0
    return made


def raw_tree(parser: Any) -> Any:
    """Read the whole text and give its tree as it was read: before paths and operators are folded into each other and positions
    are lost. Raises what the library raises."""
    from jsonata import jexception

    parser.advance()
    tree = parser.expression(0)
    if parser.node.id != "(end)":
        raise jexception.JException("S0201", parser.node.position, parser.node.value)
    return tree


def check_folding(parser: Any, tree: Any) -> None:
    """Fold the raw tree, which changes it, and raise what the library raises where the parts do not go together."""
    from jsonata import jexception

    folded = parser.process_ast(tree)
    if folded.type == "parent" or folded.seeking_parent is not None:
        raise jexception.JException("S0217", folded.position, folded.type)


def parse_errors() -> tuple[type[Exception], ...]:
    """Return what the library raises, or Python under it, for a text that is no expression."""
    from jsonata import jexception

    return (jexception.JException, LookupError, AttributeError, TypeError, ValueError, NotImplementedError, re.error)


def later_operators() -> tuple[type[Any], ...]:
    """Return the symbols of the operators that the library has and Step Functions has not."""
    from jsonata import parser

    return (parser.Parser.InfixCoalesce, parser.Parser.InfixDefault)


def message_template(code: str) -> str | None:
    """Return the library's message of a code, with places for values; None for a code that it does not know."""
    from jsonata import jexception

    found: str | None = jexception.JException.error_codes.get(code)
    return found
