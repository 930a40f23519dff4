"""Compiles a large project in a process of its own, while this one talks to AWS.

In one process the two wait for each other: Python runs one thread at a time. The other process is forked, so it begins with
everything imported and read, and ends with what it compiled. It never talks to AWS, since connections cannot be shared: what
the files ask of the account (`${ssm:...}`, look-ups) it asks of this process.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final

from bunsui.compile.pipeline import CompiledPipeline
from bunsui.diagnostics import Diagnostic, has_errors
from bunsui.errors import BunsuiError
from bunsui.model.json import Json
from bunsui.performance import Shortcut, uses
from bunsui.ports.cloud import LookUp, ParameterStore
from bunsui.project.compile import (
    Applied,
    CompiledProject,
    Compiler,
    beside,
    compile_each,
    compile_for_plan,
    documents_of,
    project_of,
    selected_names,
)
from bunsui.project.repository import Repository

FILES_WORTH_A_PROCESS: Final = 40
"""A process costs some 30 ms, which is what a dozen files take."""
_SENT_AT_ONCE: Final = 20
"""Pipelines. What was sent is forgotten, and what was received is unpacked when the other process is gone, so that the project
is never in memory twice."""

_ASKED, _PART, _END, _END_WITH_ERRORS = b"?", b"+", b".", b"!"
"""What the messages begin with: a parameter's path or a look-up's kind and name, something pickled, nothing twice."""


_PARAMETER = "ssm"


@dataclass(frozen=True, slots=True, kw_only=True)
class _AskedOfParent:
    """A `bunsui.ports.cloud.ParameterStore` that asks the process that has the connection."""

    line: Connection

    def parameter(self, path: str) -> str | Sequence[str]:
        """Return what the parent's store gives."""
        answer: str | Sequence[str] = self._ask(f"{_PARAMETER} {path}")
        return answer

    def look_up(self, kind: LookUp, name: str) -> Json:
        """Return what the parent's store gives."""
        answer: Json = self._ask(f"{kind.value} {name}")
        return answer

    def _ask(self, question: str) -> Any:
        self.line.send_bytes(_ASKED + question.encode())
        return self.line.recv()


@contextmanager
def compiler_for(draft: Repository) -> Iterator[Compiler]:
    """Return what compiles the repository once, when its account is known, as `compile_for_plan` does.

    Another process does it where that pays, and may be forked. When it has no result, whatever the reason, everything happens
    here: compiling writes nothing, so it may be begun again, and an error that it ends with is raised by the compiler. The
    process ends with the `with`, an interrupt included.
    """
    begun = _begin_process(draft) if _is_worth_a_process(draft) else None
    if begun is None:
        yield compile_for_plan
        return
    child, here = begun

    def compiler(repository: Repository, select: Sequence[str], applied: Callable[[], Applied]) -> CompiledProject:
        try:
            parts, is_sound = _ask_for_all(here, repository, select)
        except (EOFError, OSError, BunsuiError):  # the other process is no more, or got no answer
            return compile_for_plan(repository, select, applied)
        child.join()
        return _put_together(parts, repository, applied() if is_sound else {})

    try:
        yield compiler
    finally:
        here.close()
        child.kill()
        child.join()


def _is_worth_a_process(repository: Repository) -> bool:
    """Other threads would not live on in a forked process, and what they hold would stay held; macOS forbids forking."""
    if (
        not uses(Shortcut.SUBPROCESS_COMPILER)
        or sys.platform != "linux"
        or len(os.sched_getaffinity(0)) < 2
        or len(list(Path("/proc/self/task").iterdir())) > 1
    ):
        return False
    return len(repository.source.find(repository.project.patterns)) >= FILES_WORTH_A_PROCESS


def _begin_process(draft: Repository) -> tuple[BaseProcess, Connection] | None:
    """Return the process and the line to it; None when the system has no room for one more."""
    fork = get_context("fork")
    here, there = fork.Pipe()
    child = fork.Process(target=_compile_and_send, args=(there, here, draft), daemon=True)
    gc.freeze()  # neither process looks through what is there, so that it stays shared
    try:
        child.start()
    except OSError:
        here.close()
        return None
    finally:
        there.close()
    return child, here


def _ask_for_all(line: Connection, repository: Repository, select: Sequence[str]) -> tuple[list[bytes], bool]:
    """Have it compiled, and answer questions until the last part is there; give all parts, and whether no file has an error."""
    line.send((repository.scope, select, repository.parameters is not None))
    parts: list[bytes] = []
    while (said := line.recv_bytes()) not in (_END, _END_WITH_ERRORS):
        if said.startswith(_PART):
            parts.append(said)
        else:
            assert repository.parameters is not None
            line.send(_answer(said.removeprefix(_ASKED).decode(), repository.parameters))
    return parts, said == _END


def _answer(question: str, store: ParameterStore) -> Json | Sequence[str]:
    kind, _, name = question.partition(" ")
    return store.parameter(name) if kind == _PARAMETER else store.look_up(LookUp(kind), name)


def _put_together(parts: list[bytes], repository: Repository, applied: Applied) -> CompiledProject:
    """Unpack the documents with what was selected of them, then the compiled pipelines. Empties `parts` on its way."""
    parts.reverse()
    documents, names = _unpack_part(parts.pop())
    compiled: dict[str, CompiledPipeline] = {}
    while parts:
        compiled |= {name: beside(one, applied) for name, one in _unpack_part(parts.pop()).items()}
    return project_of(repository, documents, names, compiled)


def _unpack_part(part: bytes) -> Any:
    return pickle.loads(memoryview(part)[len(_PART) :])  # noqa: S301 - from this very program


def _compile_and_send(line: Connection, other_end: Connection, draft: Repository) -> None:
    """Live in the other process. Interrupts are the parent's to hear, and so are errors, which it will meet itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    other_end.close()
    gc.disable()  # it ends soon
    try:
        scope, select, may_ask = line.recv()
        repository = replace(draft, scope=scope, parameters=_AskedOfParent(line=line) if may_ask else None)
        documents = documents_of(repository)
        names = selected_names(documents, select, repository)
        _send(line, (documents, names))
        compiled = compile_each(repository, documents, names, asks_whether_refused=False)
        found: list[Diagnostic] = []
        while some := dict(islice(compiled, _SENT_AT_ONCE)):
            _send(line, some)
            found += (finding for one in some.values() for finding in one.diagnostics)
        has_any = has_errors((*documents.diagnostics, *documents.rules.applied(found)))
        line.send_bytes(_END_WITH_ERRORS if has_any else _END)
    except Exception:  # noqa: BLE001 - whatever it is, the parent compiles again and meets it where it can be told
        sys.exit(1)


def _send(line: Connection, part: object) -> None:
    line.send_bytes(_PART + pickle.dumps(part, protocol=pickle.HIGHEST_PROTOCOL))
