"""Whether an answer is AWS's: botocore takes whatever came for one, and fails in as many ways as there are damages.

A proxy, a captive portal or a broken connection answers with HTML, with JSON of its own, with half a body. Every session that
`bunsui.aws.connect` makes reads its answers through `AnswerParsers`. One that is not of the form that the service's
model promises, or lacks a field that bunsui needs, is given to botocore as an error with the code `FOREIGN`: so it is repeated
where a lost answer is (`bunsui.aws.read_retry`), and becomes one error of bunsui (`bunsui.aws.errors`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from bunsui.aws.answers.needed import lacking
from bunsui.aws.answers.shapes import misfit

FOREIGN = "bunsui:ForeignAnswer"
"""The code of an answer that is not AWS's; no service has a colon in its codes."""

_REQUEST_IDS = frozenset({"x-amzn-requestid", "x-amz-request-id"})
"""Every answer of AWS has one of these headers."""
_JSON = frozenset({"json", "rest-json"})
_BARE = frozenset({404, 500, 501})
"""What emulators answer, without a code, to calls that they lack."""
_PROXY_AUTHENTICATION = 407
_TITLE = re.compile(rb"<title[^>]*>([^<]{1,200})", re.IGNORECASE)
_HTML = re.compile(rb"^\s*(?:<!doctype html|<html|<head|<body|<script)", re.IGNORECASE)
_LOOKED_AT = 65_536
"""Bytes of a stream that are looked at."""
_READABLE = 80
"""Characters of a page's title that are shown."""


class AnswerParser(Protocol):
    """What botocore's parsers are."""

    def parse(self, response: Mapping[str, Any], shape: Any) -> dict[str, Any]:
        """Return the answer by the names of its model."""
        ...


class ParserFactory(Protocol):
    """What botocore's factory of parsers is."""

    def create_parser(self, protocol_name: str) -> AnswerParser:
        """Return the parser of a protocol, such as `rest-json`."""
        ...


class AnswerParsers:
    """Stands for botocore's factory of parsers; those that it makes tell foreign answers apart."""

    def __init__(self, factory: ParserFactory, *, is_local: bool) -> None:
        """Make it over botocore's. `is_local`: no proxy lies before the endpoint, and it may be an emulator."""
        self._factory = factory
        self._is_local = is_local

    def create_parser(self, protocol_name: str) -> AnswerParser:
        """Return the parser of a protocol, checked."""
        return _CheckedParser(self._factory.create_parser(protocol_name), protocol_name, is_local=self._is_local)


class _CheckedParser:
    def __init__(self, parser: AnswerParser, protocol: str, *, is_local: bool) -> None:
        self._parser = parser
        self._protocol = protocol
        self._is_local = is_local

    def parse(self, response: Mapping[str, Any], shape: Any) -> dict[str, Any]:
        """Return the answer as botocore reads it, or as an error with the code `FOREIGN`."""
        try:
            parsed = self._parser.parse(response, shape)
        except Exception:  # noqa: BLE001 - botocore's parsers raise whatever a damaged answer leads them to
            return self._foreign(response, f"no answer in the form of the service ({self._protocol})")
        if response["status_code"] >= 300:
            reason = _foreign_error(response, shape, parsed, is_local=self._is_local)
        else:
            reason = self._foreign_success(response, shape, parsed)
        return parsed if reason is None else self._foreign(response, reason)

    def _foreign(self, response: Mapping[str, Any], reason: str) -> dict[str, Any]:
        return {
            "Error": {"Code": FOREIGN, "Message": f"{_describe_response(response)}: {reason}", "IsLocal": self._is_local},
            "ResponseMetadata": {"HTTPStatusCode": int(response["status_code"]), "HTTPHeaders": {}},
        }

    def _foreign_success(self, response: Mapping[str, Any], shape: Any, parsed: Mapping[str, Any]) -> str | None:
        """Say what shows that a success is not AWS's, None when nothing does."""
        members = shape.members if shape is not None else {}
        has_document = "payload" not in (shape.serialization if shape is not None else {})
        if self._protocol in _JSON and has_document and not _is_object(response["body"], whole=not (members.keys() & parsed)):
            return "no JSON object"
        if self._protocol == "query" and "RequestId" not in parsed.get("ResponseMetadata", {}):
            return "XML without the id of the request"
        if self._protocol == "rest-xml" and _is_page(response["body"]):
            return "a page instead of XML"
        if shape is not None and (wrong := misfit(shape)(parsed)):
            return f"an answer with something else in {wrong}"
        if shape is not None and (missing := lacking(response.get(_OPERATION, ""), shape, parsed)):
            return f"an answer without a usable {missing}"
        if not self._is_local and not members.keys() & parsed and not _has_request_id(response):
            return "an answer that holds nothing of the service"
        return None


