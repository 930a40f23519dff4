"""The mutation operators: for a source, every edit of one line that changes what it does and that a test should notice.

Found in the syntax tree and made in the text, so that what is reported is a line's difference. Left alone is what no test of
behaviour can see: annotations, type aliases, decorators, docstrings, the text of messages, assertions (`assert`, `assert_never`
and `strict=`) and the body of an f-string, whose positions Python 3.11 does not tell.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from tests.mutation.edit import Edit

_COMPARISONS: dict[type[ast.cmpop], tuple[str, tuple[tuple[str, str], ...]]] = {
    ast.Lt: ("<", (("boundary", "<="), ("comparison", ">="))),
    ast.LtE: ("<=", (("boundary", "<"), ("comparison", ">"))),
    ast.Gt: (">", (("boundary", ">="), ("comparison", "<="))),
    ast.GtE: (">=", (("boundary", ">"), ("comparison", "<"))),
    ast.Eq: ("==", (("comparison", "!="),)),
    ast.NotEq: ("!=", (("comparison", "=="),)),
    ast.Is: ("is", (("comparison", "is not"),)),
    ast.IsNot: (r"is\s+not", (("comparison", "is"),)),
    ast.In: ("in", (("comparison", "not in"),)),
    ast.NotIn: (r"not\s+in", (("comparison", "in"),)),
}
_ARITHMETIC: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: (r"\+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: (r"\*", "//"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"),
    ast.BitAnd: ("&", "|"),
}
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list", "reversed": "list"}
_METHODS = {"startswith": "endswith", "endswith": "startswith"}
_WORD = re.compile(r'"[\w.:/$*@-]+"')
"""A text without spaces stands for something: a key, a name, a state. What has spaces is told to people."""
_TOLD = frozenset({"hint", "summary", "note", "help", "repr", "strict"})
"""Arguments that are text for people, or assertions."""
_COMPOUND = (ast.If, ast.While, ast.For, ast.With, ast.Try, ast.Match, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


_Placed = ast.expr | ast.pattern | ast.keyword


def edits(source: str) -> list[Edit]:
    """Return every edit that an operator makes of the source, in the order of its lines.

    Some edits of displays over several lines do not parse; `applied` tells."""
    finder = _Finder(source)
    finder.visit(ast.parse(source))
    return sorted(finder.found, key=lambda edit: (edit.line, edit.operator, edit.after))


class _Finder(ast.NodeVisitor):
    """Walks a module and collects the edits of every node."""

    def __init__(self, source: str) -> None:
        self.found: list[Edit] = []
        self._lines = [line.encode() for line in source.splitlines()]
        self._span = (1, 1)
        self._bound: list[set[str]] = []
        """For each function around, the names that it has bound so far."""

    def visit(self, node: ast.AST) -> None:
        """Walk a node; a statement is the one that its lines belong to."""
        if not isinstance(node, ast.stmt):
            super().visit(node)
            return
        outer = self._span
        last = node.end_lineno or node.lineno
        if isinstance(node, _COMPOUND):
            inside = [child.lineno for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]
            last = max(node.lineno, min(inside, default=last + 1) - 1)
        self._span = (node.lineno, last)
        super().visit(node)
        self._span = outer

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Walk defaults and body."""
        arguments = node.args
        for default in [*arguments.defaults, *arguments.kw_defaults]:
            if default is not None:
                self.visit(default)
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        self._bound.append({argument.arg for argument in every})
        self._visit_all(node.body)
        self._bound.pop()

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Walk the body."""
        self._visit_all(node.body)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Walk the value, where it is none of a type's name."""
        if node.value is not None and not (isinstance(node.annotation, ast.Name) and node.annotation.id == "TypeAlias"):
            self.visit(node.value)
        self._bind(node.target)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Leave it alone."""

    def visit_Assert(self, node: ast.Assert) -> None:
        """Leave it alone."""

    def visit_Expr(self, node: ast.Expr) -> None:
        """Remove a call; leave docstrings and `assert_never` alone."""
        match node.value:
            case ast.Constant() | ast.Call(func=ast.Name(id="assert_never")):
                return
        self._replace_node("remove statement", node, "pass")
        self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Remove it where the name keeps an earlier value; a type alias at the top of a module is no value."""
        if not self._bound and isinstance(node.value, ast.Subscript | ast.BinOp) and _is_alias(node.value):
            return
        target = node.targets[0]
        again = isinstance(target, ast.Name) and bool(self._bound) and target.id in self._bound[-1]
        if isinstance(target, ast.Attribute | ast.Subscript) or again:
            self._replace_node("remove statement", node, "pass")
        self.visit(node.value)
        for each in node.targets:
            self._bind(each)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """Remove it, or turn `+=` round."""
        self._replace_node("remove statement", node, "pass")
        if type(node.op) in (ast.Add, ast.Sub):
            token, other = ("+=", "-=") if isinstance(node.op, ast.Add) else ("-=", "+=")
            self._replace_between("arithmetic", node.target, node.value, re.escape(token), other)
        self.visit(node.value)

    def visit_Raise(self, node: ast.Raise) -> None:
        """Remove it; what it says is text."""
        self._replace_node("remove statement", node, "pass")

    def visit_Continue(self, node: ast.Continue) -> None:
        """Leave the loop instead, or go on."""
        self._replace_node("continue", node, "break")
        self._replace_node("continue", node, "pass")

    def visit_Break(self, node: ast.Break) -> None:
        """Stay in the loop instead, or go on."""
        self._replace_node("break", node, "continue")
        self._replace_node("break", node, "pass")

    def visit_Return(self, node: ast.Return) -> None:
        """Return None, or the empty value."""
        value = node.value
        if value is None:
            self._replace_node("remove statement", node, "pass")
            return
        if not (isinstance(value, ast.Constant) and value.value is None):
            self._replace_node("return", value, "None")
        empty = _empty_like(value)
        if empty is not None:
            self._replace_node("return", value, empty)
        self.visit(value)

    def visit_If(self, node: ast.If) -> None:
        """Decide otherwise."""
        if not (isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"):
            self._condition(node.test)
            self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        """Decide otherwise, but never for ever."""
        if not isinstance(node.test, ast.Constant):
            self._replace_node("condition", node.test, "False")
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        """Decide otherwise."""
        self._condition(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        """Decide otherwise what is taken."""
        for test in node.ifs:
            self._condition(test)
        self.generic_visit(node)

    def visit_match_case(self, node: ast.match_case) -> None:
        """Decide otherwise, or drop a pattern."""
        if node.guard is not None:
            self._condition(node.guard)
        self.generic_visit(node)

    def visit_MatchOr(self, node: ast.MatchOr) -> None:
        """Drop one of the patterns."""
        self._drop_each([(pattern, pattern) for pattern in node.patterns], r"\s*\|\s*")

    def visit_Compare(self, node: ast.Compare) -> None:
        """Turn it round, or move its boundary."""
        operands = [node.left, *node.comparators]
        for left, operator, right in zip(operands, node.ops, operands[1:], strict=False):
            token, others = _COMPARISONS[type(operator)]
            for name, other in others:
                self._replace_between(name, left, right, rf"(?<![\w<>=!]){token}(?![\w<>=])", other)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        """Swap `and` and `or`; drop one of the conditions."""
        token, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        self._drop_each([(value, value) for value in node.values], rf"\s*\b{token}\b\s*", "drop condition")
        for left, right in zip(node.values, node.values[1:], strict=False):
            self._replace_between("and/or", left, right, rf"\b{token}\b", other)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        """Remove a `not`."""
        if isinstance(node.op, ast.Not) and node.lineno == node.operand.lineno:
            self._replace("remove not", node.lineno, node.col_offset, node.operand.col_offset, "", opened=True)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """Turn arithmetic round; of a union leave one side."""
        if isinstance(node.op, ast.BitOr):
            self._replace_node("drop element", node, self._text(node.left))
            self._replace_node("drop element", node, self._text(node.right))
        elif type(node.op) in _ARITHMETIC and not _is_text(node):
            token, other = _ARITHMETIC[type(node.op)]
            self._replace_between("arithmetic", node.left, node.right, token, other)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Swap True and False; add or take one; spell a word otherwise."""
        if isinstance(node.value, str) and _WORD.fullmatch(self._text(node)):
            self._replace_node("word", node, f'"{node.value}_"')
        elif isinstance(node.value, bool):
            self._replace_node("True/False", node, str(not node.value))
        elif isinstance(node.value, int):
            self._replace_node("number", node, str(node.value + 1))
            self._replace_node("number", node, str(node.value - 1))

    def visit_Call(self, node: ast.Call) -> None:
        """Swap `min` and `max`, `any` and `all`, `startswith` and `endswith`; sort no longer; drop a named argument.

        A cast is no value."""
        match node.func:
            case ast.Name(id="cast"):
                self._visit_all(node.args[1:])
                return
            case ast.Name(id=name) if name in _NAMES and not (_NAMES[name] == "list" and node.keywords):
                self._replace_node("swap function", node.func, _NAMES[name])
            case ast.Attribute(attr=name) if name in _METHODS and node.func.lineno == node.func.end_lineno:
                end = node.func.end_col_offset or 0
                self._replace("swap function", node.func.lineno, end - len(name), end, _METHODS[name])
        named = [keyword for keyword in node.keywords if keyword.arg is not None and keyword.arg not in _TOLD]
        self._drop_each([(keyword, keyword) for keyword in named], r"\s*,\s*", "drop argument")
        self.visit(node.func)
        self._visit_all([*node.args, *(keyword.value for keyword in node.keywords if keyword.arg not in _TOLD)])

    def visit_Tuple(self, node: ast.Tuple) -> None:
        """Drop an element."""
        self._display(node, node.elts)

    def visit_List(self, node: ast.List) -> None:
        """Drop an element."""
        self._display(node, node.elts)

    def visit_Set(self, node: ast.Set) -> None:
        """Drop an element."""
        if len(node.elts) > 1:
            self._display(node, node.elts)

    def visit_Dict(self, node: ast.Dict) -> None:
        """Drop an entry."""
        self._drop_each([(key or value, value) for key, value in zip(node.keys, node.values, strict=True) if key], r"\s*,\s*")
        self.generic_visit(node)

    # how an edit is made

    def _visit_all(self, nodes: Sequence[ast.AST]) -> None:
        for node in nodes:
            self.visit(node)

    def _bind(self, target: ast.expr) -> None:
        if self._bound and isinstance(target, ast.Name):
            self._bound[-1].add(target.id)

    def _condition(self, test: ast.expr) -> None:
        self._replace_node("condition", test, "True")
        self._replace_node("condition", test, "False")
        if not isinstance(test, ast.Compare) and not (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)):
            self._replace_node("condition", test, f"not ({self._text(test)})")

    def _display(self, node: ast.Tuple | ast.List | ast.Set, elements: Sequence[ast.expr]) -> None:
        if isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            if len(elements) == 1:
                self._replace_node("drop element", node, "()" if isinstance(node, ast.Tuple) else "[]")
            elif isinstance(node, ast.Tuple) and len(elements) == 2:
                for kept in elements:
                    self._replace_node("drop element", node, f"({self._text(kept)},)")
            else:
                self._drop_each([(each, each) for each in elements], r"\s*,\s*")
        self.generic_visit(node)

    def _drop_each(self, elements: Sequence[tuple[_Placed, _Placed]], separator: str, operator: str = "drop element") -> None:
        """Drop each element that stands on one line, with the separator before or after it."""
        for first, last in elements:
            if first.lineno != last.end_lineno:
                continue
            line = self._lines[first.lineno - 1]
            end = last.end_col_offset or 0
            after = re.match(separator.encode(), line[end:])
            before = re.search(separator.encode() + rb"\Z", line[: first.col_offset])
            if after:
                self._replace(operator, first.lineno, first.col_offset, end + after.end(), "")
            elif before:
                self._replace(operator, first.lineno, before.start(), end, "")

    def _text(self, node: ast.expr) -> str:
        if node.lineno != node.end_lineno:
            return ""
        return self._lines[node.lineno - 1][node.col_offset : node.end_col_offset].decode()

    def _replace_node(self, operator: str, node: ast.expr | ast.stmt, text: str) -> None:
        if node.lineno == node.end_lineno:
            self._replace(operator, node.lineno, node.col_offset, node.end_col_offset or 0, text)

    def _replace_between(self, operator: str, left: ast.expr, right: ast.expr, token: str, other: str) -> None:
        """Replace the token that stands between two operands, on either's line."""
        for number, start, end in self._between(left, right):
            found = re.search(token.encode(), self._lines[number - 1][start:end].split(b"#")[0])
            if found:
                self._replace(operator, number, start + found.start(), start + found.end(), other)
                return

    def _between(self, left: ast.expr, right: ast.expr) -> Iterator[tuple[int, int, int]]:
        last = left.end_lineno or left.lineno
        for number in range(last, right.lineno + 1):
            start = (left.end_col_offset or 0) if number == last else 0
            yield number, start, right.col_offset if number == right.lineno else len(self._lines[number - 1])

    def _replace(self, operator: str, number: int, start: int, end: int, text: str, *, opened: bool = False) -> None:
        """Note an edit; `opened`: what stands between may open a parenthesis, which stays."""
        line = self._lines[number - 1]
        kept = line[start:end].replace(b"not", b"", 1).lstrip() if opened else b""
        self.found.append(
            Edit(
                line=number,
                operator=operator,
                before=line.decode(),
                after=(line[:start] + text.encode() + kept + line[end:]).decode().rstrip(),
                span=self._span,
                at_import=not self._bound,
            )
        )


def _is_alias(value: ast.Subscript | ast.BinOp) -> bool:
    """Return whether a value at the top of a module is a type: `A | B`, `Callable[...]`."""
    if isinstance(value, ast.BinOp):
        return isinstance(value.op, ast.BitOr)
    return isinstance(value.value, ast.Name) and value.value.id[:1].isupper()


def _is_text(node: ast.BinOp) -> bool:
    """Return whether an operand is text: taking it away is no arithmetic."""
    operands = (node.left, node.right)
    return any(
        isinstance(each, ast.JoinedStr) or (isinstance(each, ast.Constant) and isinstance(each.value, str)) for each in operands
    )


def _empty_like(value: ast.expr) -> str | None:
    """Return the text of the empty value of the same type, None when the type does not show."""
    match value:
        case ast.Tuple(elts=[_, *_]) | ast.Call(func=ast.Name(id="tuple")):
            return "()"
        case ast.List(elts=[_, *_]) | ast.ListComp() | ast.Call(func=ast.Name(id="list" | "sorted")):
            return "[]"
        case ast.Dict(keys=[_, *_]) | ast.DictComp() | ast.Call(func=ast.Name(id="dict")):
            return "{}"
        case ast.JoinedStr():
            return '""'
        case ast.Constant(value=str() as text) if text:
            return '""'
        case _:
            return None
