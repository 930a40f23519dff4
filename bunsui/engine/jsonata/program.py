"""A parsed expression that runs as AWS runs it: within its bounds, and with its results.

`jsonata-python` 0.7 gives whole numbers for `%` and fails where a number becomes infinite; AWS gives the fraction, and the text
"Infinity".
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from bunsui.engine.jsonata.bounds import DEEPEST, LONGEST_TEXT, MOST_ITEMS, MOST_STEPS, TOO_MUCH_MEMORY, OutOfBounds
from bunsui.engine.regexes import Regex, RegexTimeout, budget
from bunsui.performance import Shortcut, uses

if TYPE_CHECKING:
    from bunsui.engine.jsonata.jsonata_python import Jsonata

_CHARACTERS_A_STEP = 4_096
_ITEMS_A_STEP = 16
_COMPARISONS_A_STEP = 4
_MAKERS = frozenset({"function", "unary", "binary"})
"""Expressions that make texts and lists; others name one that is there."""
_LONG = 2**63
"""Whole numbers from here on are floating-point numbers in Java."""


def program(text: str) -> Jsonata:
    """Parse an expression. Raises what the library raises."""
    from bunsui.engine.jsonata.jsonata_python import JException, error, join_surrogates
    from bunsui.engine.jsonata.standard import standard_frame

    try:
        # The library's tokenizer looks for one more character after a comment.
        made = _program_class(uses(Shortcut.JSONATA_STEPS))(f"{text}\n" if text.endswith("*/") else text, _regex)
    except IndexError as problem:
        raise error("S0106" if "/*" in text else "S0207") from problem
    except KeyError as problem:
        raise error("S0204", problem.args[0]) from problem
    except JException as problem:
        if problem.error == "S0301" and problem.current is not None:
            raise error("S0103", problem.current) from problem  # the library says so of escapes, too
        raise
    made.environment.parent = standard_frame()
    if "\\u" in text:
        join_surrogates(made.ast)
    made.set_output_convert_nulls(False)
    made.set_validate_input(False)
    return made


def run(parsed: Jsonata, frame: Mapping[str, Any], item: Any = None) -> Any:
    """Evaluate in the library's own values; `item` is what `$` is at the top, which Step Functions has not. Raises what the
    library raises, and OutOfBounds."""
    parsed.depth, parsed.left = 0, MOST_STEPS
    # The library's functions evaluate with whatever was parsed last in this thread, which may not be this program.
    parsed.CURRENT.jsonata = parsed
    try:
        with budget():
            return parsed.evaluate(item, frame)
    except RegexTimeout as problem:
        raise OutOfBounds(f"Expression evaluation timeout: {problem}") from problem


def _regex(pattern: str, flags: Any) -> Regex:
    from bunsui.engine.jsonata.patterns import python_pattern

    made = python_pattern(pattern, multiline=flags.multiline)
    return Regex(made, re.IGNORECASE * flags.case_insensitive, written=pattern)


_TOO_DEEP = (
    "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive. Depth={} max={}"
)


def _size(result: str | list[Any]) -> int:
    if isinstance(result, str):
        return len(result)
    # The library's ranges say one more than they hold.
    return 8 * (len(result) - (type(result).__name__ == "RangeList"))


@lru_cache(maxsize=2)
def _program_class(quick: bool) -> type[Jsonata]:  # noqa: FBT001 - the cache's key
    # Deferred: importing the library takes about 45 ms, which commands that run nothing should not pay.
    from bunsui.engine.jsonata.jsonata_python import Jsonata, error, is_same
    from bunsui.engine.jsonata.steps import LibrarySteps, Steps

    names = {id(Jsonata.static_frame.lookup(name)): name for name in _GROWING}

    steps: Any = Steps if quick else LibrarySteps

    class BoundedProgram(steps, Jsonata):  # type: ignore[misc] # the library has no types
        """Counts steps rather than seconds: the same expression always ends at the same place."""

        depth = 0
        left = MOST_STEPS
        input: Any
        environment: Any

        def eval(self, expr: Any, input: Any, environment: Any) -> Any:  # noqa: A002 - the library's name
            self.depth += 1
            self.left -= 1
            if self.depth > DEEPEST:
                raise OutOfBounds(_TOO_DEEP.format(self.depth, DEEPEST))
            if self.left < 0:
                raise OutOfBounds("Expression evaluation timeout: Check for infinite loop")
            before = self.input, self.environment
            result = self.step(expr, input, environment)
            self.input, self.environment = before
            self.depth -= 1
            if isinstance(result, (str, list)) and expr.type in _MAKERS:
                # To make a long text or a long list takes as long as many steps.
                self.left -= len(result) // (_CHARACTERS_A_STEP if isinstance(result, str) else _ITEMS_A_STEP)
            if isinstance(result, (str, list)) and len(result) > MOST_ITEMS and _size(result) > LONGEST_TEXT:
                raise OutOfBounds(TOO_MUCH_MEMORY)
            return result

        def apply_inner(self, proc: Any, args: Any, input: Any, environment: Any) -> Any:  # noqa: A002 - the library's name
            if type(proc) in _NO_FUNCTIONS:
                # The library would print a line about it.
                raise error("T1006")
            # The functions that make much out of little; whatever else grows is seen when it is there.
            _check_growth(names.get(id(proc), ""), args)
            return super().apply_inner(proc, args, input, environment)

        def evaluate_includes_expression(self, lhs: Any, rhs: Any) -> bool:
            if lhs is None or rhs is None:
                return False
            # Python takes true for 1.
            items = rhs if isinstance(rhs, list) else [rhs]
            self.left -= len(items) // _COMPARISONS_A_STEP
            return any(is_same(lhs, item) for item in items)

        def evaluate_numeric_expression(self, lhs: Any, rhs: Any, op: str) -> Any:
            if not (_is_finite(lhs) and _is_finite(rhs)):
                return super().evaluate_numeric_expression(lhs, rhs, op)
            return _compute(float(lhs), float(rhs), op)

    return BoundedProgram


def _padded_size(_text: Any = None, width: Any = 0, *_: Any) -> float:
    return abs(width) if _is_finite(width) else 0


def _joined_size(items: Any = None, separator: Any = "", *_: Any) -> float:
    texts = [len(item) for item in items if isinstance(item, str)] if isinstance(items, list) else []
    return sum(texts) + len(texts) * (len(separator) if isinstance(separator, str) else 0)


def _check_growth(name: str, arguments: Sequence[Any]) -> None:
    grown = _GROWING.get(name)
    if grown is not None and grown(*arguments) > LONGEST_TEXT:
        raise OutOfBounds(TOO_MUCH_MEMORY)


_GROWING: Mapping[str, Callable[..., float]] = {"pad": _padded_size, "join": _joined_size}
"""How many characters a call makes at most, by the function's name."""

_NO_FUNCTIONS = frozenset({bool, int, float, str, list, dict})


def _is_finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _compute(left: float, right: float, operator: str) -> int | float:
    """Compute as JavaScript does, where nothing is ever an error."""
    result = math.nan
    match operator:
        case "+":
            result = left + right
        case "-":
            result = left - right
        case "*":
            result = left * right
        case "/" if right:
            result = left / right
        case "/" if left:
            result = math.copysign(math.inf, left) * math.copysign(1, right)
        case "%" if right:
            result = math.fmod(left, right)
    return int(result) if math.isfinite(result) and result.is_integer() and abs(result) < _LONG else result
