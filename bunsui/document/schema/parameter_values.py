"""Whether a value obeys a JSON Schema that a file wrote, such as that of a parameter."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.model.json import Json


def broken_keyword(schema: Mapping[str, Json], value: Json) -> tuple[str, Json] | None:
    """Return the keyword that the value breaks first, with what it demands; None where it breaks none, or where the schema is
    none itself, which is told elsewhere."""
    from jsonschema import Draft202012Validator, FormatChecker  # deferred: only commands that read files pay for it
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError:
        return None
    error = next(iter(Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(value)), None)
    return None if error is None else (str(error.validator), error.validator_value)
