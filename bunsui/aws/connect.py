"""One connection to an account and region: clients made when needed, shared by threads, counted."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import urlsplit

from bunsui import __version__
from bunsui.aws.descriptions import descriptions
from bunsui.aws.errors import translated
from bunsui.aws.gate import gate_sockets
from bunsui.aws.instants import instant
from bunsui.aws.pace import Pacer
from bunsui.aws.repeats import is_throttled, seconds_before_next
from bunsui.errors import InvalidInput, Unavailable

T = TypeVar("T")
R = TypeVar("R")

LACKING = frozenset({"bulk-roles", "tracing"})
"""What emulators may lack: providers remember tracing in tags where an endpoint accepts and drops it, and read roles one by one
where a bulk read leaves out parts of them (see `Connection.drops`)."""

PAGE_SIZES: Mapping[str, int] = {
    "describe_log_groups": 50,
    "get_account_authorization_details": 500,
    "get_resources": 100,
    "list_functions": 50,
    "list_roles": 1000,
    "list_schedule_groups": 100,
    "list_schedules": 100,
    "list_state_machines": 1000,
    "lookup_events": 50,
}
"""The most items that a page of these calls holds; the API references say so. Unasked, a page holds fewer. Of
GetAccountAuthorizationDetails it is half of the most: a page of whole roles takes as much memory as all machines."""

THREADS = 32
"""How many calls are under way at once: with 40 ms a call that is 800 in a second, more than any of AWS's limits allows for
long (`bunsui.aws.pace` keeps to them), and more than one process can take in."""
WRITE_TIMEOUT_SECONDS = 20
"""A write must end before the lease that allowed it; the executor decides whether to repeat it."""
READ_TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Keys given by hand, as for the embedded AWS; else boto3's own chain is used."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What a connection did so far."""

    calls: int
    """Requests sent, repetitions included."""
    throttles: int
    """Answers that asked to slow down."""
    remarks: tuple[str, ...] = ()
    """How things were read, where there was a choice, in one sentence each."""


_GIVEN_UP: ContextVar[threading.Event | None] = ContextVar("given up", default=None)


@contextmanager
def reading() -> Iterator[Callable[[], None]]:
    """Give a function that gives up what is read inside the `with`: then every such read fails, those that wait for their turn
    included, so that the threads behind them come to an end. What was already sent is waited for by its thread.

    Reads in other threads belong to it when these run in a copy of this thread's context."""
    given_up = threading.Event()
    before = _GIVEN_UP.set(given_up)
    try:
        yield given_up.set
    finally:
        _GIVEN_UP.reset(before)


def _go_on(**_: object) -> None:
    given_up = _GIVEN_UP.get()
    if given_up is not None and given_up.is_set():
        raise Unavailable("reading-given-up", "nobody waits for this read any more")


def _pause(seconds: float) -> None:
    """Sleep, but no longer than somebody waits."""
    (_GIVEN_UP.get() or threading.Event()).wait(seconds)
    _go_on()


