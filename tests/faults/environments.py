"""What a command may be started in: each differs from a plain environment in one thing that must change no answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Differences from a plain environment."""

    variables: Mapping[str, str | None] = field(default_factory=dict)
    """None takes a name away. `{base}` is a scratch folder, `{project}` the project's."""
    before: str = ""
    """What the shell does first, such as `umask 777`."""
    streams: str = ""
    """Redirections, such as `<&-`."""
    shows: bool = True
    """False where stdout cannot be read."""
    prevents: Mapping[str, str] = field(default_factory=dict)
    """The code of the error for commands that cannot do there what they are for; they leave nothing behind."""


def _with(**variables: str | None) -> Surroundings:
    return Surroundings(variables=variables)


ENVIRONMENTS: Mapping[str, Surroundings] = {
    "COLUMNS 0": _with(COLUMNS="0", LINES="0"),
    "COLUMNS negative": _with(COLUMNS="-7", LINES="-1"),
    "COLUMNS absurd": _with(COLUMNS="1000000000", LINES="1000000000", TERMINAL_WIDTH="1000000000"),
    "COLUMNS text": _with(COLUMNS="wide", LINES="high", TERMINAL_WIDTH="wide"),
    "COLUMNS 1": _with(COLUMNS="1", LINES="1", TERMINAL_WIDTH="0"),
    "stdin closed": Surroundings(streams="<&-"),
    "stdout closed": Surroundings(streams=">&-", shows=False),
    "stderr closed": Surroundings(streams="2>&-"),
    "all closed": Surroundings(streams="<&- >&- 2>&-", shows=False),
    "HOME missing": _with(HOME=None, USER=None, LOGNAME=None, XDG_CACHE_HOME=None),
    "HOME nowhere": _with(HOME="/nonexistent/home", XDG_CACHE_HOME="/nonexistent/cache", XDG_CONFIG_HOME="/nonexistent/config"),
    "HOME read-only": _with(HOME="/proc", XDG_CACHE_HOME="/proc/cache"),
    "HOME relative": _with(HOME=".", XDG_CACHE_HOME="cache"),
    "TERM dumb": _with(TERM="dumb"),
    "TERM unknown": _with(TERM="no-such-terminal", COLORTERM="truecolor"),
    "locale C": _with(LANG="C", LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0"),
    "locale POSIX": _with(LANG="POSIX", LC_ALL="POSIX", PYTHONUTF8="0"),
    "locale unknown": _with(LANG="xx_YY.SJIS", LC_ALL="xx_YY.SJIS"),
    "ASCII streams": _with(PYTHONIOENCODING="ascii"),
    "PYTHON*": _with(
        PYTHONSAFEPATH="1",
        PYTHONPATH="{project}/evil:.",
        PYTHONSTARTUP="{project}/evil/yaml.py",
        PYTHONINSPECT="1",
        PYTHONUNBUFFERED="1",
        PYTHONHASHSEED="7",
        PYTHONBREAKPOINT="evil.main",
    ),
    "PYTHONWARNINGS": _with(PYTHONWARNINGS="error", PYTHONDEVMODE="1"),
    "PYTHONOPTIMIZE": _with(PYTHONOPTIMIZE="2", PYTHONDONTWRITEBYTECODE="1"),
    "TMPDIR missing": _with(TMPDIR="/nonexistent/tmp", TEMP="/nonexistent/tmp", TMP="/nonexistent/tmp"),
    "umask 000": Surroundings(before="umask 000"),
    "umask 777": Surroundings(before="umask 777"),
    "full disk": Surroundings(before="ulimit -f 0", prevents={"init": "cannot-write"}),
    "few files": Surroundings(before="ulimit -n 64"),
    "GIT_*": _with(
        GIT_DIR="{base}/other.git",
        GIT_INDEX_FILE="{base}/index",
        GIT_WORK_TREE="{base}",
        GIT_EXTERNAL_DIFF="{trap}",
        GIT_SSH_COMMAND="{trap}",
        GIT_CONFIG_COUNT="1",
        GIT_CONFIG_KEY_0="core.fsmonitor",
        GIT_CONFIG_VALUE_0="{trap}",
    ),
    "AWS_ENDPOINT_URL": _with(AWS_ENDPOINT_URL="http://127.0.0.1:9", AWS_ENDPOINT_URL_SFN="http://127.0.0.1:9"),
    "AWS_*": _with(
        AWS_PROFILE="nobody",
        AWS_CONFIG_FILE="{base}/none",
        AWS_USE_FIPS_ENDPOINT="true",
        AWS_USE_DUALSTACK_ENDPOINT="true",
        AWS_DEFAULTS_MODE="nonsense",
        AWS_RETRY_MODE="nonsense",
        AWS_MAX_ATTEMPTS="many",
        AWS_CA_BUNDLE="/nonexistent",
        AWS_DATA_PATH="{project}/evil",
        AWS_ACCESS_KEY_ID="AKIAEXAMPLE",
        AWS_SECRET_ACCESS_KEY="x",
        AWS_REGION="mars-north-1",
        AWS_REQUEST_CHECKSUM_CALCULATION="nonsense",
        AWS_EC2_METADATA_DISABLED="maybe",
    ),
    "proxies": _with(
        HTTP_PROXY="http://127.0.0.1:9",
        http_proxy="http://127.0.0.1:9",
        HTTPS_PROXY="http://127.0.0.1:9",
        ALL_PROXY="socks5://127.0.0.1:9",
        all_proxy="socks5://127.0.0.1:9",
        NO_PROXY=None,
        no_proxy=None,
    ),
    "certificates": _with(SSL_CERT_FILE="/nonexistent", SSL_CERT_DIR="/nonexistent", REQUESTS_CA_BUNDLE="/nonexistent"),
    "time zone": _with(TZ="Asia/Tokyo"),
    "time zone unknown": _with(TZ="Mars/North"),
    "PATH of the checkout": _with(PATH=".:evil:{project}/evil:{path}"),
    "PATH empty": _with(PATH=""),
    "a hundred thousand bytes": _with(**{f"FILLER_{number}": "x" * 1000 for number in range(100)}),
}
