"""A form as rows; what a row tells when the cursor is on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.document.form.form import Form, FormField
from bunsui.document.form.shapes import FieldKind
from bunsui.document.yaml.tree import pointer
from bunsui.view.builder.entry import entered_text, is_list_of_texts, shape_words, value_words
from bunsui.view.spans import Line, Role, Span, line, span

ADD = "+"
"""The key of the row that adds an entry to a map, or an item to a list."""
_CHOICES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRow:
    """A row of a form."""

    key: str
    field: FormField | None
    """None for the row that adds something."""
    name: Line
    value: Line


def form_rows(form: Form, fitting: str = "") -> tuple[FormRow, ...]:
    """Return the rows: what is there first, then what may be set, in the order of the schema; only those of which the key or
    the description has the text `fitting`."""
    present = [field for field in form.fields if field.is_present]
    absent = [field for field in form.fields if not field.is_present]
    missing = [field for field in absent if field.is_required or field.key in form.exactly_one_of]
    rest = [field for field in absent if field not in missing]
    wanted = fitting.casefold()
    shown = (field for field in (*present, *missing, *rest) if wanted in f"{field.key} {field.description}".casefold())
    rows = [_row(field, form) for field in shown]
    if form.kind in (FieldKind.MAP, FieldKind.LIST):
        what = "entry" if form.kind is FieldKind.MAP else "item"
        adds = line(span(f"+ add {what}…", Role.HINT))
        rows.append(FormRow(key=ADD, field=None, name=adds, value=line()))
    return tuple(rows)


def form_title(form: Form) -> Line:
    """Return the place of a form as a way: `jobs › load › retry`; `pipeline` for the whole file."""
    steps = [str(step + 1) if isinstance(step, int) else step for step in form.path] or ["pipeline"]
    *around, last = steps
    return line(span("".join(f"{step} › " for step in around), Role.MUTED), span(last, Role.STRONG))


def field_lines(form: Form, field: FormField | None) -> tuple[Line, ...]:
    """Return what there is to know of a field: what it is for, what it may hold, what is wrong with it."""
    lines = [*_finding_lines([finding for finding in form.findings if finding.pointer == pointer(form.path)])]
    if field is None:
        return (*lines, line(span(form.description, Role.MUTED)))
    lines += _finding_lines(field.findings)
    if field.description:
        lines.append(line(span(field.description)))
    kinds = [span(shape_words(field), Role.MUTED)]
    if field.is_required and not field.is_present:
        kinds.append(span("  must be set, here or by defaults", Role.MUTED))
    if field.part.has_default and field.part.default not in (None, "", [], {}):
        kinds.append(span(f"  without it: {entered_text(field.part.default)}", Role.MUTED))
    choices = [entered_text(choice) for shape in field.shapes for choice in shape.choices]
    if choices:
        more = f" and {len(choices) - _CHOICES} more" if len(choices) > _CHOICES else ""
        kinds.append(span(f"  {', '.join(choices[:_CHOICES])}{more}", Role.MUTED))
    elif field.part.examples:
        kinds.append(span(f"  such as {', '.join(entered_text(one) for one in field.part.examples[:3])}", Role.MUTED))
    return (*lines, line(*kinds))


def opens_form(field: FormField) -> bool:
    """Tell whether the field has a form of its own rather than a line to type: nested keys, maps, and lists of such."""
    if field.is_present:
        return field.is_form and not is_list_of_texts(field.value)
    kinds = [shape.kind for shape in field.shapes]
    if not kinds or FieldKind.TEXT in kinds:
        return False
    is_of_texts = kinds[0] is FieldKind.LIST and field.shapes[0].part.get("items", {}).get("type") == "string"
    return kinds[0] in (FieldKind.NESTED, FieldKind.MAP, FieldKind.LIST) and not is_of_texts


def _row(field: FormField, form: Form) -> FormRow:
    named = f"{field.key + 1}" if isinstance(field.key, int) else field.key
    role = Role.NAME if field.is_present else Role.WARN if _is_missing(field, form) else Role.MUTED
    return FormRow(
        key=str(field.key),
        field=field,
        name=line(span(named, role)),
        value=line(*_value_spans(field, form)),
    )


def _value_spans(field: FormField, form: Form) -> Iterator[Span]:
    worst = _worst(field.findings)
    if worst is not None:
        yield span("✗ " if worst is Severity.ERROR else "! ", Role.BAD if worst is Severity.ERROR else Role.WARN)
    if field.is_present:
        yield span(value_words(field.value), Role.LINK if field.is_placeholder else Role.TEXT)
        if opens_form(field):
            yield span(" ›", Role.MUTED)
    elif _is_missing(field, form):
        yield span("one of these" if field.key in form.exactly_one_of else "missing", Role.WARN)
    elif field.part.has_default and field.part.default not in (None, "", [], {}):
        yield span(entered_text(field.part.default), Role.MUTED)
    else:
        yield span("–", Role.MUTED)


def _is_missing(field: FormField, form: Form) -> bool:
    """Tell whether the field must be set, and is not: of a default that lies outside of the form the schema knows nothing."""
    if not any(finding.pointer == pointer(form.path) for finding in form.findings):
        return False
    has_one = any(one.is_present for one in form.fields if one.key in form.exactly_one_of)
    return not field.is_present and (field.is_required or (field.key in form.exactly_one_of and not has_one))


def _worst(findings: Sequence[Diagnostic]) -> Severity | None:
    found = {finding.severity for finding in findings if finding.accepted is None}
    return next((severity for severity in Severity if severity in found), None)


def _finding_lines(findings: Sequence[Diagnostic]) -> Iterator[Line]:
    for finding in findings:
        role = Role.BAD if finding.is_error else Role.WARN
        yield line(span("✗ " if finding.is_error else "! ", role), span(finding.summary, role))
        if finding.hint:
            yield line(span(finding.hint, Role.HINT), indent=2)
