"""DynamoDB's typed values: plain JSON to them and back, in the compiler for what is known, in JSONata for the rest.

Source: DynamoDB developer guide, "Data type descriptors".
"""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.asl.model import code
from bunsui.model.json import Json
from bunsui.model.values import Expression, Reference, Sensitive, Unknown, Value
from bunsui.operations.contract import EmitContext

MARSHAL = (
    "$marshal := function($v) {"
    " $type($v) = 'string' ? {'S': $v}"
    " : $type($v) = 'number' ? {'N': $string($v)}"
    " : $type($v) = 'boolean' ? {'BOOL': $v}"
    " : $type($v) = 'null' ? {'NULL': true}"
    # By position and by key: some implementations hand no nulls to the functions of $map and $each.
    " : $type($v) = 'array' ? {'L': [$map([0..$count($v) - 1], function($n) { $marshal($v[$n]) })]}"
    " : $type($v) = 'object' ? {'M': $merge([{}, $map($keys($v), function($k) { {$k: $marshal($lookup($v, $k))} })])}"
    " : $error('a value of an item is missing') }"
)
"""Binds `$marshal`: plain JSON to a typed value."""

UNMARSHAL = (
    # What is long is text where a number would lose digits: an id of 19 digits must not become another id.
    "$number_of := function($n) { $length($substringBefore($n, '.')) <= 15 or $string($number($n)) = $n ? $number($n) : $n };"
    " $unmarshal := function($v) {"
    " $exists($v.S) ? $v.S"
    " : $exists($v.N) ? $number_of($v.N)"
    " : $exists($v.BOOL) ? $v.BOOL"
    " : $exists($v.Bool) ? $v.Bool"
    " : $exists($v.NULL) or $exists($v.Nul) ? null"
    " : $exists($v.M) ? $merge([{}, $each($v.M, function($x, $k) { {$k: $unmarshal($x)} })])"
    # A list inside a list would be joined to the outer one by a plain array constructor.
    " : $exists($v.L) ? $reduce($v.L, function($all, $x) {"
    " ($y := $unmarshal($x); $append($all, $type($y) = 'array' ? [[$y]] : [$y])) }, [])"
    " : $exists($v.SS) ? [$v.SS] : $exists($v.Ss) ? [$v.Ss]"
    " : $exists($v.NS) ? [$map($v.NS, $number_of)] : $exists($v.Ns) ? [$map($v.Ns, $number_of)]"
    " : $exists($v.BS) ? [$v.BS] : $exists($v.Bs) ? [$v.Bs]"
    " : $exists($v.B) ? $v.B"
    " : $error('an attribute has a type that is not known: ' & $string($v)) }"
)
"""Binds `$unmarshal`: a typed value to plain JSON; binary stays base64 text, and a whole number that a number of JSONata cannot
hold stays text. Types are spelled as DynamoDB does and as Step Functions' SDK integration does (`Bool`, `Nul`, `Ss`:
github.com/aws/aws-sdk-js, issue 4294, and aws-sdk-js-v3, issue 5423); which of them the optimised integration answers for
anything but texts is recorded nowhere. A type of neither spelling is an error, never an attribute less."""


def typed_value(value: Value, context: EmitContext) -> Json:
    """Return the value as DynamoDB wants it; an expression is converted in the run."""
    match value:
        case Expression():
            return code(f"({MARSHAL}; $marshal({context.expression(value)}))")
        case Reference() | Unknown():
            return {"S": context.value(value)}
        case Sensitive():
            return typed_value(value.value, context)
        case str():
            return {"S": value}
        case bool():
            return {"BOOL": value}
        case None:
            return {"NULL": True}
        case int() | float():
            return {"N": repr(value)}
        case Mapping():
            return {"M": typed_item(value, context)}
        case _:
            return {"L": [typed_value(item, context) for item in value]}


def typed_json(value: Json) -> Json:
    """Return plain JSON as DynamoDB stores it."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int() | float():
            return {"N": repr(value)}
        case Mapping():
            return {"M": {name: typed_json(item) for name, item in value.items()}}
        case _:
            return {"L": [typed_json(item) for item in value]}


def typed_item(item: Value, context: EmitContext) -> Json:
    """Return an item or key as DynamoDB wants it: typed values by attribute."""
    if isinstance(item, Mapping):
        return {name: typed_value(value, context) for name, value in item.items()}
    return code(f"({MARSHAL}; $marshal({context.expression(item)}).M)")


def plain_item(path: str) -> str:
    """Return JSONata for the plain JSON of the typed item at the path; an empty object when there is none."""
    return f"($exists({path}) ? ({UNMARSHAL}; $unmarshal({{'M': {path}}})) : {{}})"
