"""Questions before an apply, in words."""

from __future__ import annotations

from typing import assert_never

from bunsui.plan.model import Plan
from bunsui.services.apply.questions import (
    AgreementQuestion,
    EnvironmentQuestion,
    HoldQuestion,
    PipelineQuestion,
    Question,
    Stakes,
)
from bunsui.view.plan.outside import undone_words
from bunsui.view.safe import safe


def name_to_type(question: Question) -> str:
    """Return the name that says yes; empty where a mere yes does."""
    match question:
        case EnvironmentQuestion() | PipelineQuestion() | HoldQuestion():
            return question.name
        case AgreementQuestion():
            return ""
        case _:
            assert_never(question)


def flag_of(question: Question) -> str:
    """Return the option of the command line that answers the question beforehand."""
    match question:
        case EnvironmentQuestion():
            return f"--confirm {question.name}"
        case PipelineQuestion():
            return f"--allow-protected {question.name}"
        case HoldQuestion():
            return f"--end-hold {question.name}"
        case AgreementQuestion():
            return "--yes"
        case _:
            assert_never(question)


def sentence(question: Question, plan: Plan) -> str:
    """Return what the command line says before it waits for the answer."""
    match question:
        case EnvironmentQuestion():
            return _takes(question.stakes, plan)
        case PipelineQuestion():
            return "This changes a protected pipeline."
        case HoldQuestion():
            return f"This ends the hold of {question.name} at version {question.version} ({safe(question.reason)})."
        case AgreementQuestion():
            where, undoes = f"{question.environment}, account {question.account}", undone_words(plan)
            return f"Apply these changes to {where}, and {undoes}?" if undoes else f"Apply these changes to {where}?"
        case _:
            assert_never(question)


def title(question: Question) -> str:
    """Return the question as the title of a dialog."""
    if isinstance(question, PipelineQuestion):
        return f"Change the protected pipeline {question.name}?"
    if isinstance(question, HoldQuestion):
        return f"End the hold of {question.name}?"
    return "Apply this plan?"


def _takes(stakes: Stakes, plan: Plan) -> str:
    match stakes:
        case Stakes.DESTROYS:
            return f"This removes {len(plan.pending)} resources, with everything that is lost with them."
        case Stakes.DELETES_AT_ONCE:
            return "This deletes at once."
        case Stakes.TAKES_AWAY:
            return "This takes something away from a protected environment."
        case Stakes.ONE_KEY_AWAY:
            return "This changes a protected environment."
        case _:
            assert_never(stakes)
