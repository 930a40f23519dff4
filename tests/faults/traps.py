"""What a stranger may put into a checkout.

A trap leads out of the project (links), brings something that would be loaded or run (state of the embedded AWS, packages,
programs, git's own settings), or lets a reader wait (pipes). Whatever runs leaves a mark in `Ground.ran`; whatever is deployed
although nobody reviewed it holds `EVIL`.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

EVIL = "EVIL-CANARY"
HANDLER = "def handler(event, context):\n    return 1\n"
Trap = Callable[["Ground"], None]


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A checkout, and what lies around it on the machine of who checked it out."""

    base: Path

    @property
    def project(self) -> Path:
        return self.base / "project"

    @property
    def outside(self) -> Path:
        """What is not the project's: nothing in it may change."""
        return self.base / "outside"

    @property
    def home(self) -> Path:
        return self.base / "home"

    @property
    def ran(self) -> Path:
        """Where programs of the checkout leave a mark."""
        return self.base / "ran"

    @property
    def temporary(self) -> Path:
        return self.base / "tmp"

    def write(self, path: str, content: str | bytes, *, mode: int = 0o644) -> None:
        """Write a file of the project, unless another trap lies there."""
        target = self.project / path
        with contextlib.suppress(OSError):
            target.parent.mkdir(parents=True, exist_ok=True)
            if not os.path.lexists(target):
                target.write_bytes(content if isinstance(content, bytes) else content.encode())
                target.chmod(mode)

    def link(self, path: str, to: str) -> None:
        """Put a link into the project, unless another trap lies there. `to` is relative to the link."""
        target = self.project / path
        with contextlib.suppress(OSError):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(to)

    def pipe(self, path: str) -> None:
        """Put a named pipe into the project, at which a reader would wait for ever."""
        target = self.project / path
        with contextlib.suppress(OSError):
            target.parent.mkdir(parents=True, exist_ok=True)
            os.mkfifo(target)

    def program(self, path: str) -> str:
        """Put a program into the project that leaves a mark; return how a shell calls it."""
        self.write(path, f"#!/bin/sh\ntouch '{self.ran}/{path.replace('/', '-')}'\n", mode=0o755)
        return str(self.project / path)

    def module(self, path: str) -> None:
        """Put a Python module into the project that leaves a mark when it is imported."""
        self.write(path, f"open({str(self.ran / path.replace('/', '-'))!r}, 'w').close()\nEVIL = {EVIL!r}\n")

    def git(self, *arguments: str) -> None:
        """Run git in the project as its author would."""
        quiet = {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "PATH": os.environ["PATH"],
            "HOME": str(self.base),
        }
        identity = ("-c", "user.name=mika", "-c", "user.email=mika@example.org", "-c", "core.hooksPath=/dev/null")
        command = ["git", *identity, "-C", str(self.project), *arguments]
        subprocess.run(command, env=quiet, capture_output=True, check=False, stdin=subprocess.DEVNULL)


def _own_link(path: str, to: str) -> Trap:
    return lambda ground: ground.link(f".bunsui/{path}" if path else ".bunsui", to)


def _own_pipe(path: str) -> Trap:
    return lambda ground: ground.pipe(f".bunsui/{path}" if path else ".bunsui")


def _own_file(path: str, content: str) -> Trap:
    return lambda ground: ground.write(f".bunsui/{path}", content)


def _evil_function(ground: Ground) -> None:
    """State in which a stranger's function waits to be called."""
    state = {"functions": {"x": {"code": EVIL, "handler": "app.handler"}}, "marks": EVIL}
    for service in ("lambda", "stepfunctions", "scheduler", "iam", "s3"):
        document = {"__ministack_format__": 1, "payload": state}
        ground.write(f".bunsui/local/state/{service}.json", json.dumps(document))


