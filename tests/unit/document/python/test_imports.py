"""What a function imports in vain is told; what only running it could tell is not."""

from __future__ import annotations

import pytest

from bunsui.document.python.imports import missing_imports
from bunsui.ports.source import FolderEntry


def missing(
    *files: tuple[str, str], handler: str = "app.handler", runtime: str = "python3.12", lock: str | None = None
) -> list[tuple[str, str, int, bool]]:
    """Return module, file, line and whether it is certain of what is missing."""
    entries = [FolderEntry(path=path, executable=False, content=text.encode()) for path, text in files]
    found = missing_imports(entries, handler, runtime=runtime, lock=None if lock is None else lock.encode())
    return [(one.module, one.path, one.line, one.is_certain) for one in found]


def test_a_module_that_nobody_brings_is_missing_with_its_line() -> None:
    assert missing(("app.py", "import json\nimport pydantic.fields as f\nfrom yaml import load\n")) == [
        ("pydantic", "app.py", 2, True),
        ("yaml", "app.py", 3, True),
    ]


@pytest.mark.parametrize(
    "code",
    [
        "import boto3, botocore.exceptions, dateutil.parser, urllib3, jmespath, six",
        "import tomllib, zoneinfo, sqlite3, _thread",
        "try:\n    import ujson\nexcept ImportError:\n    import json as ujson",
        "try:\n    import ujson\nexcept (ValueError, ModuleNotFoundError):\n    ujson = None",
        "try:\n    import ujson\nexcept:\n    ujson = None",
        "try:\n    import json\nexcept ImportError:\n    import simplejson, ujson",
        "from contextlib import suppress\nwith suppress(ImportError):\n    import ujson",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from mypy_boto3_s3 import S3Client",
        "import sys\nif sys.platform == 'win32':\n    import pywintypes",
        "if __name__ == '__main__':\n    import pytest",
        "import sys\nsys.path.insert(0, 'vendor')\nimport vendored",
        "from sys import path\nimport vendored",
        "from . import helpers\nfrom .helpers import x",
        "import namespace.inner",
        "import helpers, native",
        "def f(:",
        "import awslambdaric",
    ],
)
def test_what_may_be_there_is_not_missing(code: str) -> None:
    beside = [("helpers.py", ""), ("namespace/inner.py", ""), ("native.cpython-312-x86_64-linux-gnu.so", "")]
    assert missing(("app.py", code), *beside) == []


def test_modules_of_the_folder_are_followed_and_others_are_not() -> None:
    files = (
        ("app.py", "from package import inner\nfrom package.deep.module import x\n"),
        ("package/__init__.py", "import of_init\n"),
        ("package/inner.py", "from . import sibling\n"),
        ("package/sibling.py", "import of_sibling\n"),
        ("package/deep/module.py", "from ..other import y\nimport of_deep\n"),
        ("package/other.py", "import of_other\n"),
        ("tests/test_app.py", "import pytest\n"),
        ("unused.py", "import numpy\n"),
    )
    assert {module for module, *_ in missing(*files)} == {"of_init", "of_sibling", "of_deep", "of_other"}


def test_an_import_in_a_function_may_never_be_done() -> None:
    assert missing(("app.py", "def handler(e, c):\n    import pandas\n")) == [("pandas", "app.py", 2, False)]
    assert missing(("app.py", "class A:\n    import pandas\n")) == [("pandas", "app.py", 2, True)]


def test_the_runtime_decides_what_the_standard_library_has() -> None:
    code = ("app.py", "import cgi, distutils.util, tomllib\n")
    by_runtime = {minor: [module for module, *_ in missing(code, runtime=f"python3.{minor}")] for minor in range(10, 15)}
    assert by_runtime == {
        10: ["tomllib"],
        11: [],
        12: ["distutils"],
        13: ["cgi", "distutils"],
        14: ["cgi", "distutils"],
    }
    assert missing(code, runtime="nodejs24.x") == []


@pytest.mark.parametrize(
    ("module", "locked"),
    [
        ("yaml", "pyyaml==6.0"),
        ("sklearn", "scikit-learn==1.7"),
        ("PIL", "pillow==11.0"),
        ("google.cloud.storage", "google-cloud-storage==3.0"),
        ("aws_lambda_powertools", "aws-lambda-powertools==3.0"),
        ("pandas", "Pandas==2.3.1"),
        ("psycopg2", "psycopg2-binary==2.9"),
    ],
)
def test_a_locked_package_may_have_another_name_than_its_module(module: str, locked: str) -> None:
    lock = f"{locked} \\\n    --hash=sha256:00\n"
    assert missing(("app.py", f"import {module}\n"), lock=lock) == []
    assert missing(("app.py", "import numpy\n"), lock=lock) == [("numpy", "app.py", 1, False)]


def test_a_handler_in_a_folder_of_the_code_is_followed_from_there() -> None:
    files = (("src/app.py", "import helpers\nimport absent\n"), ("helpers.py", ""))
    assert missing(*files, handler="src/app.handler") == [("absent", "src/app.py", 2, True)]
