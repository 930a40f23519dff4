"""`bunsui import --read-only`: what is there, before anything is imported."""

from __future__ import annotations

from datetime import UTC, datetime

from bunsui.cli.options import Globals
from bunsui.command_line import command_line
from bunsui.composition import workspace as bootstrap
from bunsui.composition.machine_ports import machine_ports
from bunsui.composition.unmanaged import UnmanagedAccount
from bunsui.services.adoption.lifting.machines import lift_surveyed
from bunsui.services.adoption.survey import AccountSurvey, night_failures, surveyed_machines
from bunsui.services.morning.page import yesterday_evening
from bunsui.view.adoption.lifted import surveyed_lift_lines
from bunsui.view.adoption.surveyed import survey_lines
from bunsui.view.documents.adoption.surveys import survey_document


def survey_account(options: Globals, *, tries_jobs: bool) -> None:
    """Show the machines and, where that is asked, which could be said in jobs. Nothing can be written over the connection."""
    output, account = options.output, UnmanagedAccount(options)
    zone = options.own_zone
    machines = surveyed_machines(account.catalogue, account.project)
    since = yesterday_evening(datetime.now(UTC), zone)
    looked_at = [one.machine for one in machines if one.is_unmanaged and not one.machine.is_express]
    failures = night_failures(account.context_of(looked_at), since=since)
    lifts = None
    if tries_jobs:
        reader = machine_ports(account.connection).reader
        lifts = lift_surveyed(bootstrap.Workspace(options).repository, looked_at, reader)
    survey = AccountSurvey(machines=machines, since=since, failures=failures)
    if output.as_json:
        output.document(survey_document(survey, lifts))
        return
    where = f"account {account.scope.account}, {account.scope.region}"
    output.lines(survey_lines(survey, where=where, zone=zone, width=output.columns))
    output.lines(surveyed_lift_lines(lifts or {}))
    importable = next((one for one in machines if one.pipeline), None)
    if importable is not None:
        output.next_step(command_line("import", importable.machine.name), "begin with one; it asks before it writes")
