"""One connection to a region of an account: clients made when needed, shared by threads, counted."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from typing import Any, TypeVar

from bunsui import __version__
from bunsui.aws.botocore_session import Credentials, assumed_session, core_session
from bunsui.aws.endpoints import check_loopback
from bunsui.aws.errors import credentials_fetched, translate_errors
from bunsui.aws.rate_limit import Pacer
from bunsui.aws.read_retry import is_throttled, seconds_before_next
from bunsui.aws.write_guard import PIECE_SECONDS, gate_sockets
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
long (`bunsui.aws.rate_limit` keeps to them), and more than one process can take in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long each part of a call may take, in seconds."""

    connect_seconds: float = 5
    """Until the connection stands."""
    piece_seconds: float = PIECE_SECONDS
    """Until 64 KiB of a request have left."""
    read_seconds: float = 30
    """Until a read is answered."""
    write_seconds: float = 20
    """Until a write is answered, and longer after an upload (`UPLOAD_BYTES_A_SECOND`). A write must end before the lease that
    allowed it; the executor decides whether to repeat it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What a connection did so far."""

    calls: int
    """Requests sent, repetitions included."""
    throttles: int
    """Answers that asked to slow down."""
    remarks: tuple[str, ...] = ()
    """How things were read, where there was a choice, in one sentence each."""
    has_written: bool = False
    """True when something was, or was to be, written."""
    unsaved: str = ""
    """Why what was written is in the memory of the embedded AWS only; empty when it is on disk, or in AWS."""


_GIVEN_UP: ContextVar[threading.Event | None] = ContextVar("given up", default=None)


