"""Finished archives and downloaded wheels on disk, so that the same input needs no network a second time."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

_KEPT_SECONDS = 30 * 24 * 3600
"""What nobody used for that long is removed."""


class PackageCache:
    """A folder of finished things by key. Whatever a killed process left half done is never found under a key."""

    def __init__(self, root: Path) -> None:
        """Use (and make, when first written) the folder."""
        self._root = root

    def archive(self, key: str) -> bytes | None:
        """Give the archive kept under the key, None when there is none or its bytes are no longer those that were kept."""
        for path in self._root.glob(f"{key}.*.zip"):
            content = path.read_bytes()
            if path.name == f"{key}.{hashlib.sha256(content).hexdigest()}.zip":
                os.utime(path)
                return content
        return None

    def keep_archive(self, key: str, content: bytes) -> None:
        """Keep an archive, replacing what was there under the key."""
        self._root.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._root, suffix=".partial", delete=False) as partial:
            partial.write(content)
        final = self._root / f"{key}.{hashlib.sha256(content).hexdigest()}.zip"
        Path(partial.name).replace(final)
        for older in self._root.glob(f"{key}.*.zip"):
            if older != final:
                older.unlink(missing_ok=True)
        self._forget_unused()

    def folder(self, key: str, fill: Callable[[Path], None]) -> Path:
        """Give the folder kept under the key; when there is none, let `fill` make its content first.

        Two processes may fill at once; the first to finish wins, and both give its folder.
        """
        final = self._root / key
        if final.is_dir():
            os.utime(final)
            return final
        self._root.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(dir=self._root, suffix=".partial"))
        try:
            fill(partial)
            with contextlib.suppress(OSError):
                os.rename(partial, final)  # noqa: PTH104 - the one call that never replaces a folder that holds something
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        return final

    def _forget_unused(self) -> None:
        """Remove what was not used for a month, and what killed processes left half done."""
        oldest = time.time() - _KEPT_SECONDS
        for path in self._root.iterdir():
            with contextlib.suppress(FileNotFoundError):  # another process may tidy up too
                if path.stat().st_mtime < oldest:
                    if path.is_dir():
                        shutil.rmtree(path, ignore_errors=True)
                    else:
                        path.unlink()
