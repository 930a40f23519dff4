"""Judge what an account answers: endpoints, clock, credentials, caller, the table of the state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from bunsui.command_line import command_line
from bunsui.errors import AccessDenied, BunsuiError, Missing
from bunsui.ports.cloud import Caller
from bunsui.ports.diagnosis import AccountProbe, EndpointAnswer, FoundCredentials
from bunsui.services.doctor.checks import Area, Check, CheckOutcome, fail, say_ok, skip, tell_error, warn

T = TypeVar("T")

SKEW_LIMIT = timedelta(minutes=5)
"""How far from AWS's clock a signature may be:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html"""
_SKEW_NOTED = timedelta(seconds=30)
_SOON = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeantAccount:
    """Which account is meant, and how it is reached, as files, options and variables say."""

    environment: str
    """Empty without a project."""
    account: str
    """As declared; empty where nothing is."""
    region: str
    is_known_region: bool
    profile: str
    """By option, environment, or AWS_PROFILE; empty for none."""
    role_arn: str = ""
    proxies: Mapping[str, str] = field(default_factory=dict)
    """Variables that name a proxy, without passwords."""
    missing_files: Mapping[str, str] = field(default_factory=dict)
    """Variables that name a file which is not there, such as AWS_CA_BUNDLE."""
    unused_endpoints: Sequence[str] = ()
    """Variables that name an endpoint, which counts for nobody."""
    keys_hide_profile: bool = False
    """Keys in variables beside AWS_PROFILE: the keys count."""
    has_state: bool = False
    """True where there is a project whose state can be looked for."""


def account_checks(meant: MeantAccount, probe: AccountProbe, now: Callable[[], datetime]) -> Iterator[Check]:
    """Yield every check of an account, those that nothing can be asked for as skipped."""
    yield from _settings(meant)
    answers, problem = _ask(probe.endpoints)
    if problem is not None:
        yield tell_error(Area.NETWORK, "endpoints", problem)
    else:
        yield _endpoints(answers or ())
        yield _clock(answers or ())
    reached = any(one.problem is None for one in answers or ())
    yield from _identity(meant, probe, now, is_reached=reached)


def _ask(question: Callable[[], T]) -> tuple[T | None, BunsuiError | None]:
    try:
        return question(), None
    except BunsuiError as error:
        return None, error


def _settings(meant: MeantAccount) -> Iterator[Check]:
    if meant.proxies:
        listed = ", ".join(f"{name}={address}" for name, address in meant.proxies.items())
        yield say_ok(Area.NETWORK, "proxy", listed)
    else:
        yield say_ok(Area.NETWORK, "proxy", "none is set")
    if meant.missing_files:
        listed = ", ".join(f"{name}={path}" for name, path in meant.missing_files.items())
        step = "Correct the path, or take the variable away."
        yield fail(Area.NETWORK, "certificates", f"there is no such file: {listed}", next_step=step)
    if meant.unused_endpoints:
        listed = ", ".join(meant.unused_endpoints)
        step = "Nothing, unless an emulator was meant: environments of a project reach AWS itself, `local` the embedded AWS."
        yield warn(Area.NETWORK, "configured endpoints", f"not used: {listed}", next_step=step)
    if not meant.region:
        step = "Set `region:` of the environment in bunsui.yaml, AWS_REGION, or --region."
        tell = fail if meant.environment else warn
        yield tell(Area.NETWORK, "region", "no region is set", next_step=step)
    elif not meant.is_known_region:
        step = "Correct it; a region that is newer than the installed botocore works all the same."
        yield warn(Area.NETWORK, "region", f"{meant.region} is none that botocore knows", next_step=step)
    else:
        yield say_ok(Area.NETWORK, "region", meant.region)


def _endpoints(answers: Sequence[EndpointAnswer]) -> Check:
    silent = [one for one in answers if one.problem is not None]
    if not silent:
        return say_ok(Area.NETWORK, "endpoints", f"{', '.join(one.service for one in answers)} answer")
    first = silent[0].problem
    assert first is not None
    listed = ", ".join(one.host or one.service for one in silent)
    some = (
        "none of AWS's endpoints answers" if len(silent) == len(answers) else f"{len(silent)} of {len(answers)} do not answer"
    )
    way = "Check the network, the proxy and its NO_PROXY." if first.code == "endpoint-unreachable" else first.hint
    step = f"{way}\nSee who answers:\n  curl -sv https://{silent[0].host}/" if silent[0].host else way
    return fail(Area.NETWORK, "endpoints", f"{some}: {listed}", next_step=step, code=first.code)


def _clock(answers: Sequence[EndpointAnswer]) -> Check:
    told = [(one.aws_time, one.local_time) for one in answers if one.aws_time is not None and one.local_time is not None]
    if not told:
        return skip(Area.NETWORK, "clock", "no endpoint answered, so nobody knows AWS's time")
    ahead = min((mine - theirs for theirs, mine in told), key=abs)
    words = f"{abs(ahead).total_seconds():.0f} s {'ahead of' if ahead > timedelta() else 'behind'} AWS's"
    if abs(ahead) >= SKEW_LIMIT:
        step = "Set this machine's clock (timedatectl set-ntp true): AWS takes signatures within 5 minutes."
        return fail(Area.NETWORK, "clock", f"it is {words}", next_step=step)
    if abs(ahead) >= _SKEW_NOTED:
        step = "Set this machine's clock before it is 5 minutes off, when AWS takes no signature any more."
        return warn(Area.NETWORK, "clock", f"it is {words}", next_step=step)
    return say_ok(Area.NETWORK, "clock", "within 30 s of AWS's")


