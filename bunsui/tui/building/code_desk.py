"""The code file of the job under the cursor: found, shown before it is made, written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message_pump import MessagePump

from bunsui.errors import Refused
from bunsui.tui.building.held_draft import HeldDraft
from bunsui.tui.building.messages import CodeShown, DraftSaved, JobCodeFound
from bunsui.tui.work_threads import Post
from bunsui.view.spans import Role, line, span

if TYPE_CHECKING:
    # At run time these would bring YAML and pydantic before the first frame.
    from bunsui.document.yaml.tree import Path as Place
    from bunsui.services.drafting.code_file import NewCode


class CodeDesk:
    """Holds the code file that was shown. Its methods begin work and return at once."""

    def __init__(self, desk: HeldDraft) -> None:
        """Serve the draft that lies on the desk."""
        self._desk = desk
        self._new: NewCode | None = None

    def find(self, asker: MessagePump, place: Place) -> None:
        """Find the code of the job or operation at a place of the draft; answers JobCodeFound."""
        self._desk.do(asker, lambda post: self._find(place, post))

    def begin(self, asker: MessagePump, place: Place, folder: str) -> None:
        """Make what a new code file would hold; answers CodeShown, or EditRefused where there is one."""
        self._desk.do(asker, lambda post: self._begin(place, folder, post))

    def write(self, asker: MessagePump, digest: str) -> None:
        """Write the file if that is what was shown, and say it in the draft; answers DraftSaved and DraftShown."""
        self._desk.do(asker, lambda post: self._write(digest, post, asker))

    def look_again(self, asker: MessagePump) -> None:
        """Hold the draft against the files as they are now: one of them was edited."""
        self._desk.do(asker, lambda _post: self._look_again(asker))

    def _look_again(self, asker: MessagePump) -> None:
        self._desk.when_written()
        self._desk.files(anew=True)
        self._desk.check_again(asker)

    def _find(self, place: Place, post: Post) -> None:
        from bunsui.services.drafting.code_file import job_code

        code = job_code(self._desk.files(), self._desk.root, self._desk.draft(), place)
        post(JobCodeFound(code, self._desk.root / code.file if code is not None and code.is_there else None))

    def _begin(self, place: Place, folder: str, post: Post) -> None:
        from bunsui.services.drafting.code_file import job_code, new_code

        code = job_code(self._desk.files(), self._desk.root, self._desk.draft(), place)
        if code is None:
            raise Refused("no-code", "the job has no code of its own", hint="One of type lambda may have some.")
        self._new = new_code(code, folder=folder)
        post(CodeShown(self._new))

    def _write(self, digest: str, post: Post, asker: MessagePump) -> None:
        from bunsui.services.drafting.writing import write_draft

        self._desk.refuse_when_read_only()
        new = self._new
        assert new is not None, "what is written was shown"
        written = write_draft(self._desk.root, new.draft, digest=digest)
        self._look_again(asker)
        edit = new.edit
        if edit is not None:
            self._desk.apply_edit(lambda _draft, _repository: edit, f"code in {written.file}", None, post, asker)
        post(DraftSaved((line(span("✓ made ", Role.GOOD), span(written.file, Role.NAME), span("  e opens it", Role.MUTED)),)))