class Connection:
    """Clients of one account and region. Every method may be called from any thread."""

    def __init__(
        self,
        *,
        region: str,
        session: Callable[[], Any],
        endpoint_url: str | None = None,
        profile: str | None = None,
        drops: frozenset[str] = frozenset(),
        threads: int = THREADS,
    ) -> None:
        """Make it without a call and without importing boto3; `session` gives a botocore session when first asked."""
        self.region = region
        self.endpoint_url = endpoint_url
        self.profile = profile
        self.drops = drops
        """Which of `LACKING` this endpoint lacks."""
        self.threads = threads
        self._session = session
        self._core: Any = None
        self._clients: dict[tuple[str, bool, str], Any] = {}
        self._lock = threading.RLock()
        self._pool: ThreadPoolExecutor | None = None
        self._calls = 0
        self._throttles = 0
        self._remarks: dict[str, None] = {}
        self._pacer = Pacer(sleep=_pause)
        self._permit: Callable[[], None] = lambda: None

    @property
    def is_local(self) -> bool:
        """True when an endpoint was given: the embedded AWS or another emulator."""
        return self.endpoint_url is not None

    @property
    def traffic(self) -> Traffic:
        """Give how many requests went out and how many were throttled."""
        with self._lock:
            return Traffic(calls=self._calls, throttles=self._throttles, remarks=tuple(self._remarks))

    def reader(self, service: str, *, region: str = "") -> Any:
        """Give the client for reads: they keep a pace, and are sent again when a failure may pass. `region` is another one than
        the connection's."""
        return self._client(service, writes=False, region=region or self.region)

    def writer(self, service: str) -> Any:
        """Give the client for writes: sent once, with a hard timeout; who writes decides whether to repeat."""
        return self._client(service, writes=True, region=self.region)

    def remark(self, sentence: str) -> None:
        """Keep a sentence for `traffic`: how things were read, where there was a choice."""
        with self._lock:
            self._remarks[sentence] = None

    def gate_writes(self, permit: Callable[[], None]) -> None:
        """Ask `permit` before each write is made and again before its first byte, the table of the state apart; what it raises
        stops the write."""
        self._permit = permit

    def translated(self, service: str, operation: str, **facts: object) -> AbstractContextManager[None]:
        """Map boto3's errors inside the `with` to bunsui's."""
        return translated(service, operation, profile=self.profile, **facts)

    def pages(self, service: str, method: str, key: str, **arguments: Any) -> Sequence[Any]:
        """Give the items under `key` of every page of a list call, following the tokens.

        `method` is boto3's name of the call (`list_roles`)."""
        return [item for page in self.each_page(service, method, key, **arguments) for item in page]

    def each_page(self, service: str, method: str, key: str, *, region: str = "", **arguments: Any) -> Iterator[Sequence[Any]]:
        """Give the items under `key` page by page, as large as the service makes them, for who may stop early."""
        client = self.reader(service, region=region)
        operation = "".join(part.title() for part in method.split("_"))
        size = {"PageSize": PAGE_SIZES[method]} if method in PAGE_SIZES else {}
        with self.translated(service, operation, **_shown(arguments)):
            for page in client.get_paginator(method).paginate(PaginationConfig=size, **arguments):
                yield page.get(key, ())

    def each(self, work: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """Give `work(item)` for every item, in order, on at most `threads` threads. `work` must not call `each` itself."""
        todo = list(items)
        if len(todo) <= 1:
            return [work(item) for item in todo]
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(max_workers=self.threads, thread_name_prefix="bunsui-aws")
            pool = self._pool
        context = copy_context()  # so that whoever gives up his reading gives up these too
        return list(pool.map(lambda item: context.copy().run(work, item), todo))

    def close(self) -> None:
        """End the threads and the kept-open sockets; the connection can be used again afterwards."""
        with self._lock:
            pool, self._pool = self._pool, None
            clients, self._clients = self._clients, {}
        if pool is not None:
            pool.shutdown(wait=True)
        for client in clients.values():
            client.close()

    def _client(self, service: str, *, writes: bool, region: str) -> Any:
        with self._lock:
            client = self._clients.get((service, writes, region))
            if client is None:
                client = self._make_client(service, writes=writes, region=region)
                self._clients[(service, writes, region)] = client
            return client

    def _make_client(self, service: str, *, writes: bool, region: str) -> Any:
        from botocore import __version__ as botocore_version  # heavy, and needed only when an account is
        from botocore.config import Config

        with self.translated(service, "connect"):
            if self._core is None:
                self._core = self._session()
            config = Config(
                region_name=region,
                user_agent=f"bunsui/{__version__} Botocore/{botocore_version}",  # else put together anew for each request
                connect_timeout=5,
                read_timeout=WRITE_TIMEOUT_SECONDS if writes else READ_TIMEOUT_SECONDS,
                max_pool_connections=self.threads,
                retries={"mode": "standard", "total_max_attempts": 1},
            )
            client = self._core.create_client(service, region_name=region, endpoint_url=self.endpoint_url, config=config)
        if not writes:
            client.meta.events.register("before-send.*", _go_on)
        client.meta.events.register("before-send.*", self._count_call)
        client.meta.events.register("needs-retry.*", self._count_throttle)
        if writes and service != "dynamodb":
            client.meta.events.register_last("before-send.*", self._ask_permit)
            gate_sockets(client, self._ask_permit)
        if not writes and not self.is_local:
            client.meta.events.register("before-send.*", self._keep_pace)
            client.meta.events.register("needs-retry.*", self._repeat)
        return client

    def _count_call(self, **_: object) -> None:
        with self._lock:
            self._calls += 1

    def _count_throttle(self, event_name: str, response: Any = None, **_: object) -> None:
        if response is None:
            return
        if is_throttled(response):
            with self._lock:
                self._throttles += 1
            self._pacer.slow_down(*_operation(event_name))
        else:
            self._pacer.speed_up(*_operation(event_name))

    def _repeat(
        self, attempts: int, response: Any = None, caught_exception: Exception | None = None, **_: object
    ) -> float | None:
        return seconds_before_next(attempts, response, caught_exception)

    def _ask_permit(self, **_: object) -> None:
        self._permit()

    def _keep_pace(self, event_name: str, **_: object) -> None:
        self._pacer.wait_for_turn(*_operation(event_name))


def connect(
    *,
    region: str,
    profile: str | None = None,
    role_arn: str | None = None,
    endpoint_url: str | None = None,
    credentials: Credentials | None = None,
    drops: frozenset[str] = frozenset(),
    threads: int = THREADS,
) -> Connection:
    """Give a connection; nothing is imported or sent before the first use.

    `role_arn` is assumed with the profile's credentials and refreshed by itself. `endpoint_url` must be a loopback address;
    with it neither the machine's AWS configuration nor the metadata service is looked at, and `credentials` are needed.

    Raises:
        InvalidInput: the endpoint is not on this machine, or has no credentials.

    """
    if endpoint_url is not None:
        _check_loopback(endpoint_url)
        if credentials is None:
            raise InvalidInput(
                "endpoint-credentials", "an endpoint of this machine needs keys of its own", endpoint=endpoint_url
            )

    def session() -> Any:
        if role_arn is not None:
            return _assumed(_core_session(profile, credentials, endpoint_url), role_arn, region)
        return _core_session(profile, credentials, endpoint_url)

    return Connection(region=region, session=session, endpoint_url=endpoint_url, profile=profile, drops=drops, threads=threads)


def drops_without(capabilities: Iterable[str]) -> frozenset[str]:
    """Give what an emulator of these capabilities (`LocalEndpoint.capabilities`) accepts and drops, for `connect`."""
    return LACKING - frozenset(capabilities)


def _core_session(profile: str | None, credentials: Credentials | None, endpoint_url: str | None) -> Any:
    from botocore.session import Session  # heavy, and needed only when an account is

    if endpoint_url is None:
        core = Session(profile=profile)
    else:
        unused = dict.fromkeys(("config_file", "credentials_file"), (None, None, os.devnull, None))
        core = Session(session_vars={"profile": (None, None, None, None), **unused})
    if credentials is not None:
        core.set_credentials(credentials.access_key, credentials.secret_key, credentials.token)
    return _described(core)


def _described(core: Any) -> Any:
    """Have the session use the descriptions that others of this process have read: reading takes longer than most calls. And
    have it read instants fast."""
    core.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=instant)
    core.lazy_register_component("data_loader", lambda: descriptions(core.get_config_variable("data_path")))
    return core


