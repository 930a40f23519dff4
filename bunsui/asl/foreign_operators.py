"""What other languages write in place of JSONata's operators: each with what JSONata writes for it.

Asked once the parser refused the expression. The mend is made word by word, outside texts and comments, and is only ever shown:
callers offer it where the result is an expression that the parser takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import NamedTuple


class ForeignOperator(NamedTuple):
    """A word of another language in an expression."""

    offset: int
    written: str
    meant: str
    """What JSONata writes, or a sentence where that is no single word."""


class Repair(NamedTuple):
    """An expression in the words of JSONata."""

    first: ForeignOperator
    """The first word that was none."""
    text: str
    """The whole expression, mended as far as the words are known."""


class _Token(NamedTuple):
    kind: str
    text: str
    offset: int


_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<comment>/\*[\s\S]*?\*/)
    |(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<quoted>`[^`]*`)
    |(?P<variable>\$\$?[A-Za-z_]\w*|\$\$?)
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<name>[A-Za-z_]\w*)
    |(?P<operator>\+\+|//|===|!==|==|!=|<>|<=|>=|=>|=<|&&|\|\||~>|~=|=~|:=|\.\.|\*\*|\?\?|.)""",
    re.VERBOSE,
)
_OPERATORS = {
    "==": "=", "===": "=", "!==": "!=", "<>": "!=", "&&": "and", "||": "or", "=>": ">=", "=<": "<=",
}  # fmt: skip
_WORDS = {"AND": "and", "OR": "or", "IN": "in", "And": "and", "Or": "or"}
_LITERALS = {
    "True": "true", "TRUE": "true", "False": "false", "FALSE": "false",
    "None": "null", "NULL": "null", "Null": "null", "nil": "null", "undefined": "null",
}  # fmt: skip
_FUNCTIONS = {
    "size": "count", "length": "length", "str": "string", "int": "number", "float": "number", "lower": "lowercase",
    "upper": "uppercase", "strip": "trim", "concat": "join", "toJson": "string", "fromJson": "parse", "fromJSON": "parse",
    "toJSON": "string", "coalesce": "exists", "isset": "exists", "defined": "exists",
}  # fmt: skip
_SENTENCES = {
    "if": "CONDITION ? A : B",
    "for": "$map(LIST, function($x) { … })",
    "lambda": "function($x) { … }",
    "??": "$exists(x) ? x : y",
    "++": "x + 1",
    "~=": "$contains(text, /pattern/)",
    "=~": "$contains(text, /pattern/)",
    "LIKE": "$contains(text, /pattern/)",
    "BETWEEN": "x >= a and x <= b",
    "like": "$contains(text, /pattern/)",
    "between": "x >= a and x <= b",
    "**": "$power(x, y)",
    "//": "$floor(x / y)",
}
"""What has no single word here."""
_NEGATIONS = frozenset({"!", "not", "NOT", "Not"})
_PHRASES = frozenset({"is", "IS"})


def repaired(text: str, *, names: Collection[str], functions: Collection[str]) -> Repair | None:
    """Return the expression in the words of JSONata; None when it holds no known word of another language.

    `names` are the variables that may be read, `functions` those there are, both without `$`.
    """
    tokens = [_Token(str(match.lastgroup), match.group(), match.start()) for match in _TOKEN.finditer(text)]
    mending = _Mending(tokens, names, functions)
    pieces = mending.all()
    return Repair(mending.found[0], "".join(pieces)) if mending.found else None


