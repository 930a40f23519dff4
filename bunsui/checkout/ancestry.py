"""A `CommitHistory` of a git checkout."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bunsui.checkout.git import Checkout, checkout_or_none
from bunsui.checkout.history import Containment, commits_of, head_contains
from bunsui.ports.history import Lacking

_MOST_FILES = 50
"""Of so many changed files each is looked for; of more, all count as lacking: two calls of git for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHistory:
    """The history of the checkout that the project's folder lies in; each commit is asked about once."""

    folder: Path
    _known: dict[str, Lacking] = field(default_factory=dict)

    def lacking(self, commit: str) -> Lacking:
        """Read what the history of HEAD lacks of the commit.

        A commit that was squashed or picked is not lacking: its files, as it has them, are in this history.
        """
        if commit not in self._known:
            self._known[commit] = _lacking(self.folder, commit)
        return self._known[commit]


def _lacking(folder: Path, commit: str) -> Lacking:
    match head_contains(folder, commit):
        case Containment.YES:
            return Lacking()
        case Containment.CANNOT_TELL:
            checkout = checkout_or_none(folder)
            is_shallow = checkout is not None and checkout.is_shallow
            return Lacking(unknown="the clone is shallow" if is_shallow else "git does not know the commit for sure")
        case Containment.NO:
            checkout = checkout_or_none(folder)
            found = commits_of(checkout, commit.rstrip("*")) if checkout is not None else []
            if checkout is None or not found:
                return Lacking(unknown="this clone does not have the commit")
            return Lacking(files=_files(checkout, found[0]))


def _files(checkout: Checkout, commit: str) -> tuple[str, ...]:
    base = checkout.ask("merge-base", commit, "HEAD")
    before = base.out.split("\n", 1)[0] if base.ok else checkout.ask("hash-object", "-t", "tree", "/dev/null").out.strip()
    where = ("--", checkout.prefix) if checkout.prefix else ()
    changed = checkout.ask("diff-tree", "-r", "-z", "--name-only", "--no-renames", before, commit, *where).out.split("\0")
    paths = [path for path in changed if path]
    lacking = paths if len(paths) > _MOST_FILES else [path for path in paths if not _had(checkout, commit, path)]
    return tuple(path.removeprefix(checkout.prefix) for path in lacking)


def _had(checkout: Checkout, commit: str, path: str) -> bool:
    """Read whether some commit of this history has the file as that commit has it."""
    blob = checkout.ask("rev-parse", "--verify", "--quiet", f"{commit}:{path}")
    if not blob.ok:
        return False  # it was removed there
    asked = ("log", "-1", "--format=%H", "--no-ext-diff", "--no-textconv", f"--find-object={blob.out.strip()}", "HEAD")
    return bool(checkout.ask(*asked, settings=("log.showRoot=true", "log.showSignature=false")).out.strip())