def _assumed(source: Any, role_arn: str, region: str) -> Any:
    """Give a session whose credentials are those of the role, refreshed before they expire."""
    from botocore.credentials import CredentialProvider, DeferredRefreshableCredentials, create_assume_role_refresher
    from botocore.session import Session

    refresh = create_assume_role_refresher(
        source.create_client("sts", region_name=region), {"RoleArn": role_arn, "RoleSessionName": "bunsui"}
    )

    class AssumedRole(CredentialProvider):  # type: ignore[misc]  # botocore publishes no types
        METHOD = "bunsui-assume-role"
        CANONICAL_NAME = "bunsui-assume-role"

        def load(self) -> Any:
            return DeferredRefreshableCredentials(refresh_using=refresh, method=self.METHOD)

    core = _described(Session())
    core.get_component("credential_provider").insert_before("env", AssumedRole())
    return core


def _operation(event_name: str) -> tuple[str, str]:
    """Give service and operation of an event such as `before-send.sfn.DescribeStateMachine`."""
    _, service, operation = event_name.split(".")
    return service, operation


def _check_loopback(endpoint_url: str) -> None:
    host = urlsplit(endpoint_url).hostname or ""
    try:
        local = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise InvalidInput(
            "endpoint-not-local",
            "an endpoint may only be on this machine",
            hint="Leave the endpoint out to use AWS itself.",
            endpoint=endpoint_url,
        )


def _shown(arguments: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in arguments.items() if isinstance(value, str)}