class _Mending:
    """One pass over the words of an expression."""

    def __init__(self, tokens: list[_Token], names: Collection[str], functions: Collection[str]) -> None:
        self.tokens = tokens
        self.names = names
        self.functions = functions
        self.found: list[ForeignOperator] = []
        self.at = 0

    def all(self) -> list[str]:
        """Return the words of the whole expression, mended."""
        pieces: list[str] = []
        while self.at < len(self.tokens):
            pieces.append(self._next())
        return pieces

    def _next(self) -> str:
        token = self.tokens[self.at]
        rule: Callable[[_Token], str | None]
        for rule in (self._sentence, self._negation, self._phrase, self._operator, self._root, self._word):
            mended = rule(token)
            if mended is not None:
                return mended
        self.at += 1
        return token.text

    def _sentence(self, token: _Token) -> str | None:
        if token.text == "=>" and self._follows_a_bare_name():
            self._note(token, "function($x) { … }")
            return token.text
        if token.text not in _SENTENCES or self._follows_a_dot() or self._word_after(1) == ":":
            return None
        self._note(token, _SENTENCES[token.text])
        return token.text

    def _operator(self, token: _Token) -> str | None:
        ours = _OPERATORS.get(token.text) if token.kind == "operator" else None
        if ours is None:
            return None
        self._note(token, ours)
        return ours

    def _negation(self, token: _Token) -> str | None:
        """`!x`, `not x` and `not (x)` are a function of JSONata."""
        if token.text not in _NEGATIONS or token.kind not in ("operator", "name") or self._follows_a_dot():
            return None
        if self._word_after(1) in ("in", "IN"):
            self.found.append(ForeignOperator(token.offset, f"{token.text} in", "$not(x in LIST)"))
            self.at += 1
            return token.text
        self._note(token, "$not(…)")
        self._space()
        return f"$not{self._operand()}"

    def _phrase(self, token: _Token) -> str | None:
        """`x is null` and `x is not null` are comparisons."""
        if token.kind != "name" or token.text not in _PHRASES:
            return None
        words = [self._word_after(1), self._word_after(2)]
        sign = "!=" if words[0].lower() == "not" else "="
        self._note(token, sign)
        if sign == "!=":
            self._space()
            self.at += 1
        return sign

    def _root(self, token: _Token) -> str | None:
        """`$.params.x`, and `params.x` without its `$`."""
        following = self._word_after(1)
        if token.text in ("$", "$$") and following == "." and self._word_after(2) in self.names:
            name = self._word_after(2)
            self._note(token, f"${name}")
            self._skip_to(name)
            self.at += 1
            return f"${name}"
        is_root = token.kind == "name" and token.text in self.names and not self._follows_a_dot()
        if is_root and following in (".", "["):
            self._note(token, f"${token.text}")
            return f"${token.text}"
        return None

    def _word(self, token: _Token) -> str | None:
        if token.kind != "name" or self._follows_a_dot():
            return None
        is_called = self._word_after(1) == "("
        if is_called:
            if token.text == "len":
                self._note(token, "$count(…) of a list, $length(…) of a text,")
                return token.text
            ours = token.text if token.text in self.functions else _FUNCTIONS.get(token.text)
            if ours is None:
                return None
            self._note(token, f"${ours}(…)")
            return f"${ours}"
        ours = _LITERALS.get(token.text) or _WORDS.get(token.text)
        if ours is None or self._word_after(1) == ":":
            return None
        self._note(token, ours)
        return ours

    def _operand(self) -> str:
        """Return what comes next, up to the end of its path, in parentheses."""
        if self._text() == "(":
            return self._group("(", ")") + self._path()
        inner = self._next() + self._path() if self.at < len(self.tokens) else ""
        return f"({inner})"

    def _path(self) -> str:
        pieces: list[str] = []
        while self._text() in (".", "[", "("):
            if self._text() == ".":
                pieces.append(self.tokens[self.at].text)
                self.at += 1
                if self.at < len(self.tokens):
                    pieces.append(self.tokens[self.at].text)
                    self.at += 1
            else:
                pieces.append(self._group(self._text(), "]" if self._text() == "[" else ")"))
        return "".join(pieces)

    def _group(self, opening: str, closing: str) -> str:
        pieces: list[str] = []
        depth = 0
        while self.at < len(self.tokens):
            depth += {opening: 1, closing: -1}.get(self._text(), 0)
            pieces.append(self._next())
            if depth == 0:
                break
        return "".join(pieces)

    def _note(self, token: _Token, meant: str) -> None:
        self.found.append(ForeignOperator(token.offset, token.text, meant))
        self.at += 1

    def _text(self) -> str:
        return self.tokens[self.at].text if self.at < len(self.tokens) else ""

    def _space(self) -> None:
        while self.at < len(self.tokens) and self.tokens[self.at].kind == "space":
            self.at += 1

    def _skip_to(self, word: str) -> None:
        while self.at < len(self.tokens) and self._text() != word:
            self.at += 1

    def _word_after(self, count: int) -> str:
        """Return the text of the token that comes so many places after this one, spaces apart; empty beyond the end."""
        words = [token.text for token in self.tokens[self.at + 1 : self.at + 6] if token.kind != "space"]
        return words[count - 1] if len(words) >= count else ""

    def _follows_a_bare_name(self) -> bool:
        """Tell whether a name without `$` stands before, as in `x => x.name`: a function, and no comparison."""
        before = [token for token in self.tokens[: self.at] if token.kind != "space"][-2:]
        return bool(before) and before[-1].kind == "name" and before[0].text != "."

    def _follows_a_dot(self) -> bool:
        before = [token.text for token in self.tokens[max(0, self.at - 2) : self.at] if token.kind != "space"]
        return before[-1:] == ["."]
