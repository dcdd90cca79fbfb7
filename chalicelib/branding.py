"""The operator's color and links on the pages of a deployment."""

import re
from collections.abc import Mapping

from msgspec import Struct

from chalicelib.variables import Misconfigured, Variables

BRANDING_VARIABLES = ("LOCKSTEP_ACCENT_COLOR", "LOCKSTEP_IMPRINT_URL", "LOCKSTEP_PRIVACY_URL")

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


def branding_from(environment: Mapping[str, str]) -> Branding:
    """Return the operator's color and links. Raises Misconfigured for a color on which white text is hard to read."""
    variables = Variables(environment)
    color, imprint_url, privacy_url = map(variables.text, BRANDING_VARIABLES)
    color = color.lower()
    if color and not re.fullmatch(r"#[0-9a-f]{6}", color):
        raise Misconfigured(f"LOCKSTEP_ACCENT_COLOR is no color such as #2f5bd8: {color!r}")
    if color and (contrast := contrast_with_white(color)) < LEAST_CONTRAST:
        raise Misconfigured(
            f"LOCKSTEP_ACCENT_COLOR {color} is too light: white text on it has a contrast of {contrast:.2f}, and"
            f" {LEAST_CONTRAST} is needed"
        )
    for name, link in zip(BRANDING_VARIABLES[1:], (imprint_url, privacy_url), strict=True):
        if link and not re.fullmatch(LINK, link):
            raise Misconfigured(f"{name} is not an address such as https://operator.example/imprint: {link!r}")
    return Branding(color, imprint_url, privacy_url)


def contrast_with_white(color: str) -> float:
    """Return the contrast of white text on a color such as `#2f5bd8` (WCAG 2.2), from 1 to 21."""
    red, green, blue = (_linear(int(color[start : start + 2], 16) / 255) for start in (1, 3, 5))
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return (1 + 0.05) / (luminance + 0.05)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