def _evil_home(ground: Ground) -> None:
    """A home for functions that Python reads as it starts."""
    for version in ("3.10", "3.11", "3.12", "3.13"):
        site = f".bunsui/local/home/.local/lib/python{version}/site-packages"
        ground.module(f"{site}/usercustomize.py")
        ground.write(f"{site}/x.pth", f"import pathlib; pathlib.Path({str(ground.ran / 'pth')!r}).touch()\n")


def _evil_package(ground: Ground) -> None:
    """A package under every name by which an older cache would have found it for the code that is here."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", f"# {EVIL}\n{HANDLER}")
    content = buffer.getvalue()
    digest = hashlib.sha256()
    for part in (b"1", b"", b"", b"app.py", b"-", HANDLER.encode()):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    name = f"{digest.hexdigest()}.{hashlib.sha256(content).hexdigest()}.zip"
    ground.write(f".bunsui/cache/packages/{name}", content)
    ground.write(f".cache/bunsui/packages/{name}", content)


def _alive(ground: Ground) -> None:
    """An announcement of an embedded AWS that is the first process of the machine."""
    about = {"pid": 1, "port": 1, "token": "t", "version": "0", "capabilities": [], "notices": [EVIL]}
    ground.write(".bunsui/local/ready.json", json.dumps(about))
    ground.write(".bunsui/local/running.lock", "1")
    ground.write(".bunsui/local/secret", "0" * 64, mode=0o600)


def _user_folders(ground: Ground) -> None:
    """Folders that would be the user's if the project were a home."""
    ground.write(".local/state/bunsui/key", "k" * 32, mode=0o600)
    ground.write(f".local/state/bunsui/folders/{hashlib.sha256(b'0' * 64).hexdigest()}.json", "{}")
    ground.write(".aws/config", f"[default]\ncredential_process = {ground.program('credentials-helper')}\n")
    ground.write(".gitconfig", f"[core]\nfsmonitor = {ground.program('monitor')}\n")


def _git_config(name: str) -> Trap:
    def trap(ground: Ground) -> None:
        program = ground.program(f"git-{name.partition('.')[0]}")
        ground.git("config", name, program)
        ground.write(".gitattributes", "* filter=evil diff=evil merge=evil\n")

    return trap


def _git_shaped(folder: str) -> Trap:
    """A tracked folder that git would take for a repository."""

    def trap(ground: Ground) -> None:
        program = ground.program("shaped-monitor")
        ground.write(f"{folder}/HEAD", "ref: refs/heads/main\n")
        ground.write(f"{folder}/objects/.keep", "")
        ground.write(f"{folder}/refs/.keep", "")
        ground.write(f"{folder}/config", f"[core]\n\tbare = false\n\tworktree = ..\n\tfsmonitor = {program}\n\thooksPath = .\n")
        ground.program(f"{folder}/post-index-change")

    return trap


def _git_file(ground: Ground) -> None:
    """A `.git` that says the repository is a folder among the files."""
    _git_shaped("fake")(ground)
    with contextlib.suppress(OSError):
        (ground.project / ".git").rename(ground.project / "was-git")
        (ground.project / ".git").write_text("gitdir: fake\n")


def _hooks(ground: Ground) -> None:
    for hook in ("post-checkout", "post-index-change", "pre-commit", "reference-transaction", "fsmonitor-watchman"):
        ground.program(f".git/hooks/{hook}")


def _alternates(ground: Ground) -> None:
    ground.write(".git/objects/info/alternates", f"{ground.project}/fake-objects\n")
    ground.git("config", "core.alternateRefsCommand", ground.program("alternates"))


def _included(ground: Ground) -> None:
    ground.write("tracked.config", f"[core]\n\tfsmonitor = {ground.program('included')}\n")
    ground.git("config", "include.path", "../tracked.config")


def _submodule(ground: Ground) -> None:
    ground.write(".gitmodules", f'[submodule "x"]\n\tpath = x\n\turl = ./x\n\tupdate = !{ground.program("update")}\n')
    ground.git("config", "submodule.x.update", f"!{ground.project}/update")
    ground.git("config", "submodule.recurse", "true")


