"""The operator's color and links on the pages of a deployment."""

from msgspec import Struct

# Without quotes and spaces, as in a settings file or a link of a page.
LINK = r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~!$&()*+,;=:@%/?#-]*)?"
# WCAG 2.2, success criterion 1.4.3: the least contrast of text.
LEAST_CONTRAST = 4.5


class Branding(Struct, frozen=True):
    """The operator's color, such as `#2f5bd8`, and the addresses of the imprint and of the privacy policy.

    An empty text is none. Without a color each page has its own. White text on the color is always readable.
    """

    accent_color: str = ""
    imprint_url: str = ""
    privacy_url: str = ""


def contrast_with_white(color: str) -> float:
    """Return the contrast of white text on a color such as `#2f5bd8` (WCAG 2.2), from 1 to 21."""
    red, green, blue = (_linear(int(color[start : start + 2], 16) / 255) for start in (1, 3, 5))
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return (1 + 0.05) / (luminance + 0.05)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
