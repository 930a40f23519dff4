"""The code file of a job: opened in the user's editor, or begun, after it was shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bunsui.tui.building.desk import DraftDesk
from bunsui.tui.building.messages import CodeShown, JobCodeFound
from bunsui.tui.building.text_editor import edit_file
from bunsui.tui.screens.base import FullScreen
from bunsui.tui.screens.choose import ChooseScreen, MenuChoice
from bunsui.tui.screens.confirm import ConfirmScreen
from bunsui.tui.screens.enter_value import EnterValueScreen
from bunsui.view.safe import safe
from bunsui.view.spans import Role, line, span

if TYPE_CHECKING:
    # At run time this would bring YAML and pydantic before the first frame.
    from bunsui.document.yaml.tree import Path as Place


class CodeEditor:
    """Asks on behalf of a screen, and has the desk find and write."""

    def __init__(self, screen: FullScreen, desk: DraftDesk) -> None:
        """Serve the screen."""
        self._screen = screen
        self._desk = desk
        self._then: Callable[[JobCodeFound], None] | None = None
        """What the code is wanted for."""
        self._place: Place = ()

    def look(self, place: Place, *, otherwise: Callable[[], None]) -> None:
        """Open the code file of a place, or the text of the pipeline: ask which, where there is such a file."""

        def choose(found: JobCodeFound) -> None:
            if found.path is None or found.code is None:
                otherwise()
                return
            menu = [
                MenuChoice(label="pipeline", value="pipeline", told="the draft of its file"),
                MenuChoice(label="code", value="code", told=safe(found.code.file)),
            ]
            self._screen.app.push_screen(
                ChooseScreen("edit which?", menu), lambda choice: self._open_chosen(choice, found, otherwise)
            )

        self._ask(place, choose)

    def make(self, place: Place) -> None:
        """Begin the code file of a place: ask for its folder where the draft says none; open it where it is there."""

        def begin(found: JobCodeFound) -> None:
            code = found.code
            if code is None:
                told = "this job has no code of its own: one of type lambda without function: may have some"
                self._screen.answer(line(span(told, Role.WARN)))
            elif found.path is not None:
                self._open(found)
            elif code.is_said:
                self._desk.code.begin(self._screen, code.place, "")
            else:
                self._ask_folder(code.place, code.folder)

        self._ask(place, begin)

    def take(self, found: JobCodeFound) -> None:
        """Go on with the code that was found."""
        then, self._then = self._then, None
        if then is not None and self._screen.is_current:
            then(found)

    def confirm(self, message: CodeShown) -> None:
        """Show the file, and ask before it is written."""
        new = message.new
        diff = new.draft.diff()
        lines = [line(span(text, Role.AFTER)) for text in diff.lines if not text.startswith(("--- ", "+++ ", "@@"))]
        if new.edit is not None:
            lines += [line(), line(span("the draft says it in the job's code:, to be written with w", Role.MUTED))]
        self._screen.app.push_screen(
            ConfirmScreen(
                f"make {safe(diff.file)}?",
                lines,
                yes="make it",
                on_yes=lambda: self._desk.code.write(self._screen, diff.digest),
            )
        )

    def _ask(self, place: Place, then: Callable[[JobCodeFound], None]) -> None:
        self._then = then
        self._desk.code.find(self._screen, place)

    def _ask_folder(self, place: Place, proposed: str) -> None:
        def take_folder(text: str) -> str | None:
            folder = text.strip().strip("/")
            if not folder:
                return "a folder of the project, such as functions/load"
            self._desk.code.begin(self._screen, place, folder)
            return None

        hint = line(span("several jobs may share a folder: all of it is packaged", Role.MUTED))
        self._screen.app.push_screen(EnterValueScreen("folder of the code", [hint], value=proposed, on_text=take_folder))

    def _open_chosen(self, choice: MenuChoice | None, found: JobCodeFound, otherwise: Callable[[], None]) -> None:
        if choice is not None and choice.value == "code":
            self._open(found)
        elif choice is not None:
            otherwise()

    def _open(self, found: JobCodeFound) -> None:
        if found.path is None:
            return
        told = edit_file(self._screen.app, found.path)
        self._desk.code.look_again(self._screen)
        self._screen.answer(told)
