"""Outputs of a state file of Terraform or OpenTofu.

Read is format 4: `outputs` has for each name its `value`, its `type` and, where that was said, `sensitive`. Resources,
which hold secrets in clear text, are never looked at.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from typing import Any

from bunsui.errors import InvalidInput, NotFound
from bunsui.model.json import Json

_FORMAT = 4


def terraform_output(content: bytes, output: str, *, state: str) -> Json:
    """Return the value of an output of the root module.

    Raises:
        InvalidInput: the content is no state, it is encrypted, or the output is sensitive.
        NotFound: there is no such output.

    """
    outputs = _outputs(content, state)
    entry = outputs.get(output)
    if not isinstance(entry, Mapping) or "value" not in entry:
        near = difflib.get_close_matches(output, list(outputs), n=1, cutoff=0.6)
        there = f"It has {', '.join(sorted(outputs)[:10])}." if outputs else "It has no outputs at all."
        hint = f"Did you mean {near[0]}?" if near else there
        summary = "the state has no such output of its root module"
        raise NotFound("no-terraform-output", summary, hint=hint, state=state, output=output)
    if entry.get("sensitive") is True:
        raise InvalidInput(
            "terraform-output-is-sensitive",
            "the output is sensitive, and a plan is printed, saved and reviewed",
            hint="Have Terraform store the value in Secrets Manager, and refer to it: ${secret:NAME}.",
            state=state,
            output=output,
        )
    value: Json = entry["value"]
    return value


def _outputs(content: bytes, state: str) -> Mapping[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _not_a_state(state) from error
    if isinstance(found, dict) and "encrypted_data" in found:
        raise InvalidInput(
            "terraform-state-encrypted",
            "OpenTofu encrypted the state, so that only OpenTofu reads it",
            hint="Have it write the value to SSM, and refer to it: ${ssm:/path}.",
            state=state,
        )
    if not isinstance(found, dict) or found.get("version") != _FORMAT or not isinstance(found.get("outputs", {}), dict):
        raise _not_a_state(state)
    outputs: Mapping[str, Any] = found.get("outputs", {})
    return outputs


def _not_a_state(state: str) -> InvalidInput:
    return InvalidInput(
        "not-a-terraform-state",
        "this is no state file of Terraform of format 4",
        hint="Name the state itself, which Terraform writes since 0.12, and no plan or .tf file.",
        state=state,
    )
