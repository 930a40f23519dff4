"""The parser of `jsonata-python`, one for each thread.

Making one fills its table of symbols, which takes longer than most expressions take to be read; the library's own programs keep
theirs, too. The table stays as it is: each token is a copy of its symbol, and the one for the end learns its place each time.
"""

from __future__ import annotations

import threading
from typing import Any

_KEPT = threading.local()


def parser_before(text: str) -> Any:
    """Return this thread's parser, standing before the first token of the text, without a trace of what it read before."""
    # Deferred: importing the library takes about 45 ms, which `--help` should not pay.
    from jsonata import parser, tokenizer

    made = getattr(_KEPT, "parser", None)
    if made is None:
        made = _KEPT.parser = parser.Parser()
    made.source = text
    made.lexer = tokenizer.Tokenizer(text)
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
