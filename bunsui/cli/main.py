"""`bunsui`: global options, lazily imported commands, and the one place where errors become exit codes."""

from __future__ import annotations

import sys
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

import bunsui
from bunsui.cli.memory import prepare_memory
from bunsui.cli.options import Globals
from bunsui.cli.output import Output
from bunsui.cli.registry import COMMANDS, FOREIGN_VERBS, CommandEntry
from bunsui.cli.streams import flush_output, forget_output, prepare_streams, system_error
from bunsui.errors import BunsuiError, ExitCode, InvalidInput

_BY_NAME = {entry.name: entry for entry in COMMANDS}


class LazyGroup(TyperGroup):
    """A group whose commands are imported only when they are asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Give all names in the order of the table."""
        return [entry.name for entry in COMMANDS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import one command, or fail with the name that was probably meant."""
        entry = _BY_NAME.get(cmd_name)
        if entry is None:
            raise typer.BadParameter(_unknown(cmd_name), ctx)
        return _load(entry)

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


def _load(entry: CommandEntry) -> Any:
    module: Any = import_module(entry.module_name)
    if hasattr(module, "app"):
        return typer.main.get_command(module.app)
    application = typer.Typer(add_completion=False)
    application.command(name=entry.name, context_settings={"help_option_names": ["-h", "--help"]})(module.run)
    return typer.main.get_command(application)


def _unknown(name: str) -> str:
    ours = FOREIGN_VERBS.get(name)
    if ours:
        return f"There is no command {name!r} here: it is called `bunsui {ours}`."
    close = get_close_matches(name, list(_BY_NAME), n=1)
    hint = f" Did you mean `bunsui {close[0]}`?" if close else " See `bunsui --help`."
    return f"There is no command {name!r}.{hint}"


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
    env: Annotated[str | None, typer.Option("-e", "--env", envvar="BUNSUI_ENV", help="Environment of the project.")] = None,
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
    context.obj = Globals(
        directory=directory,
        environment=env,
        profile=profile,
        region=region,
        assume_yes=yes,
        verbose=verbose,
        utc=utc,
        output=Output(as_json=as_json, no_color=no_color),
    )
    context.call_on_close(context.obj.show_traffic)
    if context.invoked_subcommand is None:
        command = _load(_BY_NAME["status"])
        with command.make_context("status", [], parent=context) as child:
            command.invoke(child)


def main() -> None:
    """Run the command line and exit with one of `ExitCode`."""
    prepare_streams()
    prepare_memory()
    output = Output(as_json="--json" in sys.argv, no_color="--no-color" in sys.argv)
    try:
        result = app(args=_with_globals_first(sys.argv[1:]), standalone_mode=False, prog_name="bunsui")
        if result == ExitCode.INTERRUPTED and not isinstance(result, ExitCode):
            raise KeyboardInterrupt  # which Typer makes into this number, while a command that tells of its end gives a code
        code = int(result) if isinstance(result, int) else int(ExitCode.DONE)
        flush_output()
    except typer.Exit as leaving:
        code = leaving.exit_code
    except TyperException as error:
        output.error(_usage_error(error))
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


def _usage_error(error: TyperException) -> InvalidInput:
    message = str(getattr(error, "message", error))
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "bunsui"
    return InvalidInput("usage", "the command line is not understood", hint=f"See `{command} --help`.", problem=message)


_FLAGS = {"--yes", "--auto-approve", "--json", "--no-color", "--utc", "-v", "-vv", "--verbose"}
_VALUED = {"-e", "--env", "--profile", "--region", "-C", "--directory"}


def _with_globals_first(arguments: list[str]) -> list[str]:
    """Move global options before the command, so that they may stand anywhere; nothing after `--` is touched."""
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
        elif argument.split("=", 1)[0] in _VALUED and argument.startswith("--"):
            first.append(argument)
        else:
            rest.append(argument)
        position += 1
    return first + rest
