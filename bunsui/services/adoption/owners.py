"""Who owns a machine, as far as its tags tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bunsui.model.resource import TAG_ENVIRONMENT, TAG_PROJECT, TAG_PROJECT_ID, TAG_STACK, Scope


class OwnerKind(StrEnum):
    """What kind of owner."""

    NOBODY = "nobody"
    """Made by hand, by a script, or by a tool that leaves no mark."""
    OURS = "ours"
    """This project, in this environment."""
    BUNSUI = "bunsui"
    """Another project of bunsui, or another environment."""
    CLOUDFORMATION = "cloudformation"
    TERRAFORM = "terraform"
    OTHER = "other"
    """Whoever a pipeline's file names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Who writes a machine."""

    kind: OwnerKind
    name: str = ""
    """Of the stack, of the resource in Terraform's state, of the other project; empty for nobody."""

    @property
    def words(self) -> str:
        """Return who it is, as a part of a sentence."""
        match self.kind:
            case OwnerKind.NOBODY:
                return "nobody"
            case OwnerKind.OURS:
                return "this project"
            case OwnerKind.BUNSUI:
                return f"the bunsui project {self.name}"
            case OwnerKind.CLOUDFORMATION:
                return f"CloudFormation stack {self.name}"
            case OwnerKind.TERRAFORM:
                return f"Terraform {self.name}"
            case OwnerKind.OTHER:
                return self.name


NOBODY = Owner(kind=OwnerKind.NOBODY)


def owner_of(tags: Mapping[str, str], scope: Scope | None) -> Owner:
    """Return the owner that the tags name; `scope` None where no project asks."""
    project, environment = tags.get(TAG_PROJECT), tags.get(TAG_ENVIRONMENT)
    if project is not None:
        known = scope is not None and (project, environment) == (scope.project, scope.environment)
        is_ours = known and scope is not None and tags.get(TAG_PROJECT_ID, "") in ("", scope.project_id)
        return Owner(kind=OwnerKind.OURS if is_ours else OwnerKind.BUNSUI, name=f"{project}, environment {environment}")
    if (stack := tags.get(TAG_STACK)) is not None:
        return Owner(kind=OwnerKind.CLOUDFORMATION, name=stack)
    return NOBODY


def said_owner(words: str) -> Owner:
    """Return the owner that a pipeline's file names under `observed`."""
    for kind, begin in ((OwnerKind.CLOUDFORMATION, "CloudFormation stack "), (OwnerKind.TERRAFORM, "Terraform ")):
        if words.startswith(begin):
            return Owner(kind=kind, name=words.removeprefix(begin))
    return Owner(kind=OwnerKind.OTHER, name=words)
