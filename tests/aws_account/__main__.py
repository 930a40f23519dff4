"""Asks an account what nobody could know without one: `make aws`, with BUNSUI_AWS_ACCOUNT naming the account.

Everything is made under one name, costs less than `BUDGET_DOLLARS`, and is removed. What AWS answers is kept as cases under
`tests/cases/aws_account/`, to be read in review: an answer other than what bunsui relies on is a fault of bunsui.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from tests.aws_account.account import PREFIX, Account, open_account
from tests.aws_account.leftovers import Looked, sweep
from tests.aws_account.record import CASES, Report, ask_all, write
from tests.aws_account.walk import Walk, absent_tables, remove_tables

BUDGET_DOLLARS = 1.0


def main(account: Account, *, cases: Path = CASES) -> int:
    """Ask everything of the account; 0 when all is as bunsui relies on and nothing is left."""
    absent = absent_tables(account)
    with tempfile.TemporaryDirectory(prefix="bunsui-day-") as folder:
        walk = Walk(account, Path(folder) / "project")
        try:
            walk.go()
            report = ask_all(account, walk)
        finally:
            left = _swept(account, absent)
    if account.is_aws:
        write(report, account, cases)
    return _told(report, left)


def _swept(account: Account, absent: tuple[str, ...]) -> Looked:
    print(f"removing {account.run}", flush=True)
    kept = remove_tables(account, absent)
    left = sweep(account, account.run)
    return Looked(found=(*left.found, *kept), unknown=left.unknown)


def _told(report: Report, left: Looked) -> int:
    for line in report.lines():
        print(line)
    for name in left.found:
        print(f"LEFT {name}")
    for name in left.unknown:
        print(f"UNKNOWN {name}")
    if not left.found and not left.unknown:
        print("nothing is left")
    return 0 if report.is_as_relied_on and not left.found and not left.unknown else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make aws")
    parser.add_argument("--sweep", action="store_true", help=f"only remove what earlier runs left: all names with {PREFIX}")
    return parser.parse_args()


if __name__ == "__main__":
    options, opened = _options(), open_account(os.environ)
    if options.sweep:
        remaining = sweep(opened, PREFIX)
        print("\n".join((*remaining.found, *remaining.unknown)) or "nothing is left")
        sys.exit(1 if remaining.found or remaining.unknown else 0)
    print(f"account {opened.number}, {opened.region}: everything is named {opened.run}…, for less than {BUDGET_DOLLARS} dollar")
    sys.exit(main(opened))
