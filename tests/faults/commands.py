"""Every command of the command line, as it is typed in a project that was applied and ran once.

Matrices of hostile checkouts and hostile environments share this list.
"""

from __future__ import annotations

from bunsui.cli.registry import COMMANDS

FILES: tuple[tuple[str, ...], ...] = (
    ("--help",),
    ("--version",),
    ("validate",),
    ("--json", "validate"),
    ("graph", "etl"),
    ("render", "etl"),
    ("test",),
    ("simulate", "wait.asl.json"),
    ("permissions", "plan"),
    ("explain", "BS217"),
    ("schema", "pipeline"),
    ("plan", "--untrusted"),
    ("diff",),
    ("diff", "main..HEAD"),
    ("local", "status"),
    ("fmt", "--check"),
    ("upgrade", "--check"),
    ("ci", "digest"),
    ("projects", "remove", "nothing"),
)
"""These look at files only."""
READS: tuple[tuple[str, ...], ...] = (
    ("plan",),
    ("--json", "plan"),
    ("plan", "--base", "main"),
    ("verify",),
    ("morning",),
    ("status",),
    ("state", "list"),
    ("sessions",),
    ("show", "etl"),
    ("show", "etl", "--job", "extract"),
    ("checkpoints", "etl"),
    ("approvals",),
    ("resident",),
    ("alerts", "test"),
    ("alerts", "list"),
    ("drift",),
    ("events", "etl"),
    ("logs", "etl"),
    ("watch", "etl"),
    ("run", "etl", "--plan"),
    ("audit",),
    ("history", "etl"),
    ("unmanaged",),
    ("export", "etl", "--out", "exported"),
)
"""These read the account."""
WRITES: tuple[tuple[str, ...], ...] = (
    ("init", "new", "--template", "raw"),
    ("apply", "--yes"),
    ("run", "etl"),
    ("backfill", "etl", "2026-01-31"),
    ("resume", "etl"),
    ("recover", "since:1d"),
    ("take", "etl"),
    ("stop", "etl"),
    ("approve", "etl"),
    ("reject", "etl"),
    ("stop", "status:running", "pipeline:etl"),
    ("rollback", "etl", "--reason", "x"),
    ("pause", "etl", "--reason", "x"),
    ("unpause", "etl", "--reason", "x"),
    ("unlock",),
    ("destroy",),
    ("import", "by-hand"),
    ("tui",),
)
"""These write, or would if anybody said yes, or if there was a terminal."""
EVERY = (*FILES, *READS, *WRITES)
ABOUT_THE_MACHINE: tuple[tuple[str, ...], ...] = (("doctor",), ("--json", "doctor"), ("-e", "local", "doctor"))
"""These say what the machine and its environment are like, so that they answer differently in each."""


def unlisted() -> set[str]:
    """Return the commands of the table that no line here types."""
    return {entry.name for entry in COMMANDS} - {part for line in (*EVERY, *ABOUT_THE_MACHINE) for part in line}
