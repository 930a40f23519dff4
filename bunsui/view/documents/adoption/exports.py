"""A machine that was written to files, as a JSON document."""

from __future__ import annotations

from bunsui.codec.shape import Shape, member


class ExportDocument(Shape, kind="export"):
    """Of `export`: a pipeline's machine as files that need no bunsui."""

    pipeline: str = member("The pipeline.")
    arn: str = member("Its machine.")
    folder: str = member("Where the files are, as it was typed.")
    files: tuple[str, ...] = member("Their names.")
