"""Removal of debugging data from shared libraries."""

import struct

_ELF_64_LITTLE_ENDIAN = b"\x7fELF\x02\x01"
# In the file header: the offsets of the two tables, and the size and number of the entries of the first.
_TABLES = struct.Struct("<32xQQ6xHH")
# In a program header: the offset and the length of its segment in the file.
_SEGMENT = struct.Struct("<8xQ16xQ")
_SECTION_TABLE_AT, _SECTION_ENTRIES_AT = 40, 60


def without_symbols(image: bytes) -> bytes:
    """Return a library without its symbol tables, and any other file unchanged.

    The loader uses the segments alone. The sections and symbols behind them are for debuggers. They are a seventh of
    the largest library.
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
