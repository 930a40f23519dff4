"""Codes of findings on containers that others look up; the type itself takes long to import."""

from __future__ import annotations

ROLES_UNSAID = "BS279"
"""Nobody said which roles a task definition takes, as long as nobody looked at it."""
