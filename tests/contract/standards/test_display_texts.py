"""Texts of every script as names and titles, which come back unchanged."""

import unicodedata
from typing import Any
from urllib.parse import quote

import pytest
from markupsafe import escape

from tests import unicode_samples
from tests.contract.client import ApiResponse, Client, Service
from tests.contract.slots import Slots

ENGLAND = "\N{WAVING BLACK FLAG}\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
# These texts are NFC. Each of their characters is part of what a reader sees.
WRITTEN = {
    "Arabic": "عائشة",
    "Hebrew": "עדה לאבלייס",
    "Malayalam chillu": "\u0d30\u0d3e\u0d1c\u0d28\u0d4d\u200d",
    "Persian with a joiner": "می\u200cخواهم",  # noqa: RUF001 - Persian
    "flag of England": ENGLAND,
    "Arabic number sign": "\u0600\u0661\u0662\u0663",
    "braille with a blank": "⠁⠙⠁\u2800⠇",
    "families": f"{FAMILY} {FAMILY} {FAMILY}",
    "skin tones and variation selectors": "\U0001f44b\U0001f3fd \u2764\ufe0f\u200d\U0001f525",
    "direction marks": "Ada \u200f(\u0639\u0627\u0626\u0634\u0629)\u200e!\u061c",
    "paired isolate": "Ada \u2068עדה\u2069 Lovelace",
    "paired override": "\u202eadA\u202c",
    "word joiner and soft hyphen": "Ada\u2060Love\u00adlace",
    "zero-width space of Khmer": "កម្ពុជា\u200bខ្មែរ",
    "two spaces": "Ada  Lovelace",
    "no-break space": "Ada\u00a0Lovelace",
    "leading mark": "\u0301Ada",
    "Mongolian vowel separator": "ᠬᠠᠷ\u180eᠠ",
    "Hangul filler beside letters": "\u3164한글",
    "an unassigned character": "Ada\U0003ffe0",
}
REFUSED = {
    "an escape": "\x1b[31mAda",
    "NUL": "A\x00da",
    "a C1 control": "Ada\x9b",
    "an unpaired surrogate": "Ada\ud800",
    "a noncharacter": "Ada\ufdd0",
    "an override that is not closed": "\u202eadA",
    "an embedding that is not closed": "Ada\u202b",
    "an isolate that is not closed": "\u2067Ada",
    "a closing control alone": "Ada\u202c",
    "a closing isolate alone": "Ada\u2069",
    "pairs that cross": "\u202aA\u2067d\u202ca\u2069",
}
BLANK = {
    "empty": "",
    "spaces": " \u3000\u00a0",
    "zero widths": "\u200b\u200d\ufeff",
    "a braille blank": "\u2800",
    "fillers": "\u3164\u115f\u1160\uffa0",
    "direction marks": "\u200f\u061c",
    "an empty isolate": "\u2068\u2069",
    "variation selectors and tags": "\ufe0f\U000e0067\U000e007f",
}

# The samples of Unicode take a minute, so that CI sends a share of them.
PARTS = 16


def is_refused_with(response: ApiResponse, field: str) -> bool:
    """Return True for a refusal that names the field."""
    return (response.status, response.json.get("code"), response.json.get("field")) == (422, "invalid_request", field)


@pytest.mark.long
def test_r31_a_name_of_any_script_comes_back_unchanged(api: Service, slots: Slots, ada: Client) -> None:
    """Read a member's name in the settings, a partner's session, an invite link, its page and the export."""
    slot = slots.near()
    ada.book(slot)
    path = ada.post("/v1/invite-links", {}).json["inviteLink"]["url"].removeprefix(api.base)
    guest = api.sign_in("Ben")
    session = guest.post(path, slot.body()).json["session"]["sessionId"]
    for name in WRITTEN.values():
        assert ada.patch("/v1/me", {"name": name}).json["user"]["name"] == name
        assert ada.get("/v1/me").json["user"]["name"] == name
        assert guest.get(f"/v1/users/{ada.user_id}").json["user"]["name"] == name
        assert guest.session(session)["users"][1]["name"] == name
        assert api.request("GET", path).json["host"]["name"] == name
        page = api.request("GET", path, headers={"Accept": "text/html"}).data.decode()
        assert f'<bdi id="host">{escape(name)}</bdi>' in page
        key = ada.post("/v1/api-keys", {"name": name, "scope": "read"}).json["apiKey"]
        assert key["name"] == name
        assert [each["name"] for each in ada.get("/v1/api-keys").json["apiKeys"]] == [name]
        assert ada.get("/v1/me/export").json["user"]["name"] == name
        assert ada.delete(f"/v1/api-keys/{key['apiKeyId']}").status == 204


