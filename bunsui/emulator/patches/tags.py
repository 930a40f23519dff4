"""The tagging API finds what it finds on AWS: log groups and alarms, also by their type."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from bunsui.emulator.internals import inner, replace_inner

TagList = list[dict[str, str]]


def find_more_by_tag() -> None:
    """Add collectors for the services that GetResources leaves out.

    A collector gives pairs of ARN and tags in the caller's account and region; the emulator filters and answers.
    """
    from ministack.core.responses import get_region
    from ministack.services import cloudwatch, cloudwatch_logs, tagging

    log_groups = inner(cloudwatch_logs, "_log_groups")
    alarm_tags = inner(cloudwatch, "_resource_tags")
    collectors: dict[str, Callable[[], Iterator[tuple[str, TagList]]]] = inner(tagging, "_COLLECTORS")

    def groups() -> Iterator[tuple[str, TagList]]:
        for group in log_groups.values():
            # The tagging API names a log group without the `:*` that other calls end its ARN with.
            yield str(group["arn"]).removesuffix(":*"), _pairs(group.get("tags", {}))

    def alarms() -> Iterator[tuple[str, TagList]]:
        # The one store that the emulator does not keep by region.
        region = get_region()
        for arn, tags in alarm_tags.items():
            if arn.split(":")[3] == region:
                yield arn, _pairs(tags)

    replace_inner(tagging, "_matches_type_filters", has_type)
    collectors.setdefault("logs", groups)
    collectors.setdefault("cloudwatch", alarms)


def has_type(arn: str, wanted: Sequence[str]) -> bool:
    """Tell whether an ARN is of one of the types, such as `logs` or `logs:log-group`; of any when none is named.

    The type ends at the first `:` or `/`, whichever comes first: the name of a log group begins with a slash."""
    _, _, service, _, _, resource = arn.split(":", 5)
    kind = re.split("[:/]", resource, maxsplit=1)[0]
    return not wanted or service in wanted or f"{service}:{kind}" in wanted


def _pairs(tags: Mapping[str, str]) -> TagList:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
