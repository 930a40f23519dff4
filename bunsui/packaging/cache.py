"""What was made or fetched for packages, kept in a folder of the user: the same input needs no network a second time.

What lies there was written by who has the user's key: its names cannot be chosen, and its bytes not replaced, by anybody else.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bunsui.folders.files import is_private_folder, make_private_folder, read_regular
from bunsui.folders.user import private_name

_KEPT_SECONDS = 30 * 24 * 3600
"""What nobody used for that long is removed."""
_PARTIAL = "partial-"
_MADE_HERE = re.compile(rf"[0-9a-f]{{64}}\.[0-9a-f]{{64}}\.zip|wheels-[0-9a-f]{{64}}|{_PARTIAL}\w+")
"""Names that are made here; no other one is ever removed."""
_LIMIT_BYTES = 1024 * 1_048_576


class PackageCache:
    """A folder of finished things by key. Whatever a killed process left half done is never found under a key."""

    def __init__(self, root: Path, *, key: bytes) -> None:
        """Use (and make, when first written) the folder; `key` is the user's own."""
        self._root = root
        self._key = key

    def archive(self, key: str) -> bytes | None:
        """Return the archive kept under the key, None when there is none or its bytes are not those that were kept."""
        name = self._name("archive", key)
        for path in self._root.glob(f"{name}.*.zip"):
            with contextlib.suppress(OSError):
                content = read_regular(path, limit_bytes=_LIMIT_BYTES)
                if path.name == self._archive_name(name, content):
                    os.utime(path, follow_symlinks=False)
                    return content
        return None

    def keep_archive(self, key: str, content: bytes) -> None:
        """Keep an archive, replacing what was there under the key."""
        make_private_folder(self._root)
        name = self._name("archive", key)
        final = self._root / self._archive_name(name, content)
        with tempfile.NamedTemporaryFile(dir=self._root, prefix=_PARTIAL, delete=False) as partial:
            partial.write(content)  # functions of the same code are packaged at once, each into a file of its own
        Path(partial.name).replace(final)
        for older in self._root.glob(f"{name}.*.zip"):
            if older != final:
                older.unlink(missing_ok=True)
        self._forget_unused()

    def folder(self, key: str, fill: Callable[[Path], None]) -> Path:
        """Return the folder kept under the key; when there is none, let `fill` make its content first.

        Two processes may fill at once; the first to finish wins, and both return its folder.
        """
        final = self._root / f"wheels-{self._name('wheels', key)}"
        if is_private_folder(final):
            os.utime(final)
            return final
        make_private_folder(self._root)
        partial = Path(tempfile.mkdtemp(dir=self._root, prefix=_PARTIAL))
        try:
            fill(partial)
            with contextlib.suppress(OSError):
                os.rename(partial, final)  # noqa: PTH104 - the one call that never replaces a folder that holds something
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        return final

    def forget_folder(self, key: str) -> None:
        """Remove the folder kept under the key."""
        shutil.rmtree(self._root / f"wheels-{self._name('wheels', key)}", ignore_errors=True)

    def _name(self, kind: str, key: str) -> str:
        return private_name(self._key, kind.encode(), key.encode())

    def _archive_name(self, name: str, content: bytes) -> str:
        return f"{name}.{private_name(self._key, name.encode(), content)}.zip"

    def _forget_unused(self) -> None:
        """Remove what was not used for a month, and what killed processes left half done."""
        oldest = time.time() - _KEPT_SECONDS
        for path in self._root.iterdir():
            with contextlib.suppress(FileNotFoundError):  # another process may tidy up too
                status = path.lstat()
                if status.st_mtime >= oldest or not _MADE_HERE.fullmatch(path.name):
                    continue
                if stat.S_ISDIR(status.st_mode):
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink()
