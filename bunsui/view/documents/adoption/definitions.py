"""Definitions of files that became pipelines, as a JSON document."""

from __future__ import annotations

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import ABSENT, Absent, Shape, member
from bunsui.services.adoption.definition_file import DefinitionImport, ImportedDefinition


class ImportedDefinitionPart(ShapeOf[ImportedDefinition]):
    """A definition's file that was named."""

    file: str = member("As it was named.", of="source.file")
    pipeline: str = member("The pipeline that it is now.")
    kept: bool = member("True where the definition's bytes are those of its file.", of="is_kept")
    lifted: bool | Absent = member(
        "True where it has jobs now, in place of the definition; only with `--as jobs`.", of="is_lifted", default=ABSENT
    )
    why_not: str | Absent = member(
        "With `--as jobs`: why it stays a definition, after the place in it; else empty.", default=ABSENT
    )
    placeholders: tuple[str, ...] = member("The names of its placeholders, which `substitutions` fills in.", of="text.places")
    arns: tuple[str, ...] = member("ARNs in whose place a placeholder stands now.", of="text.arns")


class DefinitionsDocument(Shape, kind="definitions"):
    """Of `import FILE`: definitions that no machine has yet, as pipelines."""

    definitions: tuple[ImportedDefinitionPart, ...] = member("Every file that was named.")
    files: tuple[str, ...] = member("The files that were written, from the project's root.")


def definitions_document(imported: DefinitionImport) -> DefinitionsDocument:
    """Return the document of `bunsui import FILE --json`. What an apply would make is `plan`'s to tell."""
    definitions = tuple(map(ImportedDefinitionPart.of, imported.definitions))
    return DefinitionsDocument(definitions=definitions, files=tuple(imported.files))
