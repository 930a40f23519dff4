"""A new project as a JSON document."""

from __future__ import annotations

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import member
from bunsui.services.init import InitOutcome


class InitDocument(ShapeOf[InitOutcome], kind="init"):
    """Of `init`: a project, or a pipeline of one, was started."""

    folder: str = member("The project's folder, as it was given.", of=None)
    written: tuple[str, ...] = member("New files, from the folder.")
    kept: tuple[str, ...] = member("Files that were there before and stayed as they were, from the folder.")
