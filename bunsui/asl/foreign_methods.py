"""What other languages write as methods or functions: each with the expression of JSONata that does the same."""

from __future__ import annotations

import re
from collections.abc import Mapping


def _of(rows: str) -> Mapping[str, str]:
    """Read `NAME, NAME = EXPRESSION`, one a line; `X` stands for the value, `…` for the rest."""
    found: dict[str, str] = {}
    for row in rows.strip().splitlines():
        names, _, meant = row.partition(" = ")
        found.update(dict.fromkeys((name.strip().lower() for name in names.split(",")), meant))
    return found


_MEANT = _of("""
length, len, size, count = $length(X) of a text, $count(X) of a list
upper, touppercase, uppercase, ucase = $uppercase(X)
lower, tolowercase, lowercase, lcase = $lowercase(X)
trim, strip = $trim(X)
split = $split(X, …)
replace, replaceall, sub = $replace(X, …)
contains, includes, has = $contains(X, …) of a text, … in X of a list
startswith, starts_with, hasprefix, beginswith = $contains(X, /^…/)
endswith, ends_with, hassuffix = $contains(X, /…$/)
substring, substr, slice, left, mid, right = $substring(X, …)
join = $join(X, …)
map, foreach = $map(X, function($v) { … })
filter, where = $filter(X, function($v) { … }), or X[…]
reduce, fold = $reduce(X, function($sum, $v) { … })
tostring, str, text = $string(X)
tonumber, parseint, parsefloat, int, float, toint = $number(X)
first, head = X[0]
last, tail = X[-1]
concat, append, push, add = X & … of texts, $append(X, …) of lists
sum, total = $sum(X)
min, minimum = $min(X)
max, maximum = $max(X)
avg, average, mean = $average(X)
sort, sorted, orderby = $sort(X)
reverse, reversed = $reverse(X)
keys = $keys(X)
unique, distinct = $distinct(X)
isempty, is_empty, empty = $count(X) = 0 of a list, X = '' of a text
format, sprintf = text & X, or $formatNumber(X, …)
round = $round(X)
abs = $abs(X)
year = $substring(X, 0, 4)
month = $substring(X, 5, 2)
day = $substring(X, 8, 2)
date, todate, parsedate, strptime = $toMillis(X)
strftime, dateformat, formatdate = $fromMillis($toMillis(X), '[Y0001]-[M01]-[D01]')
adddays, plusdays, minusdays, dateadd, timedelta = slot: {offset: -1d} of the pipeline, or $fromMillis($toMillis(X) - 86400000)
coalesce, ifnull, nvl, default, orelse, getordefault = $exists(X) ? X : …
get, getitem, at = X.NAME, or X[0]
if, iif, ternary = CONDITION ? A : B
exists, isset, defined = $exists(X)
parsejson, fromjson, jsonparse, json_parse = $parse(X)
tojson, jsonstringify, dumps = $string(X)
uuid4, newguid, guid = $uuid()
today, utcnow, currentdate = $session.date
""")
_CALLED = re.compile(r"(?P<value>\$[A-Za-z_]\w*(?:\.(?:`[^`]*`|\w+)(?![\w(]))*)\.(?P<name>\w+)\s*\Z")


def jsonata_for(name: str, value: str = "x") -> str:
    """Return what JSONata writes for a method or function of another language, about a value; empty when it is not known."""
    meant = _MEANT.get(name.lower(), "")
    return re.sub(r"\bX\b", lambda match: value, meant)


def value_before(text: str, offset: int) -> str:
    """Return the path on which the method is called whose opening bracket stands behind the offset; `x` where it is no path."""
    opening = text.find("(", offset)
    called = _CALLED.search(text[: opening if opening >= 0 else len(text)])
    return called["value"] if called else "x"
