"""A new pipeline from a template, as drafts: in a project, or in an empty folder with the project itself."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bunsui.document.edit.draft import Draft, draft_of
from bunsui.document.edit.editing import EditRefusal
from bunsui.document.edit.edits import SetValue
from bunsui.errors import InvalidInput, Refused
from bunsui.model.names import ID_PATTERN
from bunsui.services.drafting.kept import content_of
from bunsui.services.drafting.writing import WrittenDraft, write_draft
from bunsui.services.init import project_name, scaffold, templates

BLANK = "blank"
"""The template with one job, which waits for a second."""
_BLANK_TEXT = """\
# yaml-language-server: $schema=../schemas/pipeline-v1.json
version: 1
name: new
timeout: 15m

jobs:
  first:
    type: wait
    for: 1s
"""
_OF_PROJECT = "bunsui.yaml"
_FOLDER = "pipelines/"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPipeline:
    """What a new pipeline would write."""

    pipeline: Draft
    """Its own file, to be edited before anything is written."""
    beside: tuple[Draft, ...]
    """New files that it needs: code of the template; in an empty folder the project's."""
    kept: tuple[str, ...] = ()
    """Files of the template that are there already, and stay as they are."""

    @property
    def drafts(self) -> tuple[Draft, ...]:
        """Return everything, in the order in which it is written: the pipeline comes last."""
        return (*self.beside, self.pipeline)

    @property
    def digest(self) -> str:
        """Return the digest of all diffs, which `write_new` wants from who showed them."""
        return digest_of(self.drafts)


def template_names() -> tuple[str, ...]:
    """Return the templates that a pipeline can begin as, the blank one first."""
    return (BLANK, *templates())


def template_words() -> Mapping[str, str]:
    """Return the same templates, each with what it is about."""
    described = {name: re.search(r"^description: (.+)$", _pipeline_text(name), re.MULTILINE) for name in templates()}
    return {BLANK: "one job, which waits", **{name: found[1] if found else "" for name, found in described.items()}}


def _pipeline_text(template: str) -> str:
    return scaffold(template, project="any", project_id="any")[f"{_FOLDER}{template}.yaml"]


def new_pipeline(root: Path, name: str, *, template: str = BLANK) -> NewPipeline:
    """Return the drafts of a new pipeline in the folder `root`. Nothing is written.

    Raises:
        InvalidInput: `not-an-id`, `unknown-template`, or `files-exist` when there is a file of that name.

    """
    if not re.fullmatch(ID_PATTERN, name):
        hint = "A letter, then letters, digits, - and _, no dots, 64 at most."
        raise InvalidInput("not-an-id", "the name is no id of a pipeline", hint=hint, name=name)
    file = f"{_FOLDER}{name}.yaml"
    if content_of(root, file) is not None:
        hint = "Choose another name, or edit the file that is there."
        raise InvalidInput("files-exist", "there is a pipeline's file of that name", hint=hint, file=file)
    wanted, text = _files(root, template)
    kept, beside = [], []
    for path, content in wanted.items():
        if content_of(root, path) is None:
            beside.append(draft_of(path, None, begin=content))
        else:
            kept.append(path)
    return NewPipeline(pipeline=_named_draft(file, text, name), beside=tuple(beside), kept=tuple(kept))


def write_new(root: Path, new: NewPipeline, *, digest: str) -> tuple[WrittenDraft, ...]:
    """Write everything, the pipeline last. `digest` is that of the diffs that were shown.

    Raises:
        Refused: `draft-not-shown`, or `file-changed` before anything is written.
        InvalidInput: as `write_draft`.

    """
    if new.digest != digest:
        raise Refused("draft-not-shown", "the drafts are others than those that were shown", hint="Look at the diff again.")
    for draft in new.drafts:
        if content_of(root, draft.file) != draft.base:
            hint = "Begin again: it is kept as it is."
            raise Refused("file-changed", "a file is there meanwhile, and nothing was written", hint=hint, file=draft.file)
    return tuple(write_draft(root, draft, digest=draft.diff().digest) for draft in new.drafts)


def digest_of(drafts: Sequence[Draft]) -> str:
    """Return one digest for the diffs of several drafts."""
    return hashlib.sha256("\n".join(draft.diff().digest for draft in drafts).encode()).hexdigest()


def _files(root: Path, template: str) -> tuple[dict[str, bytes], str]:
    """Return the files beside the pipeline's own, and the text of that: the template's, and those of a project that is new."""
    is_blank, is_new = template == BLANK, content_of(root, _OF_PROJECT) is None
    name = templates()[0] if is_blank else template
    found = scaffold(name, project=project_name(root.resolve().name), project_id=str(uuid.uuid4()))
    own = f"{_FOLDER}{name}.yaml"
    wanted = {
        path: text.encode()
        for path, text in found.items()
        if path != own and (is_new if _is_of_project(path) else not is_blank)
    }
    return wanted, _BLANK_TEXT if is_blank else found[own]


def _is_of_project(path: str) -> bool:
    return path in (_OF_PROJECT, ".gitignore") or path.startswith("schemas/")


def _named_draft(file: str, text: str, name: str) -> Draft:
    result = draft_of(file, None, begin=text.encode()).edit(SetValue(path=("name",), value=name), f"name: {name}")
    assert not isinstance(result, EditRefusal), "templates are readable"
    return draft_of(file, None, begin=result.content)