def _replaced(ground: Ground) -> None:
    ground.git("replace", "-f", "HEAD", "HEAD~1")
    ground.git("config", "core.useReplaceRefs", "true")


def _shadows(ground: Ground) -> None:
    """Modules by the names of those that bunsui imports."""
    for name in (
        "yaml",
        "typer",
        "boto3",
        "json",
        "contextlib",
        "sitecustomize",
        "usercustomize",
        "ministack",
        "bunsui",
        "pip",
    ):
        ground.module(f"{name}.py")
    ground.module("botocore/__init__.py")


def _programs(ground: Ground) -> None:
    for name in ("git", "python3", "pip", "sh", "docker", "rustc", "less"):
        ground.program(name)


def _names(ground: Ground) -> None:
    for name in ("-rf", "--upload-pack=touch ran", "$(touch ran)", "a\nb", "\x1b]0;pwn\x07", ";touch ran;", "x" * 200):
        ground.write(name, EVIL)
        ground.write(f"docs/{name}.yaml", EVIL)


def _broken_names(ground: Ground) -> None:
    for name in ("a\nb.py", "\x1b[31m.py"):
        ground.write(f"code/{name}", EVIL)


def _tool_files(ground: Ground) -> None:
    """What other tools read and run where they are started."""
    ground.write("pip.conf", "[global]\nindex-url = http://127.0.0.1:9/\n")
    ground.write("setup.py", f"open({str(ground.ran / 'setup')!r}, 'w').close()\n")
    ground.write("pyproject.toml", "[build-system]\nrequires = []\nbuild-backend = 'evil'\nbackend-path = ['.']\n")
    ground.module("evil.py")
    ground.module("conftest.py")
    ground.write(".env", f"AWS_ACCESS_KEY_ID={EVIL}\nPATH=.\n")
    ground.write(".envrc", f"touch {ground.ran}/envrc\n")


def _secrets(ground: Ground) -> None:
    """What nobody meant to ship."""
    for name in (
        ".env",
        "server.key",
        "ca.pem",
        "id_rsa",
        "credentials",
        ".venv/pyvenv.cfg",
        "node_modules/x.js",
        ".git/config",
    ):
        ground.write(f"code/{name}", EVIL)


def _code_of_git(ground: Ground) -> None:
    """Pipelines whose functions would hold what git keeps for itself, a token of the CI system for one."""
    ground.link("plain", ".git")
    for name in (".git", "plain"):
        pipeline = (ground.project / "pipelines" / "etl.yaml").read_text().replace("name: etl", f"name: of-{name.strip('.')}")
        ground.write(f"pipelines/{name.strip('.')}.yaml", pipeline.replace("path: code", f"path: {name}"))


def _outputs(ground: Ground) -> None:
    """Links in the place of what is named on the command line."""
    ground.link("plan.json", "../outside/thesis.txt")
    ground.link("report.xml", "../outside/thesis.txt")
    ground.link("reports", "../outside")


def _code_link(path: str, to: str) -> Trap:
    return lambda ground: ground.link(path, to)


