"""Asks on the command line what an apply has to be asked."""

from __future__ import annotations

from bunsui.cli.output import Output
from bunsui.services.apply.admission import Admission
from bunsui.view.apply.partial import left_lines
from bunsui.view.apply.questions import flag_of, name_to_type, sentence
from bunsui.view.plan.outside import undone_lines


def confirmed(output: Output, admission: Admission) -> Admission | None:
    """Ask every question, and return the admission without them; None when somebody said no.

    Raises:
        InvalidInput: something has to be asked and there is nobody to ask; the hint names the flag.

    """
    if output.can_ask and admission.questions:
        output.lines((*left_lines(admission.division.left), *undone_lines(admission.plan)), to_stderr=True)
    for question in admission.questions:
        said, name, flag = sentence(question, admission.plan), name_to_type(question), flag_of(question)
        if not (output.confirm_name(said, name=name, flag=flag) if name else output.confirm(said, flag=flag)):
            return None
        admission = admission.answered(question)
    return admission
