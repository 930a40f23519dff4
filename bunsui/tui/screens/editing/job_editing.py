"""Jobs added, deleted, moved, renamed: what is asked for it, and the edits that come of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from textual.screen import Screen

from bunsui.model.names import ID_PATTERN
from bunsui.tui.building.desk import DraftDesk
from bunsui.tui.building.held_draft import MakeEdit
from bunsui.tui.screens.choose import ChooseScreen, MenuChoice
from bunsui.tui.screens.enter_value import EnterValueScreen
from bunsui.view.safe import safe
from bunsui.view.spans import Role, line, span

if TYPE_CHECKING:
    # At run time these would bring YAML and pydantic before the first frame.
    from bunsui.document.edit.draft import Draft
    from bunsui.document.edit.edits import DocumentEdit
    from bunsui.document.form.form import Form, FormField
    from bunsui.project.repository import Repository
    from bunsui.view.builder.page import DraftPage


class JobEditor:
    """Asks for names and types on behalf of a screen, and has the desk make the edits."""

    def __init__(self, screen: Screen[None], desk: DraftDesk) -> None:
        """Serve the screen."""
        self._screen = screen
        self._desk = desk

    def add(self, page: DraftPage, *, after: str) -> None:
        """Ask for a type and a name; the new job depends on the one that it is put behind."""
        from bunsui.operations.registry import builtin_registry

        types = self._desk.types or builtin_registry()
        menu = [MenuChoice(label=kind, value=kind, told=safe(found.summary)) for kind, found in types.items()]

        def take_type(choice: MenuChoice | None) -> None:
            if choice is not None:
                self._ask_name(page, choice.value, after)

        self._screen.app.push_screen(ChooseScreen("type of the new job", menu), take_type)

    def delete(self, page: DraftPage, job: str) -> None:
        """Take a job away, also out of what depends on it, which then depends on what it depended on."""
        from bunsui.document.edit.edits import EditSequence, RemoveValue, SetValue

        gone = next(one for one in page.jobs if one.name == job)
        edits: list[DocumentEdit] = [RemoveValue(path=("jobs", job))]
        for other in page.jobs:
            if job in other.depends_on:
                kept = [name for name in other.depends_on if name != job]
                needs = list(dict.fromkeys((*kept, *gone.depends_on)))
                path = ("jobs", other.name, "depends_on")
                edits.append(SetValue(path=path, value=[*needs]) if needs else RemoveValue(path=path))
        self._desk.edit(self._screen, _always(EditSequence(edits=tuple(edits))), f"- job {job}", then=())

    def rename(self, page: DraftPage, job: str) -> None:
        """Ask for another name; what depends on the job follows it."""
        from bunsui.document.edit.read_text import read_text
        from bunsui.document.form.job_names import rename_job

        def take_name(name: str) -> str | None:
            why = _name_problem(page, name)
            if why is not None:
                return why

            def make(draft: Draft, _repository: Repository) -> DocumentEdit:
                return rename_job(read_text(draft.file, draft.content).data, ("jobs", job), name)

            self._desk.edit(self._screen, make, f"{job} → {name}", then=("jobs", name))
            return None

        lines = [line(span("dependencies, expressions and tests that name it follow", Role.MUTED))]
        self._screen.app.push_screen(EnterValueScreen(f"another name for {safe(job)}", lines, value=job, on_text=take_name))

    def move(self, page: DraftPage, job: str, step: int) -> None:
        """Move a job among the others in the file; what runs after what stays."""
        names = [one.name for one in page.jobs]
        place = names.index(job) + step
        if 0 <= place < len(names):
            self._move(("jobs", job), place, f"{job} to place {place + 1}")

    def move_entry(self, form: Form, field: FormField | None, step: int) -> None:
        """Move an entry or item of a form among its neighbours."""
        from bunsui.document.form.shapes import FieldKind

        if field is None or form.kind not in (FieldKind.LIST, FieldKind.MAP):
            return
        place = form.fields.index(field) + step
        if 0 <= place < len(form.fields):
            self._move(field.path, place, f"{field.key} to place {place + 1}")

    def _move(self, path: tuple[str | int, ...], place: int, summary: str) -> None:
        from bunsui.document.form.field_edits import move_entry

        self._desk.edit(self._screen, _always(move_entry(path, place)), f"moved {summary}")

    def _ask_name(self, page: DraftPage, kind: str, after: str) -> None:
        from bunsui.document.form.field_edits import add_job
        from bunsui.services.drafting.new_job import new_job

        names = [job.name for job in page.jobs]
        place = names.index(after) + 1 if after in names else None

        def take_name(name: str) -> str | None:
            why = _name_problem(page, name)
            if why is not None:
                return why

            edit = add_job(name, new_job(kind, after=after), place)
            self._desk.edit(self._screen, _always(edit), f"+ job {name}", then=("jobs", name))
            return None

        hint = f"it will depend on {after}" if after else "it will depend on no other job"
        lines = [line(span(hint, Role.MUTED))]
        self._screen.app.push_screen(EnterValueScreen(f"name of the new {safe(kind)} job", lines, on_text=take_name))


def _always(edit: DocumentEdit) -> MakeEdit:
    return lambda _draft, _repository: edit


def _name_problem(page: DraftPage, name: str) -> str | None:
    if not re.fullmatch(ID_PATTERN, name):
        return "a name begins with a letter and has letters, digits, - and _"
    return f"there is a job {safe(name)} already" if any(job.name == name for job in page.jobs) else None
