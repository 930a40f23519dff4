"""The shape of `logging`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

LogGroup = Annotated[
    str,
    Field(
        pattern=r"^(none|arn:aws[a-z-]*:logs:[a-z0-9-]+:[0-9]{12}:log-group:[A-Za-z0-9_/.#-]{1,512})$",
        examples=["arn:aws:logs:eu-west-1:111111111111:log-group:/aws/vendedlogs/states/nightly"],
    ),
]


class LoggingEntry(BaseModel):
    """Step Functions' own execution log."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    level: Literal["OFF", "ERROR", "FATAL", "ALL"] = "ERROR"
    """Which events are logged."""
    retention_days: Literal[
        1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
    ] = 30
    """How long CloudWatch Logs keeps them."""
    destination: LogGroup | None = None
    """The ARN of a log group that somebody else makes, in place of the one that bunsui makes; `none` where there is none."""
    include_execution_data: bool | None = None
    """Whether the log has what goes into and out of states; when nothing is said, with level ALL. Never where an approval
    waits, whose task token would be in it."""
