"""A folder that is held open: what is below it is reached step by step from there, and no step is a link.

A path that was looked at may lead elsewhere when it is opened: whoever may write in a checkout can put a link into its place
in between. Here each step is opened in the folder that the step before opened (`openat` with `O_NOFOLLOW`), so that nothing
outside the first folder is ever reached, whenever something is swapped. What an attacker can do all the same is to put other
content into the place, as whoever may write there can at any time.

Windows has no such steps, and makes no links without a privilege: there the paths are used.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

NOT_FOLLOWED = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
"""Windows has none of these."""
_HAS_STEPS = os.open in os.supports_dir_fd and hasattr(os, "O_DIRECTORY")
_FOLDER = getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_PASSED = _FOLDER | getattr(os, "O_PATH", 0)
"""A folder that is passed through need not be readable, as for any path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderItem:
    """What lies in a folder, as it was when the folder was listed."""

    name: str
    is_folder: bool
    """A real one, no link."""
    leads_to_folder: bool
    """A link to a folder."""


class HeldFolder:
    """A folder by an open descriptor. Names are those of its own entries, without `/`; close it, or use it in `with`."""

    def __init__(self, path: Path, descriptor: int | None) -> None:
        """Use `hold`, which opens it; `path` is for messages, and for systems that know no steps."""
        self.path = path
        self._descriptor = descriptor

    def __enter__(self) -> HeldFolder:
        """Return the folder, held until the end of the block."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Let go of it."""
        self.close()

    def close(self) -> None:
        """Let go of the folder; nothing happens the second time."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def step(self, name: str) -> HeldFolder:
        """Hold a folder in this one; OSError when it is a link, no folder, or not there."""
        path = self.path / name
        if not _HAS_STEPS:
            if not stat.S_ISDIR(path.lstat().st_mode):
                raise _not_a_folder(path)
            return HeldFolder(path, None)
        try:
            return HeldFolder(path, os.open(name, _PASSED | NOT_FOLLOWED, dir_fd=self._descriptor))
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENOTDIR):
                raise _not_a_folder(path) from error
            raise _with_path(error, path) from error

    def steps(self, names: Iterable[str], *, make: bool = False) -> HeldFolder:
        """Hold the folder that these steps lead to, this one again for none; what is not there is made when `make` says so."""
        here = self._again()
        for name in names:
            try:
                if make:
                    with contextlib.suppress(FileExistsError):
                        here.make(name)
                below = here.step(name)
            finally:
                here.close()
            here = below
        return here

    def children(self) -> list[FolderItem]:
        """List what lies in the folder, in no order."""
        descriptor = self._readable()
        try:
            with os.scandir(self.path if descriptor is None else descriptor) as entries:
                return [_child(entry) for entry in entries]
        finally:
            if descriptor is not None:
                os.close(descriptor)

    def has(self, *names: str) -> bool:
        """Tell whether an entry of that name is there, whatever it is, or one in a folder of this one."""
        try:
            self.lstat(os.path.join(*names))  # noqa: PTH118 - often asked
        except OSError:
            return False
        return True

    def lstat(self, name: str) -> os.stat_result:
        """Return what the system says of an entry, of a link itself."""
        return os.stat(self._place(name), dir_fd=self._descriptor, follow_symlinks=False)

    def open_regular(self, name: str, flags: int = os.O_RDONLY) -> int:
        """Open a regular file and return its descriptor; OSError when it is not there, cannot be read, or is anything else."""
        path = self.path / name
        try:
            if not stat.S_ISREG(self.lstat(name).st_mode):  # before it is opened: merely opening a device may do something
                raise OSError(errno.EINVAL, "it is not a regular file")
            descriptor = os.open(self._place(name), flags | NOT_FOLLOWED, dir_fd=self._descriptor)
        except OSError as error:
            raise _with_path(error, path) from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))
        return descriptor

    def create(self, name: str, content: bytes, *, mode: int = 0o666) -> None:
        """Write a file that is not there; FileExistsError when anything is. What is half written is removed."""
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | NOT_FOLLOWED
            descriptor = os.open(self._place(name), flags, mode, dir_fd=self._descriptor)
        except OSError as error:
            raise _with_path(error, self.path / name) from error
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except BaseException as problem:
            with contextlib.suppress(OSError):
                self.remove(name)
            if isinstance(problem, OSError):
                _with_path(problem, self.path / name)
            raise

    def write(self, name: str, content: bytes, *, mode: int) -> None:
        """Replace the file in one step: a reader sees the old content or the new, never a part, also after a power cut.

        A link of that name is replaced as well, never written through.
        """
        partial = f"{name}.{os.getpid()}-{threading.get_native_id()}.partial"
        try:
            with contextlib.suppress(FileNotFoundError):
                self.remove(partial)  # left by a killed process whose numbers came round
            self.create(partial, content, mode=mode)
            try:
                os.replace(self._place(partial), self._place(name), src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)
            except BaseException:
                with contextlib.suppress(OSError):
                    self.remove(partial)
                raise
        except OSError as error:
            raise _with_path(error, self.path / name) from error  # the file that was meant, not its draft

    def make(self, name: str, *, mode: int = 0o777) -> None:
        """Make a folder in this one; FileExistsError when anything of that name is there."""
        try:
            os.mkdir(self._place(name), mode, dir_fd=self._descriptor)
        except OSError as error:
            raise _with_path(error, self.path / name) from error

    def move(self, name: str, into: HeldFolder, new_name: str) -> None:
        """Move an entry into another folder; a link is moved itself, wherever it leads."""
        source, target = self._place(name), into._place(new_name)
        os.rename(source, target, src_dir_fd=self._descriptor, dst_dir_fd=into._descriptor)

    def remove(self, name: str) -> None:
        """Remove a file, or a link itself."""
        os.unlink(self._place(name), dir_fd=self._descriptor)

    def remove_folder(self, name: str) -> None:
        """Remove an empty folder."""
        os.rmdir(self._place(name), dir_fd=self._descriptor)

    def status(self) -> os.stat_result:
        """Return what the system says of the folder itself."""
        return self.path.lstat() if self._descriptor is None else os.fstat(self._descriptor)

    def set_mode(self, mode: int) -> None:
        """Set the permissions of the folder itself."""
        descriptor = self._readable()
        if descriptor is None:
            self.path.chmod(mode)
            return
        try:
            os.fchmod(descriptor, mode)
        finally:
            os.close(descriptor)

    def _readable(self) -> int | None:
        """Open the folder once more, to be listed; None where there are no steps."""
        if self._descriptor is None:
            return None
        try:
            return os.open(".", os.O_RDONLY | _FOLDER, dir_fd=self._descriptor)
        except OSError as error:
            raise _with_path(error, self.path) from error

    def _again(self) -> HeldFolder:
        return HeldFolder(self.path, None if self._descriptor is None else os.dup(self._descriptor))

    def _place(self, name: str) -> str:
        """Return what names the entry for the system: beside a descriptor its name, else its path."""
        return name if self._descriptor is not None else str(self.path / name)


def hold(path: Path) -> HeldFolder:
    """Hold a folder that somebody named: links on the way to it are followed. OSError when it is no folder, or not there."""
    if not _HAS_STEPS:
        if not stat.S_ISDIR(path.stat().st_mode):
            raise _not_a_folder(path)
        return HeldFolder(path, None)
    return HeldFolder(path, os.open(path, _PASSED))


def open_below(folder: Path, names: Iterable[str]) -> int:
    """Open a regular file some steps below a folder and return its descriptor; OSError as `steps` and `open_regular` say."""
    *above, name = names
    with hold(folder) as top, top.steps(above) as held:
        return held.open_regular(name)


def _child(entry: os.DirEntry[str]) -> FolderItem:
    is_folder = entry.is_dir(follow_symlinks=False)
    leads = not is_folder and entry.is_symlink() and _leads_to_folder(entry)
    return FolderItem(name=entry.name, is_folder=is_folder, leads_to_folder=leads)


def _leads_to_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # such as links in a circle
        return False


def _not_a_folder(path: Path) -> NotADirectoryError:
    said = "a link, which is not followed" if path.is_symlink() else os.strerror(errno.ENOTDIR)
    return NotADirectoryError(errno.ENOTDIR, said, str(path))


def _with_path(error: OSError, path: Path) -> OSError:
    """Return the error with the whole path of what was meant."""
    error.filename, error.filename2 = str(path), None
    return error
