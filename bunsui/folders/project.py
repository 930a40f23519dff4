"""`.bunsui`, the folder of bunsui's own inside a project: data of the embedded AWS, and what was shown last.

Every path below it goes through here. A checkout can hold anything under that name, so it is used only when it is a real
folder of this user, not tracked by git, with a nonce that the user's own state folder knows as well. What is not is moved aside
and told once; `bunsui local adopt` takes it back.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bunsui.errors import Unavailable
from bunsui.folders.filelock import hold_lock
from bunsui.folders.files import is_private_folder, make_private_folder, read_regular
from bunsui.folders.user import UserFolders, private_name
from bunsui.held_folder import HeldFolder, hold

FOLDER = ".bunsui"
UNTRUSTED = "untrusted"
_LOCAL = "local"
_LAST_SESSION = "last_session"
_NONCE = "nonce"
_IGNORE = ".gitignore"
_ELSEWHERE = "projects"
_NONCE_TEXT = re.compile(rb"[0-9a-f]{64}")
_SET_ASIDE = re.compile(rf"{UNTRUSTED}-[0-9A-Za-z-]+")
_LOCK_SECONDS = 60.0


def data_folder(project: Path) -> Path:
    """Return where a project's embedded AWS keeps its data, as long as git does not track the folder; whether it is ours is
    for `ProjectFolder` to say."""
    return project / FOLDER / _LOCAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """A folder that is ours."""

    root: Path

    @property
    def local(self) -> Path:
        """The data of the embedded AWS."""
        return self.root / _LOCAL

    @property
    def last_session(self) -> Path:
        """Which sessions were shown last."""
        return self.root / _LAST_SESSION

    def keep_last_session(self, content: bytes) -> None:
        """Replace what is kept in `last_session`; OSError when it cannot be, or when the folder is no longer a real one."""
        with hold(self.root.parent) as above, above.step(self.root.name) as folder:
            folder.write(_LAST_SESSION, content, mode=0o600)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFolder:
    """The `.bunsui` of a project: looked at, or opened so that it is there and ours."""

    root: Path
    """The project's folder."""
    user: UserFolders
    is_tracked: Callable[[], bool]
    """Tells whether git tracks anything under the name: a checkout of another commit may then put anything into it."""
    notice: Callable[[str], None]
    """Tells the user that something was moved aside."""
    release: Callable[[Path], bool]
    """Has whoever works in the data folder of an unknown `.bunsui` save and leave, before it is moved; True when one did."""

    def look(self) -> Own | None:
        """Return the folder when it is there and ours; None otherwise. Changes nothing."""
        place = self._place()
        return Own(root=place) if self._is_ours(place) else None

    def open(self) -> Own:
        """Return the folder, made when it is not there; what lies in its place and is not ours is moved aside first.

        Raises:
            Unavailable: it cannot be made, or what is in its place cannot be moved.

        """
        found = self.look()
        if found is not None and found.root == self.inside:
            return found
        try:
            with hold_lock(self.user.state / "folders.lock", timeout_seconds=_LOCK_SECONDS):
                return self._make_folder()
        except OSError as problem:
            raise Unavailable(
                "own-folder-unusable",
                "the folder that bunsui keeps in the project cannot be used",
                hint="Make the project's folder writable, or move away what lies there under the name.",
                folder=self.inside,
                reason=problem.strerror or problem,
            ) from problem

    def has_strangers(self) -> bool:
        """Tell whether something lies in the place that `open` would move aside."""
        if not os.path.lexists(self.inside):
            return False
        if not _is_real_folder(self.inside):
            return True
        with hold(self.inside) as folder:
            return not all(_may_stay(folder, child.name) for child in folder.children())

    def put_aside(self) -> list[Path]:
        """Return the folders that were moved aside, by name."""
        if not _is_real_folder(self.inside):
            return []
        return sorted(path for path in self.inside.iterdir() if _SET_ASIDE.fullmatch(path.name) and _is_real_folder(path))

    def release_strangers(self) -> bool:
        """End the embedded AWS that works in the place although it is not ours, such as one of an older bunsui; True when one
        did."""
        folders = (self.inside, self.inside / _LOCAL)
        return all(map(_is_real_folder, folders)) and self.release(self.inside / _LOCAL)

    def _make_folder(self) -> Own:
        place = self._place()
        if place != self.inside:
            self._move_aside("holds files that git tracks (git rm -r --cached .bunsui)")
        elif not self._is_ours(place):
            self._move_aside("was not made by bunsui for you on this machine")
        if not self._is_ours(place):
            with hold(make_private_folder(place).parent) as above, above.step(place.name) as folder:
                folder.write(_IGNORE, b"*\n", mode=0o644)
                nonce = secrets.token_hex(32)
                self.user.know(nonce, place)
                folder.write(_NONCE, nonce.encode(), mode=0o600)  # last: a folder that is half made has none
        return Own(root=place)

    @property
    def inside(self) -> Path:
        """The place in the checkout."""
        return self.root / FOLDER

    def _place(self) -> Path:
        """Return where the folder is: among the user's own where git tracks the one in the project."""
        if self.is_tracked():
            return self.user.state / _ELSEWHERE / private_name(self.user.key, str(self.root).encode())[:32]
        return self.inside

    def _is_ours(self, place: Path) -> bool:
        data = place / _LOCAL
        if not is_private_folder(place) or (os.path.lexists(data) and not _is_real_folder(data)):
            return False
        try:
            nonce = read_regular(place / _NONCE, limit_bytes=100)
        except OSError:
            return False
        return bool(_NONCE_TEXT.fullmatch(nonce)) and self.user.knows(nonce.decode(), place)

    def _move_aside(self, reason: str) -> None:
        name = f"{UNTRUSTED}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
        if not os.path.lexists(self.inside):
            return
        with hold(self.root) as root:
            if _is_real_folder(self.inside):
                with root.step(FOLDER) as folder:
                    if not self._move_entries(folder, name):
                        return
            else:
                beside = f"{FOLDER}-{secrets.token_hex(4)}"
                root.make(beside, mode=0o700)
                with root.step(beside) as folder:
                    root.move(FOLDER, folder, name)  # a link is moved itself, wherever it leads
                root.move(beside, root, FOLDER)
        self.notice(
            f"{self.inside} {reason}, so nothing in it was used: it was moved to {FOLDER}/{name}. If it is yours, take it with "
            "`bunsui local adopt`."
        )

    def _move_entries(self, folder: HeldFolder, name: str) -> bool:
        """Move what lies in the folder into one of that name inside it, and leave the folder to its owner alone; False when
        there was nothing."""
        strangers = sorted(child.name for child in folder.children() if not _may_stay(folder, child.name))
        if strangers:
            self.release_strangers()
            folder.make(name, mode=0o700)
            with folder.step(name) as aside:
                for one in strangers:
                    folder.move(one, aside, one)
        folder.set_mode(0o700)
        return bool(strangers)


def _may_stay(folder: HeldFolder, name: str) -> bool:
    """Tell whether something in a folder that is not ours does no harm there: what was set aside before, and no file at all."""
    return bool(_SET_ASIDE.fullmatch(name)) or (name == _IGNORE and stat.S_ISREG(folder.lstat(name).st_mode))


def _is_real_folder(path: Path) -> bool:
    """Tell whether a folder of this user lies there, no link, whatever its mode."""
    try:
        status = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and (sys.platform == "win32" or status.st_uid == os.geteuid())