@contextmanager
def reading() -> Iterator[Callable[[], None]]:
    """Return a function that gives up what is read inside the `with`: then every such read fails, those that wait for their
    turn included, so that the threads behind them come to an end. What was already sent is waited for by its thread.

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


def _stay(params: Any, **_: object) -> None:
    """Let no answer send a call of S3 to another region: botocore would ask for it, whoever answered."""
    params["context"].setdefault("s3_redirect", {})["redirected"] = True


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
        timeouts: Timeouts = Timeouts(),
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Make it without a call and without importing boto3; `session` returns a botocore session, `chance` draws jitter."""
        self.region = region
        self.endpoint_url = endpoint_url
        self.profile = profile
        self.drops = drops
        """Which of `LACKING` this endpoint lacks."""
        self.threads = threads
        self._timeouts = timeouts
        self._session = session
        self._core: Any = None
        self._clients: dict[tuple[str, bool, str], Any] = {}
        self._lock = threading.RLock()
        self._pool: ThreadPoolExecutor | None = None
        self._calls = 0
        self._has_written = False
        self._throttles = 0
        self._remarks: dict[str, None] = {}
        self._pacer = Pacer(sleep=_pause)
        self._chance = chance
        self._permit: Callable[[], None] = lambda: None

    @property
    def is_local(self) -> bool:
        """True when an endpoint was given: the embedded AWS or another emulator."""
        return self.endpoint_url is not None

    @property
    def traffic(self) -> Traffic:
        """Return how many requests went out and how many were throttled."""
        with self._lock:
            remarks, written = tuple(self._remarks), self._has_written
            return Traffic(calls=self._calls, throttles=self._throttles, remarks=remarks, has_written=written)

    def reader(self, service: str, *, region: str = "") -> Any:
        """Return the client for reads: they keep a pace, and are sent again when a failure may pass. `region` is another one
        than the connection's."""
        return self._client(service, writes=False, region=region or self.region)

    def writer(self, service: str) -> Any:
        """Return the client for writes: sent once, with a hard timeout; who writes decides whether to repeat."""
        self._has_written = True
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
        return translate_errors(service, operation, profile=self.profile, **facts)

    def pages(self, service: str, method: str, key: str, **arguments: Any) -> Sequence[Any]:
        """Return the items under `key` of every page of a list call, following the tokens.

        `method` is boto3's name of the call (`list_roles`)."""
        return [item for page in self.each_page(service, method, key, **arguments) for item in page]

    def each_page(self, service: str, method: str, key: str, *, region: str = "", **arguments: Any) -> Iterator[Sequence[Any]]:
        """Return the items under `key` page by page, as large as the service makes them, for who may stop early."""
        client = self.reader(service, region=region)
        operation = "".join(part.title() for part in method.split("_"))
        size = {"PageSize": PAGE_SIZES[method]} if method in PAGE_SIZES else {}
        with self.translated(service, operation, **_shown_arguments(arguments)):
            for page in client.get_paginator(method).paginate(PaginationConfig=size, **arguments):
                yield page.get(key, ())

    def each(self, work: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """Return `work(item)` for every item, in order, on at most `threads` threads. `work` must not call `each` itself."""
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
            with credentials_fetched(service, profile=self.profile):
                self._core.get_credentials()
            config = Config(
                region_name=region,
                user_agent=f"bunsui/{__version__} Botocore/{botocore_version}",  # else put together anew for each request
                connect_timeout=self._timeouts.connect_seconds,
                read_timeout=self._timeouts.write_seconds if writes else self._timeouts.read_seconds,
                max_pool_connections=self.threads,
                retries={"mode": "standard", "total_max_attempts": 1},
                # What talks to this machine takes no way round; None is what the environment says.
                proxies={} if self.is_local else None,
                ignore_configured_endpoint_urls=True,
            )
            client = self._core.create_client(service, region_name=region, endpoint_url=self.endpoint_url, config=config)
        if service == "s3":
            client.meta.events.register("before-call.s3", _stay)
        if not writes:
            client.meta.events.register("before-send.*", _go_on)
        client.meta.events.register("before-send.*", self._count_call)
        client.meta.events.register("needs-retry.*", self._count_throttle)
        if writes and service != "dynamodb":
            client.meta.events.register_last("before-send.*", self._ask_permit)
            gate_sockets(client, self._ask_permit, piece_seconds=self._timeouts.piece_seconds)
        else:
            gate_sockets(client, lambda: None, piece_seconds=self._timeouts.piece_seconds)
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
        return seconds_before_next(attempts, response, caught_exception, chance=self._chance)

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
    timeouts: Timeouts = Timeouts(),
    notice: Callable[[str], None] = lambda _: None,
) -> Connection:
    """Return a connection; nothing is imported or sent before the first use.

    `role_arn` is assumed with the profile's credentials and refreshed by itself. `endpoint_url` must be a loopback address;
    with it neither the machine's AWS configuration nor the metadata service is looked at, and `credentials` are needed.
    Without it AWS itself is reached, whatever endpoint is configured; `notice` is told of one.

    Raises:
        InvalidInput: the endpoint is not on this machine, or has no credentials.

    """
    if endpoint_url is not None:
        check_loopback(endpoint_url)
        if credentials is None:
            raise InvalidInput(
                "endpoint-credentials", "an endpoint of this machine needs keys of its own", endpoint=endpoint_url
            )

    def session() -> Any:
        if role_arn is not None:
            return assumed_session(
                core_session(profile, credentials, endpoint_url, notice), role_arn, region, is_local=endpoint_url is not None
            )
        return core_session(profile, credentials, endpoint_url, notice)

    return Connection(
        region=region,
        session=session,
        endpoint_url=endpoint_url,
        profile=profile,
        drops=drops,
        threads=threads,
        timeouts=timeouts,
    )


def drops_without(capabilities: Iterable[str]) -> frozenset[str]:
    """Return what an emulator of these capabilities (`LocalEndpoint.capabilities`) accepts and drops, for `connect`."""
    return LACKING - frozenset(capabilities)


def _operation(event_name: str) -> tuple[str, str]:
    """Return service and operation of an event such as `before-send.sfn.DescribeStateMachine`."""
    _, service, operation = event_name.split(".")
    return service, operation


def _shown_arguments(arguments: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in arguments.items() if isinstance(value, str)}
