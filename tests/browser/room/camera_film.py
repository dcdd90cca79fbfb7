"""Films for the fake camera of a browser."""

from pathlib import Path

WIDTH, HEIGHT, FRAMES = 320, 180, 30
BAR = 40
# The luminance and the two colour differences.
COLOURS = {"red": (81, 90, 240), "blue": (41, 240, 110)}
WHITE = (235, 128, 128)


def write_film(path: Path, colour: str) -> Path:
    """Write a film in which a white bar moves over a colour, and return its path."""
    frames = (_frame(COLOURS[colour], place * WIDTH // FRAMES) for place in range(FRAMES))
    path.write_bytes(b"YUV4MPEG2 W%d H%d F15:1 Ip A1:1 C420\n" % (WIDTH, HEIGHT) + b"".join(frames))
    return path


def _frame(colour: tuple[int, int, int], place: int) -> bytes:
    planes = [b"FRAME\n"]
    for plane, scale in enumerate((1, 2, 2)):
        row = bytearray([colour[plane]]) * (WIDTH // scale)
        end = min(place + BAR, WIDTH)
        row[place // scale : end // scale] = bytes([WHITE[plane]]) * (end // scale - place // scale)
        planes.append(bytes(row) * (HEIGHT // scale))
    return b"".join(planes)
