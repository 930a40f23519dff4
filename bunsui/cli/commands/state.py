"""`bunsui state`: what bunsui remembers of its resources: the rows, and who wrote them."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, tzinfo
from typing import Annotated

import typer

from bunsui.cli.apply_flow import DEFAULT_LOCK_TIMEOUT, LockTimeout, bar, patience
from bunsui.cli.completion import complete_address, complete_pipeline
from bunsui.cli.options import Globals, globals_of
from bunsui.cli.session_context import shown_last
from bunsui.composition import workspace as bootstrap
from bunsui.errors import ExitCode, Refused, Unavailable
from bunsui.folders.shown import ADDRESSES
from bunsui.project.repository import Repository
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.state import history as read_history
from bunsui.services.state import list_state, move_state, rebuild_state, remove_state, show_state
from bunsui.view.documents.state import (
    ForgottenDocument,
    HistoryDocument,
    MovedDocument,
    RebuildDocument,
    RecordPart,
    state_document,
)
from bunsui.view.sessions.wording import zone_name, zone_of
from bunsui.view.spans import Role
from bunsui.view.state_view import history_lines, resource_lines, state_lines

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Look at what bunsui remembers of its resources, and put it right.",
)

AddressArgument = Annotated[
    str,
    typer.Argument(metavar="ADDRESS", help="Such as role.orders; see `bunsui state list`.", autocompletion=complete_address),
]


@app.command("list")
def list_all(
    context: typer.Context,
    pipeline: Annotated[str | None, typer.Option(help="Only those of this pipeline.", autocompletion=complete_pipeline)] = None,
) -> None:
    """List everything that was applied: address, name in AWS, when and from which commit."""
    options, repository, ports = _open(context)
    everything = list_state(ports)
    _remember(options, repository, [str(row.resource.address) for row in everything])
    rows = [row for row in everything if pipeline in (None, row.resource.address.pipeline)]
    if options.output.as_json:
        options.output.document(state_document(rows))
    elif rows:
        options.output.lines(state_lines(rows, _zone(options, repository), width=options.output.columns))
    else:
        options.output.say("the state is empty")


@app.command()
def show(context: typer.Context, address: AddressArgument) -> None:
    """Show what was last written to one resource."""
    options, repository, ports = _open(context)
    row = show_state(ports, address)
    if options.output.as_json:
        options.output.document(state_document([row]))
    else:
        options.output.lines(resource_lines(row, _zone(options, repository)))


@app.command()
def mv(
    context: typer.Context,
    old: Annotated[str, typer.Argument(metavar="ADDRESS", help="As the state knows it.", autocompletion=complete_address)],
    new: Annotated[str, typer.Argument(metavar="NEW_ADDRESS", help="As the files call it now.")],
    lock_timeout: LockTimeout = DEFAULT_LOCK_TIMEOUT,
) -> None:
    """Remember a resource under another address. AWS is not touched."""
    options, _, ports = _open(context)
    move_state(ports, old, new, patience=patience(options.output, lock_timeout, ports.clock))
    if options.output.as_json:
        options.output.document(MovedDocument(from_=old, to=new))
    else:
        options.output.say(f"{old} is now {new}")
    options.output.next_step("bunsui plan", "see what follows from it")


@app.command()
def rm(
    context: typer.Context,
    addresses: Annotated[
        list[str],
        typer.Argument(metavar="ADDRESS...", help="As `bunsui state list` gives them.", autocompletion=complete_address),
    ],
    lock_timeout: LockTimeout = DEFAULT_LOCK_TIMEOUT,
) -> None:
    """Forget resources. AWS is not touched: the next plan adopts what is still there and wanted."""
    options, _, ports = _open(context)
    _sure(options, f"Forget {len(addresses)} of the state's addresses?")
    remove_state(ports, addresses, patience=patience(options.output, lock_timeout, ports.clock))
    if options.output.as_json:
        options.output.document(ForgottenDocument(addresses=tuple(addresses)))
    else:
        options.output.say(f"forgot {', '.join(addresses)}")
    options.output.next_step("bunsui plan", "see what follows from it")


@app.command()
def history(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 20,
) -> None:
    """List applies and whatever else wrote the state: when, who, from which commit, with what outcome."""
    options, repository, ports = _open(context)
    records = read_history(ports, limit=limit)
    if options.output.as_json:
        options.output.document(HistoryDocument(applies=tuple(map(RecordPart.of, records))))
        return
    if not records:
        options.output.say("nothing was applied yet")
        return
    zone = _zone(options, repository)
    options.output.lines(history_lines(records, zone, width=options.output.columns))
    options.output.say(f"times in {zone_name(zone)}", role=Role.MUTED)


@app.command()
def rebuild(context: typer.Context, lock_timeout: LockTimeout = DEFAULT_LOCK_TIMEOUT) -> None:
    """Make a lost or damaged state anew from what AWS has with this project's tags. AWS is not touched."""
    options, repository, ports = _open(context)
    _sure(options, "What was last written to each resource will be unknown afterwards. Rebuild the state?")
    waits = patience(options.output, lock_timeout, ports.clock)
    with bar(options.output, "reading AWS", total=len(ports.providers)) as move:
        done = rebuild_state(repository, ports, patience=waits, progress=move)
    if options.output.as_json:
        options.output.document(RebuildDocument.of(done))
        return
    options.output.say(f"found {len(done.found)} resources in AWS, dropped {len(done.dropped)} that it does not have")
    options.output.next_step("bunsui plan", "see which of them are as the files say")


def _open(context: typer.Context) -> tuple[Globals, Repository, ReconcilePorts]:
    options = globals_of(context)
    return options, *bootstrap.reconcile(options)


def _remember(options: Globals, repository: Repository, addresses: list[str]) -> None:
    """Keep the addresses for the shell, which asks no account; where they cannot be kept, nothing is offered."""
    with suppress(OSError, Refused, Unavailable):
        shown = shown_last(options, bootstrap.Workspace(options))
        shown.keep(repository.project.environment.name, {ADDRESSES: addresses})


def _zone(options: Globals, repository: Repository) -> tzinfo:
    return UTC if options.utc else zone_of(repository.project.timezone)


def _sure(options: Globals, question: str) -> None:
    if not options.assume_yes and not options.output.confirm(question, flag="--yes"):
        options.output.say("nothing was changed")
        raise typer.Exit(int(ExitCode.FAILED))
