"""Every command in one table: its name, its group, what it needs, and where it lives.

`bunsui --help` is printed from this table alone; a command's module is imported only when the command is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

FILES = "files"
READS = "reads AWS"
FORGE = "GitHub, GitLab"
WRITES = "writes AWS"

AUTHOR = "Author"
RECONCILE = "Reconcile"
RUN = "Run"
LOOK = "Look"
SET_UP = "Set up"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandEntry:
    """One command, before it is imported."""

    name: str
    group: str
    needs: str
    """What the command touches, shown in `--help`."""
    summary: str
    module: str = ""
    """Module name under `bunsui.cli.commands`; empty means the command's own name."""

    @property
    def module_name(self) -> str:
        """The full module name; the module has a function `run` or a typer application `app`."""
        return f"bunsui.cli.commands.{self.module or self.name}"


COMMANDS: tuple[CommandEntry, ...] = (
    CommandEntry(name="init", group=AUTHOR, needs=FILES, summary="start a project with a pipeline that runs"),
    CommandEntry(name="validate", group=AUTHOR, needs=FILES, summary="check the pipelines, all findings at once"),
    CommandEntry(name="fmt", group=AUTHOR, needs=FILES, summary="write pipelines in one style: order of keys, short forms"),
    CommandEntry(name="upgrade", group=AUTHOR, needs=FILES, summary="rewrite pipelines of an earlier bunsui, once"),
    CommandEntry(name="graph", group=AUTHOR, needs=FILES, summary="show a pipeline's jobs and waves, or a definition's states"),
    CommandEntry(name="render", group=AUTHOR, needs=FILES, summary="print the state machine exactly as it would be sent"),
    CommandEntry(name="test", group=AUTHOR, needs=FILES, summary="run the pipelines' tests: virtual clock, mocked tasks"),
    CommandEntry(name="simulate", group=AUTHOR, needs=FILES, summary="run a definition or a pipeline once, with mocks"),
    CommandEntry(
        name="import",
        group=RECONCILE,
        needs=WRITES,
        summary="take over machines that others made, with an empty plan",
        module="import_machines",
    ),
    CommandEntry(name="export", group=AUTHOR, needs=READS, summary="write a machine to files that need no bunsui"),
    CommandEntry(name="plan", group=RECONCILE, needs=READS, summary="show what apply would change, state by state"),
    CommandEntry(name="apply", group=RECONCILE, needs=WRITES, summary="make the account what the repository says"),
    CommandEntry(name="diff", group=RECONCILE, needs=FILES, summary="what two environments, or two revisions, differ in"),
    CommandEntry(
        name="rollback", group=RECONCILE, needs=WRITES, summary="let new sessions run an earlier version, and hold it"
    ),
    CommandEntry(name="pause", group=RECONCILE, needs=WRITES, summary="let nothing start a pipeline by itself"),
    CommandEntry(name="unpause", group=RECONCILE, needs=WRITES, summary="let a paused pipeline's schedules start it again"),
    CommandEntry(name="destroy", group=RECONCILE, needs=WRITES, summary="remove everything that this project made"),
    CommandEntry(name="state", group=RECONCILE, needs=WRITES, summary="list, show, move, forget or rebuild what was applied"),
    CommandEntry(name="verify", group=RECONCILE, needs=READS, summary="check that what pipelines refer to is there"),
    CommandEntry(name="permissions", group=RECONCILE, needs=FILES, summary="print the IAM policy that a caller needs"),
    CommandEntry(name="ci", group=RECONCILE, needs=FORGE, summary="post the plan's comment, find what was reviewed"),
    CommandEntry(name="unlock", group=RECONCILE, needs=WRITES, summary="free the lock of an apply that is known to be dead"),
    CommandEntry(name="run", group=RUN, needs=WRITES, summary="start a session of a pipeline and follow it"),
    CommandEntry(name="backfill", group=RUN, needs=WRITES, summary="run a pipeline for the slots of many days"),
    CommandEntry(name="resume", group=RUN, needs=WRITES, summary="continue a failed session after its completed jobs"),
    CommandEntry(name="recover", group=RUN, needs=WRITES, summary="recover failed sessions by cause, as a plan"),
    CommandEntry(name="take", group=RUN, needs=WRITES, summary="show others that you are on a failed session"),
    CommandEntry(name="stop", group=RUN, needs=WRITES, summary="stop a running session, or all that a filter finds"),
    CommandEntry(name="approve", group=RUN, needs=WRITES, summary="let a session that waits for an approval go on"),
    CommandEntry(name="reject", group=RUN, needs=WRITES, summary="answer a session that waits for an approval with no"),
    CommandEntry(name="morning", group=LOOK, needs=READS, summary="what was due since yesterday evening (bunsui alone)"),
    CommandEntry(name="status", group=LOOK, needs=READS, summary="where you are: what is in sync, drifted, pending, failing"),
    CommandEntry(name="drift", group=LOOK, needs=READS, summary="what was changed outside bunsui, or put beside ours"),
    CommandEntry(name="unmanaged", group=LOOK, needs=READS, summary="list machines that no bunsui project owns"),
    CommandEntry(name="sessions", group=LOOK, needs=READS, summary="list sessions (runs of pipelines)"),
    CommandEntry(name="show", group=LOOK, needs=READS, summary="explain one session: jobs, times, error, next step"),
    CommandEntry(name="approvals", group=LOOK, needs=READS, summary="list the gates at which sessions wait for an approval"),
    CommandEntry(name="checkpoints", group=LOOK, needs=READS, summary="list what a session completed, and what a resume keeps"),
    CommandEntry(name="watch", group=LOOK, needs=READS, summary="follow a running session"),
    CommandEntry(name="logs", group=LOOK, needs=READS, summary="print what the session's tasks logged"),
    CommandEntry(name="events", group=LOOK, needs=READS, summary="list what a session's executions went through"),
    CommandEntry(name="history", group=LOOK, needs=READS, summary="list a pipeline's versions, and how their sessions went"),
    CommandEntry(name="resident", group=LOOK, needs=READS, summary="say how the resident does, which looks when nobody does"),
    CommandEntry(name="alerts", group=LOOK, needs=WRITES, summary="list what people were told, or try their channels"),
    CommandEntry(name="audit", group=LOOK, needs=READS, summary="list who applied what, and verify that the record is whole"),
    CommandEntry(name="tui", group=LOOK, needs=WRITES, summary="open the terminal UI"),
    CommandEntry(name="projects", group=SET_UP, needs=FILES, summary="list projects that are reached without their files"),
    CommandEntry(name="local", group=SET_UP, needs=FILES, summary="start, stop, look at or reset the embedded AWS"),
    CommandEntry(name="doctor", group=SET_UP, needs=READS, summary="say what is wrong with the machine or the way to AWS"),
    CommandEntry(name="explain", group=SET_UP, needs=FILES, summary="say what a finding's code means, and what to do"),
    CommandEntry(name="schema", group=SET_UP, needs=FILES, summary="print or refresh the JSON Schemas for editors"),
)

