"""A new word of what is stored raises the format: an older bunsui must not take what it reads for something else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from bunsui.emulator.stepfunctions.store import journal, records
from bunsui.kinds.registry import kinds
from bunsui.model.deployments.deployment import DeploymentAct
from bunsui.model.gates import ON_DEADLINE, ON_REJECT
from bunsui.model.session import ATTEMPT_KINDS, BEGUN_BY, SessionStatus
from bunsui.plan.model import Action
from bunsui.ports.acts import ACT_CALLS, ACT_OUTCOMES, ACTS
from bunsui.ports.alerts.kept import ALERT_KINDS, DELIVERY_STATES
from bunsui.ports.ledger import OUTCOMES
from bunsui.ports.notifications import Urgency
from bunsui.stored_words import StoredForm

CASE = Path(__file__).parent.parent / "cases" / "stored-words.json"
WORDS: Mapping[StoredForm, Iterable[str]] = {
    StoredForm.RESOURCE: kinds(),
    StoredForm.JOURNAL: (action.value for action in Action),
    StoredForm.APPLY: OUTCOMES,
    StoredForm.DEPLOYMENT: (act.value for act in DeploymentAct),
    StoredForm.ACT: (*ACTS, *ACT_CALLS, *ACT_OUTCOMES),
    StoredForm.GATE: {*ON_REJECT, *ON_DEADLINE},
    StoredForm.SESSION: {*(status.value for status in SessionStatus), *ATTEMPT_KINDS, *BEGUN_BY},
    StoredForm.VERIFICATION: kinds(),
    StoredForm.ALERT_BOOK: ALERT_KINDS,
    StoredForm.ALERT: (*ALERT_KINDS, *DELIVERY_STATES, *(one.value for one in Urgency)),
    StoredForm.EXECUTIONS: (*records.STATUSES, *records.TYPES, *journal.KINDS),
}
"""Words of closed lists. Those of a saved plan are apart: its format is public, and each of its words is checked by itself."""


def test_every_word_that_is_stored_belongs_to_a_format() -> None:
    """A word that is new stands in the case under a format of its own, the next number, which `StoredForm` then has."""
    formats: Mapping[str, Mapping[str, list[str]]] = json.loads(CASE.read_text())
    assert set(formats) == {form.name for form in StoredForm}
    for form in StoredForm:
        known = formats[form.name]
        assert list(known) == [str(number) for number in range(1, form.format + 1)], form
        assert sorted(word for words in known.values() for word in words) == sorted(WORDS.get(form, ())), form
