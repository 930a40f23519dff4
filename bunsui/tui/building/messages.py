"""What the desk says to the builder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from bunsui.view.spans import Line

if TYPE_CHECKING:
    # At run time these would bring YAML and pydantic before the first frame.
    from bunsui.document.form.expression_names import OfferedName
    from bunsui.document.form.form import Form
    from bunsui.services.drafting.code_file import JobCode, NewCode
    from bunsui.services.drafting.new_pipeline import NewPipeline
    from bunsui.view.builder.page import DraftPage
    from bunsui.view.pipelines.form import StartForm


class ProjectLooked(Message):
    """The pipelines of the project were looked for."""

    def __init__(self, files: Sequence[str], drafts: Sequence[str], templates: Mapping[str, str], *, has_project: bool) -> None:
        """Carry the pipeline files, those of which there is a draft, and what a new one may begin as."""
        super().__init__()
        self.files = tuple(files)
        self.drafts = tuple(drafts)
        self.templates = dict(templates)
        """By name, with what each is about."""
        self.has_project = has_project
        """False in a folder without a project file."""


class DraftShown(Message):
    """A draft as it is now."""

    def __init__(self, page: DraftPage, forms: Sequence[Form], told: Line | None = None) -> None:
        """Carry the draft, the forms from the outermost to the one that is open, and what there is to say."""
        super().__init__()
        self.page = page
        self.forms = tuple(forms)
        self.told = told


class NamesFound(Message):
    """What an expression at a place of the draft may read."""

    def __init__(self, names: Sequence[OfferedName]) -> None:
        """Carry the names, the nearest first."""
        super().__init__()
        self.names = tuple(names)


class EditRefused(Message):
    """An edit was not made."""

    def __init__(self, told: Line) -> None:
        """Carry why."""
        super().__init__()
        self.told = told


class NewPipelineShown(Message):
    """A new pipeline comes with other files: all of them are to be shown before one is written."""

    def __init__(self, new: NewPipeline) -> None:
        """Carry what would be written."""
        super().__init__()
        self.new = new


class DraftTried(Message):
    """A draft was planned, simulated or tested, without being written."""

    def __init__(self, title: str, lines: Sequence[Line]) -> None:
        """Carry what came out."""
        super().__init__()
        self.title = title
        self.lines = tuple(lines)


class SimulationAsked(Message):
    """A simulation wants values for the pipeline's parameters."""

    def __init__(self, pipeline: str, form: StartForm) -> None:
        """Carry the form."""
        super().__init__()
        self.pipeline = pipeline
        self.form = form


class TestsMissing(Message):
    """There is no test to run."""

    __test__ = False  # the name is no test's

    def __init__(self, pipeline: str) -> None:
        """Carry whose."""
        super().__init__()
        self.pipeline = pipeline


class JobCodeFound(Message):
    """Where the code of a job is; None for a job without code of its own."""

    def __init__(self, code: JobCode | None, path: Path | None) -> None:
        """Carry what the draft says, and the file where it is there."""
        super().__init__()
        self.code = code
        self.path = path


class CodeShown(Message):
    """A code file is to be shown before it is written."""

    def __init__(self, new: NewCode) -> None:
        """Carry the file and what the pipeline will say of it."""
        super().__init__()
        self.new = new


class DraftSaved(Message):
    """A draft was written over its file."""

    def __init__(self, told: Sequence[Line]) -> None:
        """Carry what was written, and what became of it in git."""
        super().__init__()
        self.told = tuple(told)
