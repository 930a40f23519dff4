"""The form of a place in a file: its fields, what stands in each, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bunsui.diagnostics import Diagnostic
from bunsui.document.edit.read_text import ReadText, read_text
from bunsui.document.edit.spans import SpannedText
from bunsui.document.form.schema_keys import SchemaKeys, keys_of, part_at, part_below
from bunsui.document.form.shapes import FieldKind, ShapedPart, ValueShape, is_placeholder, shaped_part
from bunsui.document.formatting.file_format import kind_of
from bunsui.document.schema.check import file_schema
from bunsui.document.schema.published import Schema
from bunsui.document.yaml.tree import Path, pointer
from bunsui.model.json import Json
from bunsui.operations.contract import OperationType


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One key, or one item of a list."""

    key: str | int
    path: Path
    """In the file, as `bunsui.document.edit` takes it."""
    part: ShapedPart
    """What it may hold: description, default, examples, and the shapes to choose from."""
    shape: ValueShape | None
    """The shape of what stands there; the first one where nothing does. None: it fits no shape, or is a placeholder."""
    is_required: bool
    is_present: bool
    value: Json = None
    """What stands there; None also where nothing does."""
    line: int = 0
    """Of the key in the file, from 1; 0 where it is not there."""
    last_line: int = 0
    findings: tuple[Diagnostic, ...] = ()
    """What is wrong at it or below it."""

    @property
    def description(self) -> str:
        """What the schema says of it."""
        return self.part.description

    @property
    def shapes(self) -> tuple[ValueShape, ...]:
        """What it may be; more than one: a choice of shape."""
        return self.part.shapes

    @property
    def is_placeholder(self) -> bool:
        """True where `${…}` stands, which is filled in at plan time."""
        return is_placeholder(self.value)

    @property
    def is_form(self) -> bool:
        """True where a form of its own opens: for nested keys, maps and lists of such."""
        return self.shape is not None and self.shape.kind in (FieldKind.NESTED, FieldKind.MAP, FieldKind.LIST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A place in a file with its fields."""

    file: str
    path: Path
    kind: FieldKind
    """NESTED: keys that the schema names; MAP and LIST: what the user adds. Anything else has no fields."""
    description: str
    fields: tuple[FormField, ...]
    order: tuple[str, ...] = ()
    """The schema's order of keys, in which new ones are put among the others."""
    exactly_one_of: tuple[str, ...] = ()
    """Keys of which one must be there and no second one."""
    added: ShapedPart | None = None
    """What a new entry of a map or item of a list may be."""
    key_pattern: str = ""
    """A regular expression for the keys of a map."""
    line: int = 0
    findings: tuple[Diagnostic, ...] = ()
    """What is wrong at the place itself or below it: a missing key is told here."""

    def field(self, key: str | int) -> FormField:
        """Return the field of a key or index. KeyError when there is none."""
        for one in self.fields:
            if one.key == key:
                return one
        raise KeyError(key)


def read_form(
    file: str,
    content: bytes,
    path: Path,
    registry: Mapping[str, OperationType],
    *,
    findings: Sequence[Diagnostic] = (),
) -> Form | None:
    """Return the form of a place; None when the text cannot be read, for then the last good form is what there is.

    A place that is not there yet has its form too: setting a field makes it. `findings` are those of the file.
    """
    text = read_text(file, content)
    if text.problems or text.spanned is None:
        return None
    return form_of(file, text, path, file_schema(kind_of(file), registry), findings)


def form_of(file: str, text: ReadText, path: Path, schema: Schema, findings: Sequence[Diagnostic] = ()) -> Form:
    """Return the form of a place in a text that was read."""
    part, value = part_at(schema, text.data, path)
    shape = part.shape_of(value) or next(
        (one for one in part.shapes if one.kind in (FieldKind.NESTED, FieldKind.MAP, FieldKind.LIST)), None
    )
    maker = _Maker(text=text, schema=schema, path=path, value=value, findings=findings)
    kind = shape.kind if shape is not None else FieldKind.ANYTHING
    keys = keys_of(schema, shape, value) if shape is not None and kind is FieldKind.NESTED else SchemaKeys(parts={})
    fields: Iterator[FormField] = iter(())
    added = None
    if shape is not None and kind is FieldKind.NESTED:
        fields = maker.schema_fields(keys)
    elif shape is not None and kind in (FieldKind.MAP, FieldKind.LIST):
        added = shaped_part(schema, part_below(schema, shape, value, 0 if kind is FieldKind.LIST else ""))
        fields = maker.entries(added)
    line, _ = maker.lines(path)
    return Form(
        file=file,
        path=path,
        kind=kind,
        description=part.description,
        fields=tuple(fields),
        order=tuple(keys.parts),
        exactly_one_of=keys.exactly_one_of,
        added=added,
        key_pattern=shape.pattern if shape is not None and kind is FieldKind.MAP else "",
        line=line,
        findings=maker.below(path),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Maker:
    """Makes the fields of one place."""

    text: ReadText
    schema: Schema
    path: Path
    value: Json
    findings: Sequence[Diagnostic]

    def schema_fields(self, keys: SchemaKeys) -> Iterator[FormField]:
        """Yield a field for each key of the schema, then one for each that it does not know."""
        data: Mapping[str, Json] = self.value if isinstance(self.value, Mapping) else {}
        for key, part in keys.parts.items():
            yield self._field(
                key, shaped_part(self.schema, part), data.get(key), is_present=key in data, is_required=key in keys.required
            )
        for key, value in data.items():
            if key not in keys.parts and key != "$schema":
                yield self._field(key, shaped_part(self.schema, {}), value, is_present=True)

    def entries(self, part: ShapedPart) -> Iterator[FormField]:
        """Yield a field for each entry of a map, or item of a list."""
        if isinstance(self.value, Mapping):
            for key, value in self.value.items():
                yield self._field(key, part, value, is_present=True)
        elif isinstance(self.value, list):
            for index, value in enumerate(self.value):
                yield self._field(index, part, value, is_present=True)

    def _field(
        self, key: str | int, part: ShapedPart, value: Json, *, is_present: bool, is_required: bool = False
    ) -> FormField:
        path = (*self.path, key)
        line, last = self.lines(path) if is_present else (0, 0)
        shape = part.shape_of(value) if is_present else next(iter(part.shapes), None)
        return FormField(
            key=key,
            path=path,
            part=part,
            shape=shape,
            is_required=is_required,
            is_present=is_present,
            value=value,
            line=line,
            last_line=last,
            findings=self.below(path),
        )

    def lines(self, path: Path) -> tuple[int, int]:
        """Return the first and the last line of a place; 0 for one that is not there."""
        spanned: SpannedText | None = self.text.spanned
        if spanned is None:
            return 0, 0
        entry = spanned.entry(path)
        if entry is not None:
            return spanned.line_number(entry.start), spanned.line_number(entry.end)
        return (spanned.line_number(spanned.root.start), len(spanned.starts)) if not path else (0, 0)

    def below(self, path: Path) -> tuple[Diagnostic, ...]:
        """Return the findings at a place or below it; by their line where they name no place in the document."""
        here, (first, last) = pointer(path), self.lines(path)
        root, _ = self.lines(())

        def is_here(one: Diagnostic) -> bool:
            if one.pointer or not path or one.position is None or one.position.line <= root:
                return one.pointer == here or one.pointer.startswith(f"{here}/")
            return first <= one.position.line <= last

        return tuple(one for one in self.findings if is_here(one))
