"""A program that becomes the process of a Lambda function, in the file system that Lambda has: `/var/task`, `/opt` and all else
read-only, a `/tmp` of its own of so many MB, no `/dev/shm`.

In a user and mount namespace of Linux, which needs no rights where the system lets users make them; where it does not, the
program says so and ends with `UNUSABLE`. See user_namespaces(7), mount_setattr(2).
"""

from __future__ import annotations

import ctypes
import json
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

UNUSABLE = 125
"""The exit code where this system has no such file system for us."""
_NEW_MOUNTS, _NEW_USER = 0x20000, 0x10000000
_NOSUID, _NODEV, _BIND, _REC, _PRIVATE = 2, 4, 4096, 16384, 1 << 18
_MOUNT_SETATTR = 442
_HERE, _RECURSIVE, _READ_ONLY = -100, 0x8000, 1
_OWN = ("dev", "opt", "tmp", "var")
"""What is not the machine's."""
_DEVICES = ("full", "null", "random", "urandom", "zero")


class Sandbox:
    """Builds the tree in a folder."""

    def __init__(self, root: str) -> None:
        """Use the empty folder as the mount point of everything."""
        self._root = root
        self._libc = ctypes.CDLL(None, use_errno=True)

    def enter_namespaces(self) -> None:
        """Leave the machine's mounts; the user stays who he is."""
        user, group = os.getuid(), os.getgid()
        self._check(self._libc.unshare(_NEW_USER | _NEW_MOUNTS), "unshare")
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            _write(f"/proc/self/{name}", text)
        self._mount(None, "/", None, _REC | _PRIVATE)

    def build(self, about: dict[str, Any]) -> None:
        """Mount everything; see `plan` for the keys of `about`."""
        self._mount("bunsui", self._root, "tmpfs", _NOSUID | _NODEV, "mode=0755")
        self._mirror("/", leave_out=_OWN)
        os.mkdir(self._at("/var"))
        self._mirror("/var", leave_out=("task", "runtime"))
        os.mkdir(self._at("/dev"))
        for name in _DEVICES:
            self._bind(f"/dev/{name}", f"/dev/{name}")
        for place in ("/var/task", "/var/runtime", "/opt", "/tmp"):
            os.mkdir(self._at(place))
        self._bind(about["task_root"], "/var/task")
        if about["opt"]:
            self._bind(about["opt"], "/opt")
        for name, source in about["runtime"].items():
            self._bind(source, f"/var/runtime/{name}")
        self._make_read_only()
        self._mount("tmp", self._at("/tmp"), "tmpfs", _NOSUID | _NODEV, f"mode=0700,size={about['tmp_mb']}m")

    def become(self, command: list[str]) -> None:
        """Go into the tree and run the command in the place of this process."""
        os.chroot(self._root)
        os.chdir("/var/task")
        os.execv(command[0], command)

    def _mirror(self, folder: str, *, leave_out: tuple[str, ...]) -> None:
        for entry in os.scandir(folder):
            target = self._at(entry.path)
            if entry.name in leave_out:
                continue
            if entry.is_symlink():
                os.symlink(os.readlink(entry.path), target)
            elif entry.is_dir():
                os.mkdir(target)
                self._mount(entry.path, target, None, _BIND | _REC)

    def _bind(self, source: str, place: str) -> None:
        target = self._at(place)
        if os.path.isdir(source):
            os.makedirs(target, exist_ok=True)
        else:
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY))
        self._mount(source, target, None, _BIND | _REC)

    def _make_read_only(self) -> None:
        attributes = (ctypes.c_uint64 * 4)(_READ_ONLY, 0, 0, 0)
        size = ctypes.c_size_t(ctypes.sizeof(attributes))
        place, number = ctypes.c_char_p(os.fsencode(self._root)), ctypes.c_long(_MOUNT_SETATTR)
        done = self._libc.syscall(number, ctypes.c_int(_HERE), place, ctypes.c_uint(_RECURSIVE), attributes, size)
        self._check(done, "mount_setattr")

    def _mount(self, source: str | None, target: str, kind: str | None, flags: int, data: str = "") -> None:
        text = [None if one is None else os.fsencode(one) for one in (source, target, kind)]
        self._check(self._libc.mount(text[0], text[1], text[2], ctypes.c_ulong(flags), os.fsencode(data)), f"mount {target}")

    def _at(self, place: str) -> str:
        return self._root + place

    def _check(self, result: int, what: str) -> None:
        if result != 0:
            number = ctypes.get_errno()
            raise OSError(number, f"{what}: {os.strerror(number)}")


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def main(arguments: list[str]) -> int:
    """Set up and run what the JSON in the first argument says; return an exit code where that cannot be."""
    about = json.loads(arguments[0])
    try:
        sandbox = Sandbox(about["root"])
        sandbox.enter_namespaces()
        sandbox.build(about)
        sandbox.become(about["command"])
    except (OSError, AttributeError) as problem:
        sys.stderr.write(f"{problem}\n")
    return UNUSABLE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
