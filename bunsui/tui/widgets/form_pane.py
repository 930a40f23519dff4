"""A form: a row for each key that may be set, those that are set first."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from bunsui.tui.widgets.virtual_table import Cells, Column, VirtualTable
from bunsui.view.spans import Line
from bunsui.view.table import cells as width_of_text

if TYPE_CHECKING:
    from bunsui.document.form.form import Form, FormField
    from bunsui.view.builder.form_rows import FormRow

_WIDEST_NAME = 20


class FormPane(VirtualTable, inherit_bindings=False):
    """`enter` edits the field under the cursor, or opens its own form."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *VirtualTable.BINDINGS[:-1],
        Binding("enter,l,right", "choose", "edit", id="form.edit", key_display="enter"),
        Binding("i", "type_value", "type it", id="form.type", show=False),
        Binding("x,delete", "unset", "unset", id="form.unset"),
        Binding("h,left,backspace", "out", "form outside", id="form.out", show=False),
    ]

    class FieldAsked(Message):
        """Something is to be done with the field under the cursor."""

        def __init__(self, row: FormRow, what: str) -> None:
            """Carry the row; `what`: edit, type, unset."""
            super().__init__()
            self.row = row
            self.what = what

    class LeftForm(Message):
        """The form around this one is wanted."""

    def __init__(self) -> None:
        """Begin without a form."""
        super().__init__([Column(title="", quiet=True), Column(title="", quiet=True)], id="form")
        self.form: Form | None = None
        self._fitting = ""
        self._rows: dict[str, FormRow] = {}

    @property
    def row(self) -> FormRow | None:
        """The row under the cursor."""
        return self._rows.get(self.cursor_key or "")

    @property
    def field(self) -> FormField | None:
        """The field under the cursor."""
        return self.row.field if self.row is not None else None

    def show_form(self, form: Form) -> None:
        """Show a form; the cursor stays on its field in the same place, and begins at the first one of another."""
        from bunsui.view.builder.form_rows import form_rows  # deferred: brings YAML

        is_another = self.form is None or self.form.path != form.path
        self.form = form
        self._rows = {row.key: row for row in form_rows(form, self._fitting)}
        names = max((width_of_text(row.name.text) for row in self._rows.values()), default=4)
        self.set_columns([Column(title="", width=max(min(names, _WIDEST_NAME), 8), quiet=True), Column(title="", quiet=True)])
        self.show(tuple(self._rows), self._cells)
        if is_another:
            self.action_edge(-1)

    def narrow(self, fitting: str) -> None:
        """Show only the fields that have the text in their key or description; all for an empty one."""
        self._fitting = fitting
        if self.form is not None:
            self.show_form(self.form)

    def action_choose(self) -> None:
        """Edit the field under the cursor."""
        self._ask("edit")

    def action_type_value(self) -> None:
        """Type the value of the field under the cursor, whatever it is."""
        self._ask("type")

    def action_unset(self) -> None:
        """Take the field under the cursor away."""
        self._ask("unset")

    def action_out(self) -> None:
        """Go to the form around this one."""
        self.post_message(self.LeftForm())

    def _ask(self, what: str) -> None:
        if self.row is not None:
            self.post_message(self.FieldAsked(self.row, what))

    def _cells(self, key: str) -> Cells:
        row = self._rows[key]
        return row.name, Line(row.value.parts)
