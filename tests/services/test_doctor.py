"""What is wrong with a machine or an account is told once, with the next step; what cannot be told is skipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest

from bunsui.errors import AccessDenied, BunsuiError, ExitCode, InvalidInput, NotFound, Refused, Unavailable
from bunsui.ports.cloud import Caller
from bunsui.ports.diagnosis import EndpointAnswer, FoundCredentials, TableLook
from bunsui.services.doctor.account import MeantAccount, account_checks
from bunsui.services.doctor.checks import Area, Check, CheckOutcome, Diagnosis, tell_error
from bunsui.services.doctor.embedded import EmbeddedFacts, embedded_checks
from bunsui.services.doctor.machine import FolderFacts, InstalledPackage, MachineFacts, TerminalFacts, machine_checks
from bunsui.services.doctor.project import CiFacts, ProjectFacts, ci_checks, project_checks
from bunsui.services.doctor.requirements import Requirement, read_requirements

NOW = datetime(2026, 12, 1, 3, tzinfo=UTC)
CALLER = Caller(account="111111111111", arn="arn:aws:iam::111111111111:user/ann", region="eu-west-1")
MEANT = MeantAccount(
    environment="prod", account="111111111111", region="eu-west-1", is_known_region=True, profile="acme", has_state=True
)
EXPIRED = AccessDenied("credentials-expired", "the AWS credentials have expired", hint="Sign in again:\n  aws sso login")
NOBODY = Unavailable("endpoint-unreachable", "the AWS endpoint did not answer", hint="Check the network.")
DENIED = AccessDenied("access-denied", "AWS refused the call", hint="Check that you may call dynamodb:DescribeTable.")


@dataclass
class Account:
    """An account that answers as it is told."""

    skew: timedelta = timedelta()
    silent: tuple[str, ...] = ()
    found: FoundCredentials | BunsuiError = field(default_factory=lambda: FoundCredentials(source="sso"))
    asked_as: Caller | BunsuiError = CALLER
    look: TableLook | BunsuiError = field(
        default_factory=lambda: TableLook(name="bunsui-state", is_there=True, status="ACTIVE")
    )
    size: int | BunsuiError = 7

    def endpoints(self) -> Sequence[EndpointAnswer]:
        return [
            EndpointAnswer(service=name, host=name, problem=NOBODY)
            if name in self.silent
            else EndpointAnswer(service=name, host=name, aws_time=NOW, local_time=NOW + self.skew)
            for name in ("sts", "states")
        ]

    def credentials(self) -> FoundCredentials:
        return answered(self.found)

    def caller(self) -> Caller:
        return answered(self.asked_as)

    def table(self) -> TableLook:
        return answered(self.look)

    def state_size(self) -> int:
        return answered(self.size)


T = TypeVar("T")


def answered(value: T | BunsuiError) -> T:
    if isinstance(value, BunsuiError):
        raise value
    return value


def looked(account: Account, meant: MeantAccount = MEANT) -> dict[str, Check]:
    return {check.name: check for check in account_checks(meant, account, lambda: NOW)}


def outcomes(account: Account, meant: MeantAccount = MEANT) -> dict[str, CheckOutcome]:
    return {name: check.outcome for name, check in looked(account, meant).items() if check.outcome is not CheckOutcome.OK}


def test_an_account_that_answers_has_nothing_wrong() -> None:
    assert outcomes(Account()) == {}


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (Account(skew=timedelta(seconds=40)), {"clock": CheckOutcome.WARNING}),
        (Account(skew=-timedelta(minutes=5)), {"clock": CheckOutcome.FAILED}),
        (Account(silent=("states",)), {"endpoints": CheckOutcome.FAILED}),
        (
            Account(silent=("sts", "states")),
            {
                "endpoints": CheckOutcome.FAILED,
                "clock": CheckOutcome.SKIPPED,
                "caller": CheckOutcome.SKIPPED,
                "table": CheckOutcome.SKIPPED,
            },
        ),
        (
            Account(found=EXPIRED),
            {"credentials": CheckOutcome.FAILED, "caller": CheckOutcome.SKIPPED, "table": CheckOutcome.SKIPPED},
        ),
        (Account(asked_as=EXPIRED), {"caller": CheckOutcome.FAILED, "table": CheckOutcome.SKIPPED}),
        (
            Account(asked_as=replace(CALLER, account="222222222222")),
            {"caller": CheckOutcome.FAILED, "table": CheckOutcome.SKIPPED},
        ),
        (Account(found=FoundCredentials(source="sso", expires_at=NOW)), {"credentials": CheckOutcome.FAILED}),
        (
            Account(found=FoundCredentials(source="sso", expires_at=NOW + timedelta(minutes=9))),
            {"credentials": CheckOutcome.WARNING},
        ),
        (Account(look=TableLook(name="bunsui-state", is_there=False)), {"table": CheckOutcome.WARNING}),
        (Account(look=TableLook(name="bunsui-state", is_there=True, has_our_keys=False)), {"table": CheckOutcome.FAILED}),
        (Account(look=DENIED), {"table": CheckOutcome.WARNING}),
        (Account(size=Refused("newer-bunsui", "something is newer", hint="Install it.")), {"format": CheckOutcome.FAILED}),
    ],
)
def test_what_is_wrong_is_told_where_it_is(account: Account, expected: dict[str, CheckOutcome]) -> None:
    assert outcomes(account) == expected


def test_what_is_not_ok_has_a_next_step_unless_it_was_skipped() -> None:
    accounts = (Account(silent=("sts",), found=EXPIRED), Account(skew=timedelta(hours=1), look=DENIED))
    checks = [check for account in accounts for check in looked(account).values()]
    assert [
        check for check in checks if check.outcome in (CheckOutcome.WARNING, CheckOutcome.FAILED) and not check.next_step
    ] == []


def test_an_environment_without_a_declared_account_is_a_warning_with_the_line_to_write() -> None:
    check = looked(Account(), replace(MEANT, account=""))["caller"]
    assert check.outcome is CheckOutcome.WARNING
    assert 'account: "111111111111"' in check.next_step


def test_settings_that_hide_others_are_told() -> None:
    meant = replace(
        MEANT, keys_hide_profile=True, missing_files={"AWS_CA_BUNDLE": "/none"}, unused_endpoints=("AWS_ENDPOINT_URL",)
    )
    expected = {
        "profile": CheckOutcome.WARNING,
        "certificates": CheckOutcome.FAILED,
        "configured endpoints": CheckOutcome.WARNING,
    }
    assert outcomes(Account(), meant) == expected
    assert outcomes(Account(), replace(MEANT, region="", is_known_region=False)) == {"region": CheckOutcome.FAILED}
    assert outcomes(Account(), replace(MEANT, is_known_region=False)) == {"region": CheckOutcome.WARNING}


def test_awss_own_message_is_not_shown() -> None:
    error = AccessDenied("credentials-invalid", "AWS does not take them", hint="x", aws_code="Y", aws_message="SECRET")
    assert tell_error(Area.CREDENTIALS, "caller", error).facts == {"code": "credentials-invalid", "aws_code": "Y"}


MACHINE = MachineFacts(
    platform="Linux",
    python=(3, 11, 7),
    version="0.1.0",
    packages=(InstalledPackage(requirement=Requirement(name="boto3", clauses=">=1.40"), version="1.43.1"),),
    tested={"boto3": "1.43.1"},
    terminal=TerminalFacts(is_terminal=True, kind="xterm", columns=100, encoding="utf-8"),
    git="git",
    checkout=None,
    folders=(FolderFacts(purpose="state", path="/s", is_writable=True, free_bytes=10**10),),
)


def wrong(facts: MachineFacts) -> dict[str, CheckOutcome]:
    return {check.name: check.outcome for check in machine_checks(facts) if check.outcome is not CheckOutcome.OK}


def test_a_machine_that_has_everything_has_nothing_wrong() -> None:
    assert wrong(MACHINE) == {}


def test_each_thing_that_a_machine_lacks_is_told() -> None:
    package, folder, terminal = MACHINE.packages[0], MACHINE.folders[0], MACHINE.terminal
    assert wrong(replace(MACHINE, python=(3, 10, 1))) == {"Python": CheckOutcome.FAILED}
    assert wrong(replace(MACHINE, packages=())) == {"packages": CheckOutcome.SKIPPED}
    assert wrong(replace(MACHINE, packages=(replace(package, version=""),))) == {"packages": CheckOutcome.FAILED}
    assert wrong(replace(MACHINE, packages=(replace(package, version="1.39"),))) == {"packages": CheckOutcome.FAILED}
    assert wrong(replace(MACHINE, tested={"boto3": "1.44.0"})) == {"packages": CheckOutcome.WARNING}
    assert wrong(replace(MACHINE, git="")) == {"git": CheckOutcome.WARNING}
    assert wrong(replace(MACHINE, checkout=InvalidInput("checkout-unsafe", "x", hint="y"))) == {"git": CheckOutcome.WARNING}
    assert wrong(replace(MACHINE, folders=(replace(folder, is_writable=False),))) == {"folder for state": CheckOutcome.FAILED}
    assert wrong(replace(MACHINE, folders=(replace(folder, free_bytes=10**6),))) == {"folder for state": CheckOutcome.FAILED}
    assert wrong(replace(MACHINE, folders=(replace(folder, free_bytes=10**8),))) == {"folder for state": CheckOutcome.WARNING}
    assert wrong(replace(MACHINE, folders=(replace(folder, is_fallback=True),))) == {"folder for state": CheckOutcome.WARNING}
    changes: tuple[dict[str, Any], ...] = ({"kind": "dumb"}, {"columns": 60}, {"encoding": "ascii"})
    for change in changes:
        assert wrong(replace(MACHINE, terminal=replace(terminal, **change))) == {"terminal": CheckOutcome.WARNING}
    assert wrong(replace(MACHINE, unknown_variables={"BUNSUI_ENF": "BUNSUI_ENV"})) == {"variables": CheckOutcome.WARNING}


def test_requirements_are_read_as_bunsuis_metadata_has_them() -> None:
    lines = [
        "textual<9,>=8",
        "jsonata-python==0.7.1",
        'backports.zstd>=1; python_version < "3.14"',
        "ministack==1.5; extra == 'local'",
    ]
    found = {one.name: one for one in read_requirements(lines, (3, 14))}
    assert sorted(found) == ["jsonata-python", "ministack", "textual"]
    assert found["ministack"].extra == "local"
    assert [found["textual"].allows(version) for version in ("7.9", "8.0", "8.10.2", "9.0")] == [False, True, True, False]
    assert [found["jsonata-python"].allows(version) for version in ("0.7.1", "0.7.10")] == [True, False]


def test_a_file_with_errors_is_failed_and_one_that_is_not_there_is_not() -> None:
    broken = ProjectFacts(
        root="", problem=InvalidInput("project-file-invalid", "bunsui.yaml has 1 error", hint="bunsui validate")
    )
    assert [check.outcome for check in project_checks(broken)] == [CheckOutcome.FAILED]
    none = ProjectFacts(root="", problem=NotFound("no-project", "there is none"))
    assert [check.outcome for check in project_checks(none)] == [CheckOutcome.SKIPPED]


def test_a_job_that_can_get_no_credentials_is_failed() -> None:
    facts = CiFacts(is_ci=True, system="GitHub Actions", link="https://ci.example/1", lacks_identity=True)
    assert [check.outcome for check in ci_checks(facts)] == [CheckOutcome.FAILED]
    assert [check.outcome for check in ci_checks(replace(facts, lacks_identity=False))] == [CheckOutcome.OK]
    assert [check.outcome for check in ci_checks(CiFacts(is_ci=False))] == [CheckOutcome.SKIPPED]


def test_the_embedded_aws_is_judged_by_whether_it_is_meant() -> None:
    lost = EmbeddedFacts(is_installed=True, problem=NOBODY)
    process = {True: CheckOutcome.FAILED, False: CheckOutcome.WARNING}
    for is_meant, outcome in process.items():
        assert [one.outcome for one in embedded_checks(lost, version="0.1.0", is_meant=is_meant)][-1] is outcome
    runs = EmbeddedFacts(
        is_installed=True, folder="/d", url="http://127.0.0.1:1", pid=7, running_version="0.1.0", caller=CALLER
    )
    assert {one.outcome for one in embedded_checks(runs, version="0.1.0", is_meant=True)} == {CheckOutcome.OK}
    changes: tuple[dict[str, Any], ...] = (
        {"running_version": "0.0.9"},
        {"url": "", "left_by_a_dead_one": True},
        {"has_strangers": True},
    )
    for change in changes:
        found = embedded_checks(replace(runs, **change), version="0.1.0", is_meant=True)
        assert CheckOutcome.WARNING in {one.outcome for one in found}


def test_only_what_failed_counts_for_the_exit_code() -> None:
    def code(*found: CheckOutcome) -> ExitCode:
        checks = tuple(Check(area=Area.CI, name="x", outcome=one, says="x") for one in found)
        return Diagnosis(version="0.1.0", environment="", checks=checks).exit_code

    assert code(CheckOutcome.OK, CheckOutcome.WARNING, CheckOutcome.SKIPPED) is ExitCode.DONE
    assert code(CheckOutcome.OK, CheckOutcome.FAILED) is ExitCode.FAILED
