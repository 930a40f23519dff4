"""What a package is built for: the interpreter and the platform."""

from __future__ import annotations

import platform
import re
import sys
import sysconfig
from dataclasses import dataclass

from bunsui.errors import PackagingFailed

_OLDEST_GLIBC = 5
"""manylinux1 is glibc 2.5; older tags do not exist."""
_OLDEST_GLIBC_ARM = 17
_LEGACY_TAGS = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
"""Names from before PEP 600, each the same as a `manylinux_2_N`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What pip is asked to choose wheels for."""

    python: str
    """`3.12`."""
    platforms: tuple[str, ...]
    """Platform tags, most specific first; empty: this machine, whatever it is."""
    key: str
    """Differs between targets; part of cache keys."""

    def pip_options(self) -> list[str]:
        """Return the options that make pip choose for this target."""
        if not self.platforms:
            own = self.python == f"{sys.version_info.major}.{sys.version_info.minor}"
            return [] if own else ["--implementation=cp", f"--python-version={self.python}"]
        chosen = [f"--platform={tag}" for tag in self.platforms]
        return [*chosen, "--implementation=cp", f"--python-version={self.python}"]


def lambda_target(runtime: str, architecture: str) -> Target:
    """Return the target of a Lambda runtime such as `python3.12` on `x86_64` or `arm64`.

    The C library decides which wheels load: runtimes from Python 3.12 on run on Amazon Linux 2023 (glibc 2.34), older ones on
    Amazon Linux 2 (2.26). https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
    """
    found = re.fullmatch(r"python3\.(\d+)", runtime)
    machine = {"x86_64": "x86_64", "arm64": "aarch64"}.get(architecture)
    if found is None or machine is None:
        raise PackagingFailed(
            "runtime-not-packaged",
            "requirements can only be packaged for Python functions",
            hint="Remove `requirements`, or choose a python3.N runtime on x86_64 or arm64.",
            runtime=runtime,
            architecture=architecture,
        )
    glibc = _glibc_of(runtime)
    oldest = _OLDEST_GLIBC if machine == "x86_64" else _OLDEST_GLIBC_ARM
    tags = []
    for minor in range(glibc, oldest - 1, -1):
        tags.append(f"manylinux_2_{minor}_{machine}")
        if minor in _LEGACY_TAGS:
            tags.append(f"{_LEGACY_TAGS[minor]}_{machine}")
    return Target(python=f"3.{found[1]}", platforms=tuple(tags), key=f"{runtime}-{architecture}")


def host_target(python: str) -> Target:
    """Return the target for the embedded AWS, which runs functions on this machine with that Python, such as `3.12`."""
    return Target(
        python=python, platforms=(), key=f"host-{platform.python_implementation()}{python}-{sysconfig.get_platform()}"
    )


def is_like_lambda(runtime: str, architecture: str, python: str) -> bool:
    """Tell whether wheels for that runtime work on this machine with that Python: the same version, architecture and system, no
    older C library."""
    machine = {"x86_64": "x86_64", "amd64": "x86_64", "arm64": "arm64", "aarch64": "arm64"}.get(platform.machine().lower())
    library, version = platform.libc_ver()
    if sys.platform != "linux" or library != "glibc" or machine != architecture or runtime != f"python{python}":
        return False
    numbers = [int(part) for part in version.split(".")[:2] if part.isdecimal()]
    return len(numbers) == 2 and numbers >= [2, _glibc_of(runtime)]


def _glibc_of(runtime: str) -> int:
    """Return the minor version of the C library of a runtime's system: Amazon Linux 2023 from Python 3.12 on, 2 before."""
    return 34 if int(runtime.removeprefix("python3.")) >= 12 else 26