@pytest.mark.long  # A member for each script.
def test_an_issuers_name_of_any_script_comes_back_unchanged(api: Service) -> None:
    names = list(WRITTEN.values())
    assert [api.sign_in(name).get("/v1/me").json["user"]["name"] for name in names] == names


@pytest.mark.sampled(every=5)
@pytest.mark.parametrize("kind", WRITTEN)
def test_r34_a_title_of_any_script_comes_back_unchanged(slots: Slots, ada: Client, kind: str) -> None:
    title = WRITTEN[kind]
    session = ada.book(slots.far(), title=title)
    assert session["title"] == title
    address = f"/v1/sessions/{session['sessionId']}"
    assert ada.patch(address, {"title": "Thesis"}).status == 200
    assert ada.patch(address, {"title": title}).json["session"]["title"] == title
    assert ada.session(session["sessionId"])["title"] == title


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize("kind", REFUSED)
def test_r31_controls_and_unpaired_direction_controls_are_refused_with_the_field(
    slots: Slots, ada: Client, kind: str
) -> None:
    text = REFUSED[kind]
    assert is_refused_with(ada.patch("/v1/me", {"name": text}), "name")
    assert is_refused_with(ada.post("/v1/api-keys", {"name": text, "scope": "read"}), "name")
    assert is_refused_with(ada.post("/v1/sessions", slots.far().body(title=text)), "title")
    assert ada.get("/v1/me").json["user"]["name"] == "Ada"


@pytest.mark.sampled(every=4)
@pytest.mark.parametrize("kind", BLANK)
def test_r31_a_blank_name_is_refused_and_a_blank_title_is_empty(slots: Slots, ada: Client, kind: str) -> None:
    assert is_refused_with(ada.patch("/v1/me", {"name": BLANK[kind]}), "name")
    assert ada.book(slots.far(), title=BLANK[kind])["title"] == ""


def test_line_breaks_and_tabs_become_spaces_and_the_ends_have_none(slots: Slots, ada: Client) -> None:
    assert ada.patch("/v1/me", {"name": "\u3000Ada\tof\r\nLovelace\u2028\n"}).json["user"]["name"] == "Ada of Lovelace"
    assert ada.book(slots.far(), title=" one\ntwo ")["title"] == "one two"


def test_a_decomposed_title_is_composed_before_its_length_is_judged(slots: Slots, ada: Client) -> None:
    """Send 80 Korean syllables as 240 letters. A title has up to 200 characters after composing."""
    syllables = "".join(chr(0xAC00 + 28 * at + 1) for at in range(80))
    sent = unicodedata.normalize("NFD", syllables)
    assert len(sent) == 240
    session = ada.book(slots.far(), title=sent)
    assert session["title"] == syllables
    assert ada.patch("/v1/me", {"name": sent}).json["user"]["name"] == syllables
    assert is_refused_with(ada.patch("/v1/me", {"name": f"{syllables}!"}), "name")
    # U+0958 has no composed form, so it counts twice.
    assert is_refused_with(ada.patch("/v1/me", {"name": "\u0958" * 41}), "name")
    assert is_refused_with(ada.post("/v1/sessions", slots.far().body(title="\u0958" * 101)), "title")


def test_an_issuers_invalid_name_is_made_valid(api: Service) -> None:
    """Sign in with names that a body may not have. A token is not refused for its name (R31)."""
    sent = {"Ada\ufdd0": "Ada", "\u202eadA": "adA", "Ada\u2069 ": "Ada"}
    names = {name: api.sign_in(name).get("/v1/me").json["user"]["name"] for name in sent}
    assert names == sent


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_every_letter_name_and_emoji_sequence_of_unicode_comes_back_in_nfc(
    slots: Slots, ada: Client, part: int
) -> None:
    """Send all of Unicode's samples, joined to titles of up to 200 characters. Each part has some of each kind."""
    kinds = (unicode_samples.letters(), unicode_samples.names(), unicode_samples.emoji())
    texts = [text for kind in kinds for text in [*kind][part::PARTS]]
    address = f"/v1/sessions/{ada.book(slots.far())['sessionId']}"
    changed: dict[str, Any] = {}
    for title in unicode_samples.joined(texts, 120):
        response = ada.patch(address, {"title": title})
        expected = unicodedata.normalize("NFC", title).strip()
        if response.status != 200 or response.json["session"]["title"] != expected:
            changed[quote(title)] = response.data
    assert changed == {}
