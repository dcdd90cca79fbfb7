"""The pictures of the documentation. Each contains the text that it shows, so that a test notices an old one."""

import base64
import struct
import zlib
from pathlib import Path

KEY = b"Description\0"
SIGNATURE = 8


def with_text(png: bytes, text: str) -> bytes:
    """Return a PNG file with a text chunk before its last chunk, which ends it."""
    content = b"tEXt" + KEY + base64.b64encode(text.encode())
    chunk = struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))
    return png[:-12] + chunk + png[-12:]


def text_of(picture: Path) -> str | None:
    """Return the text of a PNG file, None without one."""
    png, at = picture.read_bytes(), SIGNATURE
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, content = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        if kind == b"tEXt" and content.startswith(KEY):
            return base64.b64decode(content[len(KEY) :]).decode()
        at += length + 12
    return None
