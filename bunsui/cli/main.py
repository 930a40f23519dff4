"""`bunsui`: the whole command line: global options, lazily imported commands, the one place where errors become exit codes."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from functools import cache
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

import bunsui
from bunsui.cli.completion import complete_environment, complete_project
from bunsui.cli.memory import prepare_memory
from bunsui.cli.options import Globals
from bunsui.cli.output import Output
from bunsui.cli.registry import COMMANDS, CommandEntry
from bunsui.cli.streams import flush_output, forget_output, prepare_streams, system_error
from bunsui.cli.surroundings import check_shortcuts
from bunsui.cli.usage import refuse_without_files, unknown_command, usage_error
from bunsui.command_line import Invocation
from bunsui.errors import BunsuiError, ExitCode
from bunsui.view.spans import Role

_BY_NAME = {entry.name: entry for entry in COMMANDS}


class LazyGroup(TyperGroup):
    """A group whose commands are imported only when they are asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return all names in the order of the table."""
        return [entry.name for entry in COMMANDS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import one command, or fail with the name that was probably meant."""
        entry = _BY_NAME.get(cmd_name)
        if entry is None:
            raise unknown_command(cmd_name)
        return load_command(entry)

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """Return what a shell offers: the names of the table, importing no command, then the options."""
        item: Any = vars(typer.core)["CompletionItem"]  # which Typer imports there and does not export
        offered = [item(e.name, help=e.summary) for e in COMMANDS if e.name.startswith(incomplete)]
        return [*offered, *super(TyperGroup, self).shell_complete(ctx, incomplete)]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the table of commands, importing none."""
        formatter.write_usage("bunsui", "[OPTIONS] COMMAND [ARGS]…")
        formatter.write_paragraph()
        formatter.write_text("GitOps for AWS data pipelines: plan, apply, run and watch Step Functions from YAML.")
        for group in dict.fromkeys(entry.group for entry in COMMANDS):
            with formatter.section(group):
                rows = [(e.name, f"{e.summary} [{e.needs}]") for e in COMMANDS if e.group == group]
                formatter.write_dl(rows, col_max=12)
        with formatter.section("Options"):
            formatter.write_dl([r for p in self.get_params(ctx) if (r := p.get_help_record(ctx))], col_max=24)
        formatter.write_paragraph()
        formatter.write_text(
            "Options may stand anywhere, or in the environment as BUNSUI_ENV, BUNSUI_REGION, BUNSUI_YES and so on."
        )
        formatter.write_paragraph()
        formatter.write_text("Start here:  bunsui init my-project && cd my-project && bunsui apply")


@cache
def load_command(entry: CommandEntry) -> Any:
    """Import a command and return it as the parser has it."""
    module: Any = import_module(entry.module_name)
    if hasattr(module, "app"):
        return typer.main.get_command(module.app)
    application = typer.Typer(add_completion=False)
    application.command(name=entry.name, context_settings={"help_option_names": ["-h", "--help"]})(module.run)
    return typer.main.get_command(application)


app = typer.Typer(cls=LazyGroup, add_completion=True, rich_markup_mode=None, pretty_exceptions_enable=False)


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"bunsui {bunsui.__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
def root(
    context: typer.Context,
    directory: Annotated[
        Path,
        typer.Option("-C", "--directory", envvar="BUNSUI_DIRECTORY", help="Work as if started in this folder."),
    ] = Path(),
    project: Annotated[
        str | None,
        typer.Option(
            "--project",
            envvar="BUNSUI_PROJECT",
            help="A project of `bunsui projects`, without its files: to run and to look.",
            autocompletion=complete_project,
        ),
    ] = None,
    env: Annotated[
        str | None,
        typer.Option(
            "-e", "--env", envvar="BUNSUI_ENV", help="Environment of the project.", autocompletion=complete_environment
        ),
    ] = None,
    profile: Annotated[str | None, typer.Option(envvar="BUNSUI_PROFILE", help="AWS profile.")] = None,
    region: Annotated[str | None, typer.Option(envvar="BUNSUI_REGION", help="AWS region.")] = None,
    yes: Annotated[bool, typer.Option("--yes", envvar="BUNSUI_YES", help="Answer confirmations with yes.")] = False,
    as_json: Annotated[bool, typer.Option("--json", envvar="BUNSUI_JSON", help="Print data as JSON.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", envvar="BUNSUI_NO_COLOR", help="No colours.")] = False,
    utc: Annotated[bool, typer.Option("--utc", envvar="BUNSUI_UTC", help="Show times in UTC.")] = False,
    verbose: Annotated[int, typer.Option("-v", "--verbose", count=True, help="Say how many calls AWS got.")] = 0,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """GitOps for AWS data pipelines."""
    output = context.obj if isinstance(context.obj, Output) else Output()
    invocation = replace(
        output.invocation,
        directory="" if directory == Path() else str(directory),
        project=project or "",
        environment=env or "",
        profile=profile or "",
        region=region or "",
    )
    output.configure(as_json=as_json, no_color=no_color, invocation=invocation)
    context.obj = Globals(
        directory=directory,
        project=project or None,
        environment=env,
        profile=profile,
        region=region,
        assume_yes=yes,
        verbose=verbose,
        utc=utc,
        output=output,
    )
    if project:
        refuse_without_files(context.invoked_subcommand)
    context.call_on_close(context.obj.show_traffic)
    if context.invoked_subcommand is None:
        command = load_command(_BY_NAME["morning"])
        with command.make_context("morning", [], parent=context) as child:
            command.invoke(child)


def main() -> None:
    """Run the command line and exit with one of `ExitCode`."""
    prepare_streams()
    prepare_memory()
    first, rest = _globals_apart(sys.argv[1:])
    output = Output(as_json="--json" in first, no_color="--no-color" in first)
    output.invocation = _invocation(first, rest)
    _leave_a_deleted_folder(output)
    try:
        check_shortcuts(os.environ)
        result = app(args=first + rest, standalone_mode=False, prog_name="bunsui", obj=output)
        if result == ExitCode.INTERRUPTED and not isinstance(result, ExitCode):
            raise KeyboardInterrupt  # which Typer makes into this number, while a command that tells of its end gives a code
        code = int(result) if isinstance(result, int) else int(ExitCode.DONE)
        flush_output()
    except typer.Exit as leaving:
        code = leaving.exit_code
    except TyperException as error:
        output.error(usage_error(error, rest))
        code = ExitCode.INVALID
    except (typer.Abort, KeyboardInterrupt):
        output.say("interrupted")
        code = ExitCode.INTERRUPTED
    except BunsuiError as error:
        output.error(error)
        code = error.exit_code
    except BrokenPipeError:
        forget_output()  # the reader (`head`, a pager) has seen enough
        code = ExitCode.DONE
    except OSError as error:
        output.error(system_error(error))
        forget_output()
        code = ExitCode.FAILED
    sys.exit(int(code))


def _leave_a_deleted_folder(output: Output) -> None:
    """Go to the root where the current folder is no more: whole paths still lead somewhere, and others must not be guessed."""
    try:
        Path.cwd()
    except OSError:
        os.chdir(os.sep)
        output.say(f"the current folder was deleted: paths count from {os.sep}", role=Role.WARNING)


_FLAGS = {"--yes", "--auto-approve", "--json", "--no-color", "--utc", "-v", "-vv", "--verbose"}
_VALUED = {"-e", "--env", "--project", "--profile", "--region", "-C", "--directory"}
_SHORT = {"-e", "-C"}
"""No command has options of its own that begin so."""


def _invocation(first: list[str], rest: list[str]) -> Invocation:
    """Return how bunsui was started, as far as it shows before the parser has read it; `root` knows it exactly."""
    values = dict(pairwise(first))
    return Invocation(
        directory=values.get("-C") or values.get("--directory") or "",
        project=values.get("--project") or "",
        environment=values.get("-e") or values.get("--env") or "",
        profile=values.get("--profile") or "",
        region=values.get("--region") or "",
        typed=tuple(rest),
    )


def _globals_apart(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Return the global options, which may stand anywhere, and the other arguments; nothing after `--` is touched."""
    first: list[str] = []
    rest: list[str] = []
    position = 0
    while position < len(arguments):
        argument = arguments[position]
        if argument == "--":
            rest.extend(arguments[position:])
            break
        if argument in _FLAGS:
            first.append("--yes" if argument == "--auto-approve" else argument)
        elif argument in _VALUED and position + 1 < len(arguments):
            first.extend(arguments[position : position + 2])
            position += 1
        elif (argument.split("=", 1)[0] in _VALUED and argument.startswith("--")) or argument[:2] in _SHORT:
            first.append(argument)
        else:
            rest.append(argument)
        position += 1
    return first, rest
