"""What a Python function can import in Lambda without bringing it along, by runtime.

Sources: `sys.stdlib_module_names` of CPython 3.10.13, 3.11.7, 3.12.1 and 3.13.0, without private names; for 3.14 "New modules"
of https://docs.python.org/3.14/whatsnew/3.14.html, which removed none. What Lambda ships:
https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html (the SDK and its dependencies) and boto3's own metadata.
"""

from __future__ import annotations

from collections.abc import Mapping

SHIPPED: Mapping[str, str] = {
    "boto3": "boto3",
    "botocore": "botocore",
    "dateutil": "python-dateutil",
    "jmespath": "jmespath",
    "s3transfer": "s3transfer",
    "six": "six",
    "urllib3": "urllib3",
}
"""By module, the package that it is of."""
UNPROMISED = frozenset(
    {"awslambdaric", "bootstrap", "pip", "pkg_resources", "setuptools", "simplejson", "snapshot_restore_py", "wheel"}
)
"""Modules that some runtimes have as parts of their own; AWS promises none, and nobody is told that they are missing."""

_ALWAYS = frozenset(
    """
    abc antigravity argparse array ast asyncio atexit base64 bdb binascii bisect builtins bz2 cProfile calendar cmath cmd
    code codecs codeop collections colorsys compileall concurrent configparser contextlib contextvars copy copyreg csv
    ctypes curses dataclasses datetime dbm decimal difflib dis doctest email encodings ensurepip enum errno faulthandler
    fcntl filecmp fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib grp
    gzip hashlib heapq hmac html http idlelib imaplib importlib inspect io ipaddress itertools json keyword linecache
    locale logging lzma mailbox marshal math mimetypes mmap modulefinder msvcrt multiprocessing netrc nt ntpath nturl2path
    numbers opcode operator optparse os pathlib pdb pickle pickletools pkgutil platform plistlib poplib posix posixpath
    pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline reprlib
    resource rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtplib socket socketserver
    sqlite3 sre_compile sre_constants sre_parse ssl stat statistics string stringprep struct subprocess symtable sys
    sysconfig syslog tabnanny tarfile tempfile termios textwrap this threading time timeit tkinter token tokenize trace
    traceback tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib uuid venv warnings wave weakref
    webbrowser winreg winsound wsgiref xml xmlrpc zipapp zipfile zipimport zlib zoneinfo
    """.split()  # noqa: SIM905 - two hundred words are read as words
)
_ADDED: Mapping[int, str] = {11: "tomllib", 14: "annotationlib compression"}
_REMOVED: Mapping[int, str] = {
    11: "binhex",
    12: "asynchat asyncore distutils imp smtpd",
    13: (
        "aifc audioop cgi cgitb chunk crypt imghdr lib2to3 mailcap msilib nis nntplib ossaudiodev pipes sndhdr "
        "spwd sunau telnetlib uu xdrlib "
    ),
}
"""By the minor version of Python that was the first to have them, or to have them no more."""
OLDEST, NEWEST = 10, 14


def standard_modules(minor: int) -> frozenset[str]:
    """Return the names of the standard library's modules in Python 3.`minor`, without private ones."""
    added = {name for since, names in _ADDED.items() if since <= minor for name in names.split()}
    kept = {name for until, names in _REMOVED.items() if minor < until for name in names.split()}
    return _ALWAYS | added | kept


def removed_in(module: str) -> int | None:
    """Return the minor version that was the first without that module of the standard library; None where there is none."""
    return next((minor for minor, names in _REMOVED.items() if module in names.split()), None)


def minor_of(runtime: str) -> int | None:
    """Return 12 for `python3.12`; None for what is no Python that the tables know."""
    number = runtime.removeprefix("python3.")
    minor = int(number) if number.isascii() and number.isdigit() and number != runtime else 0
    return minor if OLDEST <= minor <= NEWEST else None
