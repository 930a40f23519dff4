"""What bunsui.yaml says of calls that the embedded AWS does not serve: their canned answers, by call."""

from __future__ import annotations


def answers_setting(call: str) -> str:
    """Return what in bunsui.yaml has the embedded AWS answer a call."""
    return f'local: {{answers: {{"{call}": {{answer: …}}}}}}'
