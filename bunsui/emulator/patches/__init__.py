"""Small corrections to the emulator where it differs from AWS in a way that pipelines notice.

In: the emulator's modules. Out: the names of the corrections that took. Called once by `bunsui.emulator.server.main`.

Rule: each patch is one function that reaches for what it changes first. When that is not there, because the emulator changed,
the log says so and the emulator goes on uncorrected; the names of those that took are the endpoint's capabilities.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from bunsui.emulator.patches.account_quotas import share_calls_at_once
from bunsui.emulator.patches.function_logs import log_as_lambda_does
from bunsui.emulator.patches.functions import keep_modes, name_function_errors, run_python_as_lambda_does
from bunsui.emulator.patches.kept_warm import list_what_is_kept_warm
from bunsui.emulator.patches.log_events import find_log_events_in_pages
from bunsui.emulator.patches.markup import escape_iam_texts
from bunsui.emulator.patches.pages import page_role_lists, page_schedule_lists
from bunsui.emulator.patches.refused_values import refuse_what_aws_refuses
from bunsui.emulator.patches.schedules import fill_in_schedule_context, keep_time_zones, skip_missed_schedules
from bunsui.emulator.patches.startup import run_no_scripts_of_the_machine
from bunsui.emulator.patches.tags import find_more_by_tag
from bunsui.emulator.patches.topics import let_policies_decide_who_publishes

_log = logging.getLogger("bunsui.emulator")

PATCHES: Mapping[str, Callable[[], None]] = {
    "no-scripts": run_no_scripts_of_the_machine,
    "tags": find_more_by_tag,
    "isolated-functions": run_python_as_lambda_does,
    "function-errors": name_function_errors,
    "function-logs": log_as_lambda_does,
    "log-pages": find_log_events_in_pages,
    "file-modes": keep_modes,
    "warm-lists": list_what_is_kept_warm,
    "schedule-zones": keep_time_zones,
    "missed-schedules": skip_missed_schedules,
    "schedule-context": fill_in_schedule_context,
    "schedule-pages": page_schedule_lists,
    "role-pages": page_role_lists,
    "topic-policies": let_policies_decide_who_publishes,
    "escaped-texts": escape_iam_texts,
    "refused-values": refuse_what_aws_refuses,
    "account-quotas": share_calls_at_once,
}
"""By capability name, in the order in which they are applied."""


def apply_patches(patches: Mapping[str, Callable[[], None]] = PATCHES) -> tuple[str, ...]:
    """Apply the patches; give the names of those that took."""
    applied = []
    for name, patch in patches.items():
        try:
            patch()
        except (AttributeError, ImportError, KeyError, TypeError, ValueError) as problem:
            _log.warning("the emulator has changed, going on without the correction %r: %s", name, problem)
        else:
            applied.append(name)
    return tuple(applied)