FOREIGN_VERBS: dict[str, str] = {
    "deploy": "apply",
    "up": "apply",
    "preview": "plan",
    "down": "destroy",
    "force-unlock": "unlock",
    "delete": "destroy",
    "format": "fmt",
    "lint": "validate",
    "check": "validate",
    "compile": "render",
    "synth": "render",
    "trigger": "run",
    "start": "run",
    "execute": "run",
    "runs": "sessions",
    "ls": "sessions",
    "list": "sessions",
    "describe": "show",
    "get": "show",
    "tail": "logs",
    "undo": "rollback",
    "disable": "pause",
    "suspend": "pause",
    "enable": "unpause",
    "revert": "rollback",
    "deployments": "history",
    "versions": "history",
    "retry": "resume",
    "redrive": "resume",
    "cancel": "stop",
    "kill": "stop",
    "ack": "take",
    "acknowledge": "take",
    "assign": "take",
    "claim": "take",
    "ui": "tui",
    "new": "init",
    "localstack": "local",
    "gates": "approvals",
    "debug": "doctor",
    "diagnose": "doctor",
    "deny": "reject",
    "accept": "approve",
}
"""What fingers type that know Terraform, kubectl, Airflow, dbt or Actions, and what it is called here."""

EXAMPLES: dict[str, str] = {
    "init": "init my-project --template etl",
    "validate": "validate pipelines/orders.yaml",
    "fmt": "fmt --check",
    "upgrade": "upgrade --check",
    "graph": "graph orders",
    "render": "render orders --iam",
    "test": "test orders --coverage",
    "simulate": "simulate orders -p date=2026-11-23",
    "plan": "plan orders --out plan.json",
    "apply": "apply orders",
    "diff": "diff dev prod",
    "rollback": "rollback orders --reason 'totals are doubled'",
    "history": "history orders",
    "pause": "pause orders --reason 'the source is down' --until 4h",
    "unpause": "unpause orders --reason 'it is back'",
    "destroy": "destroy orders",
    "import": "import nightly-load",
    "export": "export orders --out exported",
    "unmanaged": "unmanaged",
    "state": "state list",
    "state list": "state list",
    "state show": "state show role.orders",
    "state mv": "state mv role.orders role.sales",
    "state rm": "state rm role.orders",
    "state history": "state history",
    "state rebuild": "state rebuild",
    "verify": "verify orders -e prod",
    "permissions": "permissions apply",
    "ci": "ci comment comment.md",
    "ci comment": "ci comment comment.md",
    "ci digest": "ci digest",
    "unlock": "unlock 3f6c1c9e-8a47-4f1f-9a52-0c4f4f1d2b7e",
    "run": "run orders -p date=2026-11-23",
    "backfill": "backfill orders 2026-01-01..2026-01-31 --concurrency 4",
    "resume": "resume orders",
    "recover": "recover pipeline:orders since:3d",
    "take": "take orders --note 'waiting for the supplier' --until 4h",
    "stop": "stop status:running pipeline:orders",
    "approve": "approve 3f2a9c01b7de --note 'checked the counts'",
    "reject": "reject 3f2a9c01b7de --note 'wrong day'",
    "morning": "morning --since 2d",
    "status": "status",
    "drift": "drift orders",
    "sessions": "sessions status:failed since:2d",
    "show": "show orders --failed",
    "approvals": "approvals",
    "checkpoints": "checkpoints orders",
    "watch": "watch orders",
    "logs": "logs orders --job load",
    "events": "events orders --job load",
    "resident": "resident",
    "resident status": "resident status",
    "resident logs": "resident logs",
    "alerts": "alerts list",
    "alerts list": "alerts list --pipeline orders --since 12h",
    "alerts test": "alerts test oncall",
    "audit": "audit --limit 5",
    "tui": "tui --read-only",
    "projects": "projects list",
    "projects list": "projects list",
    "projects add": "projects add -e prod",
    "projects remove": "projects remove sales-data",
    "local": "local status",
    "local start": "local start",
    "local stop": "local stop",
    "local status": "local status",
    "local env": "local env",
    "local adopt": "local adopt",
    "local logs": "local logs --lines 20",
    "local reset": "local reset",
    "doctor": "doctor -e prod",
    "explain": "explain BS505",
    "schema": "schema pipeline",
}
"""One way in which each command is typed, for who left something out."""
