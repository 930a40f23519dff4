"""The tagging API finds log groups and alarms, as on AWS."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from bunsui.local.internals import inner

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

    collectors.setdefault("logs", groups)
    collectors.setdefault("cloudwatch", alarms)


def _pairs(tags: Mapping[str, str]) -> TagList:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
