"""Processes forked from a server in which everything is imported: what they do at once would else take them a second each."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from bunsui.cli.registry import COMMANDS

PRELOADED = [
    "tests.strict_requests",
    "bunsui.cli.main",
    "bunsui.cli.output_schema",
    *(entry.module_name for entry in COMMANDS),
    "bunsui.aws.map_runs",
    "bunsui.aws.providers.registry",
    "bunsui.packaging.packager",
    "bunsui.plan.saved.planfile",
    "bunsui.services.init",
    "botocore.session",
    "jsonata",
    "jsonschema",
    "rich.progress",
    "tests.warm",
]


def forked(live: Callable[..., None], *arguments: Any) -> ForkServerProcess:
    """Return a started process that runs `live`, a function of a module, with arguments that can be pickled."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    process = context.Process(target=live, args=arguments)
    process.start()
    return process


def begin(folder: Path, environment: Mapping[str, str], streams: tuple[int, int, int]) -> None:
    """Make this process one as a shell starts it: with a folder, an environment, descriptors for its streams, and ears for an
    interrupt, which whoever started the tests may have closed.

    The server says nothing of what it could not import, and everything goes on at half the speed: here it is said.
    """
    for name in PRELOADED:
        import_module(name)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0, "r"), os.fdopen(1, "w"), os.fdopen(2, "w")
    signal.signal(signal.SIGINT, signal.default_int_handler)
