"""How a draft begins: one of the project's pipelines, a new one, or a project where there is none."""

from __future__ import annotations

import re
from collections.abc import Callable

from textual.screen import Screen

from bunsui.model.names import ID_PATTERN
from bunsui.tui.building.desk import DraftDesk
from bunsui.tui.building.messages import NewPipelineShown, ProjectLooked
from bunsui.tui.screens.choose import ChooseScreen, MenuChoice
from bunsui.tui.screens.confirm import ConfirmScreen
from bunsui.tui.screens.enter_value import EnterValueScreen
from bunsui.view.safe import safe
from bunsui.view.spans import Line, Role, line, span


class Starter:
    """Knows which pipelines there are, and what a new one may begin as."""

    def __init__(self, screen: Screen[None], desk: DraftDesk) -> None:
        """Serve the screen."""
        self._screen = screen
        self._desk = desk
        self._known: ProjectLooked | None = None

    def learn(self, found: ProjectLooked) -> None:
        """Take what was found in the project."""
        self._known = found

    def welcome_lines(self) -> tuple[Line, ...]:
        """Return what to do where there is no pipeline yet."""
        has_project = self._known is not None and self._known.has_project
        what = "there is no pipeline here yet" if has_project else "there is no project in this folder yet"
        makes = "begins one" if has_project else "makes one with a first pipeline, after showing its files"
        return (line(span(what)), line(), line(span("n ", Role.HINT), span(makes, Role.MUTED)))

    def choose(self, take: Callable[[str], None]) -> None:
        """Choose one of the pipelines; those with a draft say so."""
        if self._known is None:
            return
        files = dict.fromkeys((*self._known.files, *self._known.drafts))
        menu = [MenuChoice(label="draft" if file in self._known.drafts else "", value=file, told=safe(file)) for file in files]

        def choose_file(choice: MenuChoice | None) -> None:
            if choice is not None:
                take(choice.value)

        self._screen.app.push_screen(ChooseScreen("pipelines", menu), choose_file)

    def begin(self) -> None:
        """Begin a new pipeline: choose what it begins as, then its name."""
        if self._known is None:
            return
        menu = [MenuChoice(label=name, value=name, told=safe(words)) for name, words in self._known.templates.items()]

        def choose_template(choice: MenuChoice | None) -> None:
            if choice is not None:
                self._ask_name(choice.value)

        self._screen.app.push_screen(ChooseScreen("begin a new pipeline as", menu), choose_template)

    def _ask_name(self, template: str) -> None:
        def begin_named(name: str) -> str | None:
            if not re.fullmatch(ID_PATTERN, name):
                return "a name begins with a letter and has letters, digits, - and _"
            self._desk.begin(self._screen, name, template)
            return None

        self._screen.app.push_screen(EnterValueScreen("name of the new pipeline", on_text=begin_named))

    def confirm(self, message: NewPipelineShown) -> None:
        """Show which files a new pipeline comes with, and ask before they are written."""
        new = message.new
        lines = [line(span("+ ", Role.CREATE), span(draft.file)) for draft in new.drafts]
        lines += [line(span(f"  {file} stays as it is", Role.MUTED)) for file in new.kept]
        self._screen.app.push_screen(
            ConfirmScreen(
                f"write {len(new.drafts)} new files?",
                lines,
                yes="write them",
                on_yes=lambda: self._desk.write_new(self._screen, new.digest),
            )
        )