def check_answers(core: Any, *, is_local: bool) -> None:
    """Have every client of a botocore session tell foreign answers apart."""
    core.register_component(
        "response_parser_factory", AnswerParsers(core.get_component("response_parser_factory"), is_local=is_local)
    )
    core.register("before-parse", _note_operation)
    core.register("after-call", _refuse)


_OPERATION = "bunsui-operation"


def _note_operation(operation_model: Any, response_dict: dict[str, Any], **_: object) -> None:
    """Tell the parser, which botocore gives only the shape, of which call the answer is."""
    response_dict[_OPERATION] = f"{operation_model.service_model.service_name}.{operation_model.name}"


def _refuse(http_response: Any, parsed: Any, model: Any, **_: object) -> None:
    """Raise for a foreign answer, also for one whose status says success."""
    from botocore.exceptions import ClientError

    error = parsed.get("Error") if isinstance(parsed, dict) else None
    if isinstance(error, dict) and error.get("Code") == FOREIGN:
        address = urlsplit(http_response.url)
        raise ClientError({**parsed, "Error": {**error, "Host": f"{address.scheme}://{address.netloc}"}}, model.name)


def _foreign_error(response: Mapping[str, Any], shape: Any, parsed: Mapping[str, Any], *, is_local: bool) -> str | None:
    """Say what shows that a refusal is not AWS's, None when nothing does."""
    if shape is not None and shape.metadata.get("exception", False):
        return None  # the second look at an answer, for the fields of its error
    status = int(response["status_code"])
    error = parsed.get("Error")
    code = error.get("Code") if isinstance(error, Mapping) else None
    if status == _PROXY_AUTHENTICATION:
        return "a proxy asks for its own sign-in"
    if not isinstance(code, str):
        return "no error of the service"
    if code and code != str(status):
        return None
    if _is_broken_xml(response["body"]):
        return "half an answer"
    if is_local and status in _BARE:
        return None
    if _has_request_id(response) and not _HTML.match(response["body"] or b""):
        return None
    return "no error of the service"


def _describe_response(response: Mapping[str, Any]) -> str:
    """Say what came: status, type, size, the title of a page, and what says that it answered."""
    headers = {str(name).lower(): str(value) for name, value in response["headers"].items()}
    body = response["body"] if isinstance(response["body"], bytes) else response["body"].read(_LOOKED_AT)
    title = _TITLE.search(body)
    parts = [f"status {response['status_code']}", headers.get("content-type", ""), f"{len(body)} bytes"]
    if title is not None:
        parts.append(f'"{title[1].decode(errors="replace").strip()[:_READABLE]}"')
    parts += [f"{name} {headers[name][:_READABLE]}" for name in ("server", "via") if headers.get(name)]
    return ", ".join(part for part in parts if part)


def _is_object(body: Any, *, whole: bool) -> bool:
    """Tell whether a body is a JSON object, or nothing. `whole`: read it, where botocore's reading of it told nothing."""
    if not isinstance(body, bytes):
        return True  # a stream
    text = body.strip()
    if not text:
        return True
    if not (text.startswith(b"{") and text.endswith(b"}")):
        return False
    return not whole or _is_readable(text)


def _is_broken_xml(body: Any) -> bool:
    """Tell whether a body without an error in it is XML; botocore makes a failure of half an answer of S3."""
    return isinstance(body, bytes) and body.startswith(b"<") and _HTML.match(body) is None


def _is_page(body: Any) -> bool:
    return isinstance(body, bytes) and _HTML.match(body) is not None


def _is_readable(text: bytes) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _has_request_id(response: Mapping[str, Any]) -> bool:
    return any(str(name).lower() in _REQUEST_IDS for name in response["headers"])
