"""Runs git where it can do nothing but answer.

Every call of git goes through here. A checkout is what a stranger wrote: a folder in it that is shaped as a git directory, a
configuration that the repository's own includes, attributes, hooks. None of it may run a program or change an answer:

- git is started in the folder that holds `.git`, which git refuses to track, so that a tracked folder shaped as a git directory
  (`HEAD`, `objects`, `refs`) is never taken for one; for git 2.38 and later `safe.bareRepository` says so as well.
- Whatever names a program is overridden on the command line, which counts before every configuration file; remotes cannot be
  reached, so that nothing is fetched.
- The environment is made anew: in a hook, git exports `GIT_DIR` and others that mean another repository or index.

Options that an older git does not know are settings and variables, which it ignores.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bunsui.errors import BunsuiError, InvalidInput, MissingExtra
from bunsui.process_environment import CHILD_UMASK, HOME, SCRATCH, inherited_environment

_TIMEOUT_SECONDS: Final = 30
_OFF: Final = (
    "safe.bareRepository=explicit",
    "core.fsmonitor=",  # empty is off for every version; before 2.36 the value was a program, `false` included
    "core.hooksPath=/dev/null",
    "core.askPass=",
    "core.sshCommand=false",
    "core.gitProxy=",
    "core.pager=cat",
    "core.alternateRefsCommand=true",
    "core.useReplaceRefs=false",
    "core.untrackedCache=false",
    "credential.helper=",
    "diff.external=",
    "gc.auto=0",
    "maintenance.auto=false",
    "protocol.allow=never",
    "status.submoduleSummary=false",
    "submodule.recurse=false",
)
"""Settings that run a program, reach a remote, or look at something else than the checkout."""
_KEPT: Final = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "SUDO_UID")
"""Where the user's own settings are, and who started `sudo`: git asks both whether it may read a checkout of another user.
No other `GIT_*` is passed on, least of all those of `git rev-parse --local-env-vars`."""
_ASIDE: Final = {
    "GIT_ALLOW_PROTOCOL": "none",  # counts before `protocol.NAME.allow` of the repository
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
NOT_A_CHECKOUT: Final = "not-a-checkout"
UNSAFE: Final = "checkout-unsafe"
_FOREIGN: Final = re.compile(r"dubious ownership|is owned by someone else")
_REMEDY: Final = re.compile(r"git config --global --add safe\.directory (.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class GitAnswer:
    """How a git command ended."""

    exit_code: int | None
    """None when it did not end by itself."""
    out: str
    said: str
    """What it wrote to stderr."""

    @property
    def ok(self) -> bool:
        """True when it did what was asked."""
        return self.exit_code == 0

    @property
    def first_line(self) -> str:
        """The first line of what it said."""
        return self.said.strip().partition("\n")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """A git checkout that a folder lies in, found by its `.git` and verified."""

    top: Path
    """The folder that holds `.git`."""
    prefix: str
    """The asked folder within `top`: empty, or ending with `/`."""
    git_dir: Path
    is_shallow: bool
    """True when history was cut off: what is not found may be beyond the cut."""
    program: str
    """The git that answers."""

    def ask(self, *arguments: str, settings: Iterable[str] = (), magic: bool = False) -> GitAnswer:
        """Ask git; an answer that is not ok where it does not answer in time.

        `settings` are `KEY=VALUE`, beside those that are off. Paths are taken literally, unless `magic`.
        """
        literal = {} if magic else {"GIT_LITERAL_PATHSPECS": "1"}
        return _run(_command(self.program, arguments, settings), self.top, environment(self.top) | literal)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a git command that is asked through its stdin; OSError when it cannot be started."""
        return subprocess.Popen(
            _command(self.program, arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self.top,
            env=environment(self.top),
            umask=CHILD_UMASK,
        )


def open_checkout(folder: Path) -> Checkout:
    """Find the checkout that the folder lies in.

    Raises:
        InvalidInput: `not-a-checkout`, `checkout-of-another-user` with git's own remedy, or `checkout-unsafe`.
        MissingExtra: `git-missing`.

    """
    folder = folder.resolve()
    top = next(tops(folder), None)
    if top is None:
        raise _no_checkout(folder)
    program = _program(top)
    asked = ("rev-parse", "--absolute-git-dir", "--is-shallow-repository", "--git-path", "objects/info/alternates")
    answer = _run(_command(program, asked), top, environment(top))
    if _FOREIGN.search(answer.said):
        raise _foreign(top, answer.said)
    rows = answer.out.splitlines()
    if not answer.ok or len(rows) != 3 or (git_dir := Path(rows[0]).resolve()) == top:
        raise _no_checkout(folder, git=answer.first_line or None)
    _check_alternates(top, git_dir, top / rows[2])
    relative = folder.relative_to(top).as_posix()
    prefix = "" if relative == "." else f"{relative}/"
    return Checkout(top=top, prefix=prefix, git_dir=git_dir, is_shallow=rows[1] == "true", program=program)


def checkout_or_none(folder: Path) -> Checkout | None:
    """Find the checkout for who can do without: None where `open_checkout` raises."""
    try:
        return open_checkout(folder)
    except BunsuiError:
        return None


def environment(top: Path, host: Mapping[str, str] | None = None) -> dict[str, str]:
    """Build git's environment: the checkout at `top`, and no prompt, pager, lock, replaced object or remote."""
    kept = inherited_environment(os.environ if host is None else host, HOME, SCRATCH, _KEPT)
    ceiling = {} if top.parent == top else {"GIT_CEILING_DIRECTORIES": str(top.parent)}
    # The repository's `core.worktree` may name any folder; where the files are is where `.git` lies.
    return kept | _ASIDE | ceiling | {"GIT_WORK_TREE": str(top)}


def git_folder(top: Path) -> Path | None:
    """Return the git directory that `top/.git` is or names, read without git; None where it cannot be told."""
    marker = top / ".git"
    if marker.is_dir():
        return marker.resolve()
    try:
        text = marker.read_bytes()[:4096].decode("utf-8", errors="surrogateescape")
    except OSError:
        return None
    kind, _, where = text.partition(":")
    return (top / where.strip()).resolve() if kind == "gitdir" and where.strip() else None


def tops(folder: Path) -> Iterator[Path]:
    """Find folders, from a resolved one upwards and within its file system, that hold a `.git` as git takes it."""
    try:
        device = folder.stat().st_dev
        for top in (folder, *folder.parents):
            if top.stat().st_dev != device:  # as git: a mounted folder does not belong to what lies around it
                return
            marker = top / ".git"
            if marker.is_file() or ((marker / "HEAD").exists() and (marker / "objects").is_dir()):
                yield top
    except OSError:
        return


def _program(top: Path) -> str:
    """Return the first git on the PATH that the checkout did not bring along."""
    for folder in inherited_environment(os.environ)["PATH"].split(os.pathsep):
        found = shutil.which("git", path=folder)
        if found is not None and not Path(found).resolve().is_relative_to(top):
            return found
    raise MissingExtra(
        "git-missing",
        "git is not installed, so there is nothing to compare with",
        hint="Install git, then repeat the command; or plan without --base and --untrusted.",
    )


def _command(program: str, arguments: Iterable[str], settings: Iterable[str] = ()) -> list[str]:
    return [program, "--no-pager", *(part for setting in (*_OFF, *settings) for part in ("-c", setting)), *arguments]


def _run(command: list[str], folder: Path, env: Mapping[str, str]) -> GitAnswer:
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=_TIMEOUT_SECONDS,
            umask=CHILD_UMASK,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return GitAnswer(exit_code=None, out="", said=f"git did not answer ({type(error).__name__})")
    return GitAnswer(exit_code=done.returncode, out=done.stdout, said=done.stderr)


def _check_alternates(top: Path, git_dir: Path, listed: Path) -> None:
    """Refuse objects that lie among the files: whoever wrote these would say what a commit holds.

    Elsewhere they are the user's: CI systems clone from a copy that the machine keeps.
    """
    try:
        lines = listed.read_text(encoding="utf-8", errors="surrogateescape").splitlines() if listed.is_file() else []
    except OSError:
        lines = []
    objects = listed.parent.parent.resolve()
    for line in (one.strip().strip('"') for one in lines if one.strip() and not one.startswith("#")):
        place = (objects / line).resolve()
        if place.is_relative_to(top) and not place.is_relative_to(git_dir) and not place.is_relative_to(objects):
            raise InvalidInput(
                UNSAFE,
                "the repository takes objects from a folder among its own files, so its commits may hold anything",
                hint="Work in a clone of its origin.",
                folder=top,
                objects=place,
            )


def _no_checkout(folder: Path, **facts: object) -> InvalidInput:
    return InvalidInput(
        NOT_A_CHECKOUT,
        "the project's folder is no git checkout, so there is nothing to compare it with",
        hint="Plan without --base and --untrusted, or work in a clone.",
        folder=folder,
        **facts,
    )


def _foreign(top: Path, said: str) -> InvalidInput:
    remedy = _REMEDY.search(said)
    return InvalidInput(
        "checkout-of-another-user",
        "the checkout belongs to another user, so git does not read it",
        hint=f"If you trust it, say so to git, then repeat the command:\n"
        f"  git config --global --add safe.directory {remedy[1].strip() if remedy else top}",
        folder=top,
    )
