"""What makes the desired topics of a pipeline: `bunsui/compile/topics.py` of the copy."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.compile.resources import PipelineResources, all_operations
from bunsui.model.address import Address
from bunsui.model.resource import DesiredResource
from tests.throwaway.kind import TOPIC
from tests.throwaway.operation import AnnounceParams, topic_name


def topics(made: PipelineResources) -> Iterator[DesiredResource]:
    """Return a topic for each `announce`."""
    for _, operation in all_operations(made.pipeline, made.setting):
        if operation.type == "announce":
            params = operation.params
            assert isinstance(params, AnnounceParams)
            yield DesiredResource(
                address=Address(TOPIC, made.pipeline.name, params.topic),
                physical_name=topic_name(made.setting.scope, params),
                attributes={"display_name": made.pipeline.title, "tags": dict(made.pipeline.tags)},
            )
