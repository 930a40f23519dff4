"""The bytes of an object as text: unpacked where they are gzip or zstd, whatever the object is called, and UTF-8 or nothing.

Source: developer guide, "ItemReader (Map)": GZIP and ZSTD are supported for every input type. What is no text is a failure of
the reader: half of a file, or a text guessed from the bytes of another encoding, would be wrong items that nobody notices.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator
from typing import Any

from bunsui.engine.failures import ITEM_READER, StateFailure

__all__ = ["reader_failure", "text_of"]

MOST_BYTES = 256 * 2**20
"""Of one object, unpacked: AWS reads more, a laptop should not."""
_STEP = 2**20
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"


def reader_failure(cause: str) -> StateFailure:
    """Return the failure of a reader (States.ItemReaderFailed)."""
    return StateFailure(ITEM_READER, cause)


def text_of(body: bytes, *, most_bytes: int = MOST_BYTES) -> str:
    """Return the text of an object, without its byte order mark; at most so many bytes of it. Raises StateFailure."""
    try:
        text = _unpack_parts(body, most_bytes).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise reader_failure("The object is no UTF-8 text.") from error
    if "\x00" in text:
        # UTF-16 of plain letters is valid UTF-8 with a NUL beside each.
        raise reader_failure("The object is no UTF-8 text: it holds NUL characters.")
    return text


def _unpack_parts(body: bytes, most_bytes: int) -> bytes:
    """Several parts one after the other are one content, in both formats (RFC 1952, section 2.2; RFC 8878, section 3)."""
    if not body.startswith((_GZIP, _ZSTD)):
        return body
    kind = "gzip" if body.startswith(_GZIP) else "zstd"
    found = bytearray()
    try:
        for piece in _gunzip_parts(body) if kind == "gzip" else _unzstd(body):
            found += piece
            if len(found) > most_bytes:
                raise reader_failure(f"The object is larger than {most_bytes >> 20} MiB once it is unpacked.")
    except StateFailure:
        raise
    except Exception as error:  # each library has errors of its own for bytes that are not what they say
        raise reader_failure(f"The object cannot be unpacked as {kind}: {error}") from error
    return bytes(found)


def _gunzip_parts(body: bytes) -> Iterator[bytes]:
    while body:
        unpacker = zlib.decompressobj(wbits=31)
        yield unpacker.decompress(body, _STEP)
        while not unpacker.eof:
            left = unpacker.unconsumed_tail
            piece = unpacker.decompress(left, _STEP)
            if not piece and not unpacker.eof and len(unpacker.unconsumed_tail) == len(left):
                raise EOFError("it ends in the middle")
            yield piece
        # Zeros may follow, by which tapes and block devices fill up.
        body = unpacker.unused_data.lstrip(b"\x00")


def _unzstd(body: bytes) -> Iterator[bytes]:
    while body:
        unpacker: Any = _zstd().ZstdDecompressor()
        yield unpacker.decompress(body, _STEP)
        while not unpacker.eof:
            if unpacker.needs_input:
                raise EOFError("it ends in the middle")
            yield unpacker.decompress(b"", _STEP)
        body = unpacker.unused_data


def _zstd() -> Any:
    # Deferred: only objects that are packed so need it. The standard library has it from Python 3.14 on.
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd
