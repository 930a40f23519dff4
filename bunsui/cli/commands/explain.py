"""`bunsui explain`: a finding's code in words: what it means, and what to do."""

from __future__ import annotations

from typing import Annotated

import typer

from bunsui.cli.options import globals_of
from bunsui.services.explain import explain
from bunsui.view.documents.findings import ExplainedDocument
from bunsui.view.spans import Role, line, span


def run(
    context: typer.Context,
    code: Annotated[str, typer.Argument(metavar="CODE", help="As a finding shows it, such as BS505.")],
) -> None:
    """Say what a finding means and what to do about it."""
    output = globals_of(context).output
    entry = explain(code)
    name = code.strip().upper()
    if output.as_json:
        output.document(ExplainedDocument.of(entry, code=name))
        return
    output.lines([line(span(f"{name}  ", Role.NAME), span(entry.meaning)), line(span(entry.remedy, Role.HINT))])
    output.next_step("bunsui validate", "see where it is")
