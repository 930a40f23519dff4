"""Editing a field of a form: the dialog that suits what it may hold, and the edit that comes of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from textual.screen import Screen

from bunsui.tui.building.desk import DraftDesk
from bunsui.tui.screens.choose import ChooseScreen, MenuChoice
from bunsui.tui.screens.enter_value import EnterValueScreen
from bunsui.view.safe import safe
from bunsui.view.spans import Role, line, span

if TYPE_CHECKING:
    # At run time these would bring YAML and pydantic before the first frame.
    from bunsui.document.edit.edits import DocumentEdit
    from bunsui.document.form.form import Form, FormField
    from bunsui.document.form.shapes import ShapedPart
    from bunsui.model.json import Json

_NOTHING_TYPED = 'nothing is typed: "" stands for a text without a letter'


class FieldEditor:
    """Asks for values on behalf of a screen, and has the desk set them."""

    def __init__(self, screen: Screen[None], desk: DraftDesk) -> None:
        """Serve the screen."""
        self._screen = screen
        self._desk = desk

    def edit(self, form: Form, field: FormField, *, job_names: tuple[str, ...] = ()) -> None:
        """Edit a field by what it may hold: choose, type, or open its own form."""
        from bunsui.document.form.shapes import FieldKind
        from bunsui.view.builder.form_rows import opens_form

        kinds = {shape.kind for shape in field.shapes}
        if field.key == "type" and kinds == {FieldKind.CHOICE}:
            self._choose(form, field, lambda value: self.change_type(form, str(value)))
        elif opens_form(field):
            self._desk.open_form(self._screen, field.path)
        elif field.shapes and kinds <= {FieldKind.CHOICE, FieldKind.SWITCH} and not field.is_placeholder:
            self._choose(form, field, lambda value: self.set_value(form, field.key, value))
        else:
            self.type_value(form, field, suggestions=job_names)

    def type_value(self, form: Form, field: FormField, *, suggestions: tuple[str, ...] = ()) -> None:
        """Let the value be typed, whatever it is."""
        from bunsui.view.builder.entry import edited_text
        from bunsui.view.builder.form_rows import field_lines

        examples = tuple(str(one) for one in field.part.examples)
        self._screen.app.push_screen(
            EnterValueScreen(
                str(field.key),
                field_lines(form, field),
                value=edited_text(field.value),
                suggestions=(*suggestions, *examples),
                words=suggestions,
                on_text=partial(self._retype, form, field),
                find_names=partial(self._desk.find_names, place=field.path),
            )
        )

    def _retype(self, form: Form, field: FormField, text: str) -> str | None:
        """Take what stands in the line of a field at last: as it was changes nothing, emptied takes the field away."""
        from bunsui.view.builder.entry import edited_text

        if text == edited_text(field.value):
            return None
        if not text.strip():
            self.unset(form, field)
            return None
        return self._take_text(form, field.key, field.part, text)

    def unset(self, form: Form, field: FormField) -> None:
        """Take a field away, so that its default holds."""
        from bunsui.document.form.field_edits import unset_field

        if field.is_present:
            self._do(form, unset_field(form, field.key), f"no {field.key}")

    def add(self, form: Form) -> None:
        """Add an entry to a map, or an item to a list."""
        from bunsui.document.form.shapes import FieldKind

        if form.added is None:
            return
        if form.kind is FieldKind.MAP:
            title, hint = "name of the new entry", line(span(form.description, Role.MUTED))
            self._ask(title, hint, partial(self._add_entry, form, form.added))
        elif any(shape.is_operation for shape in form.added.shapes):
            self._choose_type(form)
        else:
            self._add_item(form, form.added)

    def set_value(self, form: Form, key: str | int, value: Json) -> None:
        """Set a field."""
        from bunsui.document.form.field_edits import set_field
        from bunsui.view.builder.entry import value_words

        self._do(form, set_field(form, key, value), f"{key}: {value_words(value)}")

    def change_type(self, form: Form, name: str) -> None:
        """Change the type of a job or operation."""
        from bunsui.document.form.field_edits import change_type
        from bunsui.document.formatting.file_format import kind_of
        from bunsui.document.schema.check import file_schema
        from bunsui.document.yaml.reader import read_document

        def make(draft: object, repository: object) -> DocumentEdit:
            from bunsui.document.edit.draft import Draft
            from bunsui.project.repository import Repository

            assert isinstance(draft, Draft)
            assert isinstance(repository, Repository)
            document = read_document(draft.file, draft.content).document
            data = document.data if document is not None else None
            return change_type(file_schema(kind_of(draft.file), repository.registry), data, form.path, name)

        self._desk.edit(self._screen, make, f"{_place(form)}: {name}")

    def _choose(self, form: Form, field: FormField, take: Callable[[Json], None]) -> None:
        from bunsui.document.form.shapes import FieldKind
        from bunsui.view.builder.entry import entered_text

        choices: list[tuple[Json, str]] = []
        for shape in field.shapes:
            if shape.kind is FieldKind.SWITCH:
                choices += [(True, ""), (False, "")]
            words = shape.choice_words or ("",) * len(shape.choices)
            choices += zip(shape.choices, words, strict=True)
        values = {entered_text(value): value for value, _ in choices}
        menu = [
            MenuChoice(label=safe(entered_text(value)), value=entered_text(value), told=safe(words)) for value, words in choices
        ]

        def take_choice(choice: MenuChoice | None) -> None:
            if choice is not None:
                take(values[choice.value])

        self._screen.app.push_screen(ChooseScreen(f"{_place(form)} {field.key}", menu), take_choice)

    def _choose_type(self, form: Form) -> None:
        from bunsui.document.form.field_edits import add_item
        from bunsui.services.drafting.new_job import new_job

        def take_choice(choice: MenuChoice | None) -> None:
            if choice is not None:
                then = (*form.path, len(form.fields))
                self._do(form, add_item(form, new_job(choice.value)), f"+ {choice.value}", then=then)

        self._screen.app.push_screen(ChooseScreen("type of the new operation", type_menu(form.added)), take_choice)

    def _add_entry(self, form: Form, part: ShapedPart, name: str) -> str | None:
        import re

        from bunsui.document.form.field_edits import add_entry
        from bunsui.document.form.shapes import FieldKind

        if form.key_pattern and not re.search(form.key_pattern, name):
            return "a name begins with a letter and has letters, digits, - and _"
        if any(field.key == name for field in form.fields):
            return f"{safe(name)} is there already"
        if {shape.kind for shape in part.shapes} & {FieldKind.NESTED, FieldKind.MAP}:
            self._do(form, add_entry(form, name, {}), f"+ {name}", then=(*form.path, name))
            return None
        value = EnterValueScreen(
            f"{_place(form)} {safe(name)}",
            on_text=partial(self._take_text, form, name, part),
            find_names=partial(self._desk.find_names, place=(*form.path, name)),
        )
        self._screen.call_after_refresh(self._screen.app.push_screen, value)
        return None

    def _add_item(self, form: Form, part: ShapedPart) -> None:
        from bunsui.document.form.field_edits import add_item
        from bunsui.document.form.shapes import FieldKind

        if {shape.kind for shape in part.shapes} <= {FieldKind.NESTED, FieldKind.MAP}:
            self._do(form, add_item(form, {}), "+ item", then=(*form.path, len(form.fields)))
            return
        place = (*form.path, len(form.fields))
        item = EnterValueScreen(
            "new item", on_text=partial(self._take_item, form, part), find_names=partial(self._desk.find_names, place=place)
        )
        self._screen.app.push_screen(item)

    def _take_item(self, form: Form, part: ShapedPart, text: str) -> str | None:
        from bunsui.document.form.field_edits import add_item
        from bunsui.view.builder.entry import NotAValue, typed_value

        if not text.strip():
            return _NOTHING_TYPED
        try:
            value = typed_value(part, text)
        except NotAValue as problem:
            return str(problem)
        self._do(form, add_item(form, value), f"+ {text}")
        return None

    def _take_text(self, form: Form, key: str | int, part: ShapedPart, text: str) -> str | None:
        from bunsui.view.builder.entry import NotAValue, typed_value

        if not text.strip():
            return _NOTHING_TYPED
        try:
            value = typed_value(part, text)
        except NotAValue as problem:
            return str(problem)
        self.set_value(form, key, value)
        return None

    def _ask(self, title: str, hint: object, take: Callable[[str], str | None]) -> None:
        from bunsui.view.spans import Line

        lines = [hint] if isinstance(hint, Line) and hint.parts else []
        self._screen.app.push_screen(EnterValueScreen(title, lines, on_text=take))

    def _do(self, form: Form, edit: DocumentEdit, summary: str, *, then: tuple[str | int, ...] | None = None) -> None:
        self._desk.edit(self._screen, lambda _draft, _repository: edit, f"{_place(form)}: {summary}", then=then)


def type_menu(part: ShapedPart | None) -> list[MenuChoice]:
    """Return the operation types to choose from, each with what it does, plug-ins' too."""
    shapes = part.shapes if part is not None else ()
    for shape in shapes:
        kind = shape.part.get("properties", {}).get("type", {})
        names, words = kind.get("enum", ()), kind.get("enumDescriptions", ())
        if names:
            told = words or ("",) * len(names)
            return [MenuChoice(label=name, value=name, told=safe(text)) for name, text in zip(names, told, strict=True)]
    return []


def _place(form: Form) -> str:
    return ".".join(str(step) for step in form.path) or "pipeline"