def _identity(meant: MeantAccount, probe: AccountProbe, now: Callable[[], datetime], *, is_reached: bool) -> Iterator[Check]:
    if meant.keys_hide_profile:
        step = "Take the keys out of the environment, or name the profile with --profile."
        words = f"AWS_ACCESS_KEY_ID is set beside AWS_PROFILE={meant.profile}: the keys count, not the profile"
        yield warn(Area.CREDENTIALS, "profile", words, next_step=step)
    found, problem = _ask(probe.credentials)
    if problem is not None:
        yield tell_error(Area.CREDENTIALS, "credentials", problem)
    elif found is not None:
        yield _credentials(meant, found, now())
    caller: Caller | None = None
    if found is None:
        yield skip(Area.CREDENTIALS, "caller", "there are no credentials to ask with")
    elif not is_reached:
        yield skip(Area.CREDENTIALS, "caller", "AWS cannot be reached")
    else:
        caller, problem = _ask(probe.caller)
        yield tell_error(Area.CREDENTIALS, "caller", problem) if problem is not None else judge_caller(meant, caller)
    if not meant.has_state:
        yield skip(Area.STATE, "table", "there is no project whose state could be looked for")
    elif caller is None:
        yield skip(Area.STATE, "table", "AWS does not say who asks")
    elif meant.account and caller.account != meant.account:
        yield skip(Area.STATE, "table", "the credentials belong to another account")
    else:
        yield from state_checks(probe, environment=meant.environment)


def _credentials(meant: MeantAccount, found: FoundCredentials, now: datetime) -> Check:
    via = f" by profile {meant.profile}" if meant.profile and not meant.keys_hide_profile else ""
    via += f", as {meant.role_arn}" if meant.role_arn else ""
    words = f"from {found.source}{via}"
    if found.expires_at is None:
        return say_ok(Area.CREDENTIALS, "credentials", words)
    left = found.expires_at - now
    if left <= timedelta():
        return fail(Area.CREDENTIALS, "credentials", f"{words}; they have expired", next_step=_sign_in(meant))
    minutes = int(left.total_seconds() // 60)
    if left < _SOON:
        return warn(Area.CREDENTIALS, "credentials", f"{words}; they expire in {minutes} min", next_step=_sign_in(meant))
    return say_ok(Area.CREDENTIALS, "credentials", f"{words}, for {minutes // 60} h {minutes % 60} min more")


def _sign_in(meant: MeantAccount) -> str:
    return f"Sign in again:\n  aws sso login{f' --profile {meant.profile}' if meant.profile else ''}"


def judge_caller(meant: MeantAccount, caller: Caller | None) -> Check:
    """Return whether the caller is in the account that is declared."""
    assert caller is not None
    if meant.account and caller.account != meant.account:
        words = f"account {caller.account}, and {meant.environment} declares {meant.account}"
        step = "Use other credentials (--profile), or correct `account` in bunsui.yaml."
        return fail(Area.CREDENTIALS, "caller", words, next_step=step, caller=caller.arn)
    if meant.environment and not meant.account:
        step = f'Declare it, so that no other account is ever written:  account: "{caller.account}"'
        words = f"{caller.arn}; {meant.environment} declares no account"
        return warn(Area.CREDENTIALS, "caller", words, next_step=step)
    return say_ok(Area.CREDENTIALS, "caller", caller.arn)


def state_checks(probe: AccountProbe, *, environment: str) -> Iterator[Check]:
    """Yield whether the table is there, and whether this bunsui reads what is in it."""
    table, problem = _ask(probe.table)
    if problem is not None:
        yield _judge_unread(problem)
        return
    assert table is not None
    if not table.is_there:
        step = f"Nothing was applied in this account and region yet. The first apply makes it:\n  {command_line('apply')}"
        yield warn(Area.STATE, "table", f"there is no table {table.name}", next_step=step)
        return
    if not table.has_our_keys:
        step = "Something else made it: rename or remove that, for bunsui cannot use another name."
        yield fail(Area.STATE, "table", f"the table {table.name} has other keys than bunsui's", next_step=step)
        return
    if table.status != "ACTIVE":
        step = "Wait until it is ACTIVE, then look again."
        yield warn(Area.STATE, "table", f"the table {table.name} is {table.status}", next_step=step)
    else:
        yield say_ok(Area.STATE, "table", f"{table.name} is there")
    size, problem = _ask(probe.state_size)
    if problem is not None:
        yield _judge_unread(problem)
    else:
        yield say_ok(Area.STATE, "format", f"this bunsui reads it: {size} resources applied in {environment}")


def _judge_unread(problem: BunsuiError) -> Check:
    if isinstance(problem, AccessDenied) and problem.code == "access-denied":
        return tell_error(Area.STATE, "table", problem, outcome=CheckOutcome.WARNING)
    name = "table" if isinstance(problem, Missing) else "format"
    return tell_error(Area.STATE, name, problem)
