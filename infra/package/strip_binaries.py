"""Shared libraries without what only a debugger reads."""

import struct

_ELF_64_LITTLE_ENDIAN = b"\x7fELF\x02\x01"
# In the file's header: where the two tables begin; how large an entry of the first is, and how many there are.
_TABLES = struct.Struct("<32xQQ6xHH")
# In a program header: where its segment begins in the file, and how long it is there.
_SEGMENT = struct.Struct("<8xQ16xQ")
_SECTION_TABLE_AT, _SECTION_ENTRIES_AT = 40, 60


def without_symbols(image: bytes) -> bytes:
    """The library without its symbol tables; anything else as it is.

    The loader goes by the segments alone. Sections and symbols, which stand behind them, are for debuggers, and a
    seventh of the largest library is nothing else.
    """
    if not image.startswith(_ELF_64_LITTLE_ENDIAN):
        return image
    headers_at, _, header_size, count = _TABLES.unpack_from(image)
    segments = [_SEGMENT.unpack_from(image, headers_at + number * header_size) for number in range(count)]
    end = max(start + length for start, length in segments)
    kept = bytearray(image[:end])
    kept[_SECTION_TABLE_AT : _SECTION_TABLE_AT + 8] = bytes(8)
    kept[_SECTION_ENTRIES_AT : _SECTION_ENTRIES_AT + 4] = bytes(4)
    return bytes(kept)