TRAPS: Mapping[str, Trap] = {
    "the folder is a link": _own_link("", "../outside"),
    "the folder is a link to nothing": _own_link("", "../made"),
    "packages are a link": _own_link("cache/packages", "../../../outside"),
    "the cache is a link": _own_link("cache", "../../outside"),
    "data is a link": _own_link("local", "../../outside"),
    "state is a link": _own_link("local/state", "../../../outside"),
    "objects are a link": _own_link("local/objects", "../../../outside"),
    "scratch is a link": _own_link("local/tmp", "../../../outside"),
    "a home that is a link": _own_link("local/home", "../../../outside"),
    "the log is a link": _own_link("local/log.txt", "../../../outside/thesis.txt"),
    "the port is a link": _own_link("local/port", "../../../outside/thesis.txt"),
    "a lock is a link": _own_link("local/running.lock", "../../../outside/thesis.txt"),
    "the start's lock is a link to nothing": _own_link("local/start.lock", "../../../made"),
    "an ignore file is a link": _own_link("local/.gitignore", "../../../made"),
    "the own ignore file is a link": _own_link(".gitignore", "../../made"),
    "the last session is a link": _own_link("last_session", "../../outside/thesis.txt"),
    "a nonce is a link": _own_link("nonce", "../../outside/thesis.txt"),
    "what was set aside is a link": _own_link("untrusted-20260101", "../../outside"),
    "data that was set aside is a link": _own_link("untrusted-20260102/local", "../../../outside"),
    "the folder is a pipe": _own_pipe(""),
    "the data is a pipe": _own_pipe("local"),
    "the announcement is a pipe": _own_pipe("local/ready.json"),
    "a state file is a pipe": _own_pipe("local/state/lambda.json"),
    "a lock is a pipe": _own_pipe("local/running.lock"),
    "the last session is a pipe": _own_pipe("last_session"),
    "the nonce is a pipe": _own_pipe("nonce"),
    "a nonce of the stranger's": _own_file("nonce", "0" * 64),
    "state that is no state": _own_file("local/state/sqs.json", "{"),
    "a port beyond all ports": _own_file("local/port", "99999999"),
    "sessions of a stranger": _own_file("last_session", json.dumps({"local": {"last": "\x1b[31m", "listed": [1, {}]}})),
    "an embedded AWS that is said to live": _alive,
    "a function that waits": _evil_function,
    "a home that runs": _evil_home,
    "a package that was planted": _evil_package,
    "a home in the project": _user_folders,
    "git: fsmonitor": _git_config("core.fsmonitor"),
    "git: hooks path": _git_config("core.hooksPath"),
    "git: clean": _git_config("filter.evil.clean"),
    "git: process": _git_config("filter.evil.process"),
    "git: textconv": _git_config("diff.evil.textconv"),
    "git: external diff": _git_config("diff.external"),
    "git: merge": _git_config("merge.evil.driver"),
    "git: pager": _git_config("core.pager"),
    "git: ssh": _git_config("core.sshCommand"),
    "git: ask": _git_config("core.askPass"),
    "git: credentials": _git_config("credential.helper"),
    "git: alias": _git_config("alias.status"),
    "git: hooks": _hooks,
    "git: alternates": _alternates,
    "git: included settings": _included,
    "git: submodules": _submodule,
    "git: replaced commits": _replaced,
    "a folder shaped as a repository": _git_shaped("shaped"),
    "pipelines shaped as a repository": _git_shaped("pipelines"),
    "the project shaped as a repository": _git_shaped("."),
    "a .git among the files": _git_file,
    "modules that hide others": _shadows,
    "programs of known names": _programs,
    "names that are commands": _names,
    "names in the code that do not print": _broken_names,
    "files of other tools": _tool_files,
    "secrets beside the code": _secrets,
    "code that is git's": _code_of_git,
    "outputs that lead outside": _outputs,
    "code that leads outside": _code_link("code/data.txt", "../../outside/thesis.txt"),
    "code that leads to git": _code_link("code/data.txt", "../.git/config"),
    "a pipeline that leads outside": _code_link("pipelines/more.yaml", "../../outside/thesis.txt"),
    "schemas that lead outside": _code_link("schemas", "../outside"),
    "a schema that leads outside": _code_link("schemas/pipeline-v1.json", "../../outside/thesis.txt"),
    "a report that leads outside": _code_link("report.xml", "../outside/thesis.txt"),
    "a plan that leads outside": _code_link("plan.json", "../outside/thesis.txt"),
    "a new project that leads outside": _code_link("new", "../outside"),
    "a pipe among the pipelines": lambda ground: ground.pipe("pipelines/more.yaml"),
    "a pipe in the code": lambda ground: ground.pipe("code/more.py"),
}

REFUSED = (
    "names in the code that do not print",
    "code that leads outside",
    "code that leads to git",
    "a pipeline that leads outside",
    "a pipe among the pipelines",
    "a pipe in the code",
)
"""Traps that no command gets past, so that nothing behind them is tried."""
