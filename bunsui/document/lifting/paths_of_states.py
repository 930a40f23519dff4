"""The way of data through a state: InputPath, Parameters, ResultSelector, ResultPath, OutputPath."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.document.lifting.paths import PathReader, result_steps
from bunsui.document.lifting.refusals import StaysRawError
from bunsui.document.lifting.values import Handed, Literal, write
from bunsui.model.json import Json

State = Mapping[str, Json]


def input_of_state(state: State, document: Handed, reader: PathReader) -> Handed:
    """Return what InputPath leaves of the document. Raises StaysRawError."""
    return _select_path(state, "InputPath", document, reader)


def parameters_of_state(state: State, document: Handed, reader: PathReader) -> Handed:
    """Return what Parameters make of the input. Raises StaysRawError."""
    if "Parameters" not in state:
        return document
    return _locate(lambda: reader.template(state["Parameters"], document), "Parameters")


def output_of_state(state: State, document: Handed, result: Handed, reader: PathReader) -> Handed:
    """Return the state's output: `document` is what InputPath left of its input. Raises StaysRawError."""
    if "ResultSelector" in state:
        result = _locate(lambda: reader.template(state["ResultSelector"], result), "ResultSelector")
    said = state.get("ResultPath", "$")
    if isinstance(said, str):
        document = _locate(lambda: write(document, result_steps(said), result), "ResultPath")
    return _select_path(state, "OutputPath", document, reader)


def _select_path(state: State, key: str, document: Handed, reader: PathReader) -> Handed:
    said = state.get(key, "$")
    if said is None:
        return Literal({})
    if said == "$":
        return document
    return _locate(lambda: reader.said(said, document), key)


def _locate(found: object, key: str) -> Handed:
    assert callable(found), "a function"
    try:
        value: Handed = found()
    except StaysRawError as error:
        raise (error.within(key) if not error.place else error) from error
    return value
