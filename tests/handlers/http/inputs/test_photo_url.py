"""The addresses of pictures, which the browsers of other members load (R31)."""

import pytest

from chalicelib.domain.model.public_url import LONGEST_URL
from chalicelib.handlers.http.inputs.photo_url import is_photo_url, shown_photo_url


@pytest.mark.parametrize(
    "host",
    [
        "pictures.example",
        "PICTURES.example",
        "pictures.example.",
        "pictures.example:8443",
        "a_b.pictures.example",
        "m\u00fcnchen.example",
        "8.8.8.8",
        "[2606:4700::1111]",
        "local.example",
        "internal.example",
        "a--b.svc.example",
        "127.0.0.1.nip.io",
        "1.example",
    ],
)
def test_r31_a_public_host_is_accepted(host: str) -> None:
    assert is_photo_url(f"https://{host}/a.png")
    assert is_photo_url(f"HTTPS://{host}?size=2")


@pytest.mark.parametrize(
    "host",
    [
        "",
        ".",
        "example",
        "localhost",
        "LOCALHOST.",
        "x.localhost",
        "printer.local",
        "printer.LOCAL.",
        "metadata.google.internal",
        "router.home.arpa",
        "pictures..example",
        ".example.org",
        f"{'a' * 64}.example",
        "pictures.example:0",
        "pictures.example:65536",
        "pictures.example:x",
        "user@pictures.example",
        "user:password@pictures.example",
        "@pictures.example",
        "pictures.example\\@evil.example",
        "a%2elocalhost",
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "\uff11\uff12\uff17.0.0.1",
        "127\u30020\u30020\u30021",
        "printer.\uff4cocal",
        # Browsers remove these characters, or read them as others.
        "127.0.0.1\ufe0f",
        "127.0.0.\u034f1",
        "127.0.0.\u180b1",
        "127.0.0.1\U000e0100",
        "\u115f127.0.0.1",
        "l.localhos\ufe0ft",
        "l.localhos\U000e01eft",
        "l.loca\u017fhost.\uff4cocalho\u017ft",
        "l.xn--localhost-",
        # Names that no public name server answers.
        "x.test",
        "router.lan",
        "kubernetes.default.svc",
        "kubernetes.default.svc.",
        "server.corp",
        "nas.home",
        "x.mail",
        "wiki.intranet",
        "x.private",
        "-a.com",
        "a.-b.com",
        "a-.com",
        "pictures.example:",
        "home.arpa",
        "hidden.onion",
        "x.invalid.",
        "[::1]",
        "[::]",
        "[::1",
        "[fe80::1]",
        "[fd00::1]",
        "[ff0e::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[2606:4700::1111%eth0]",
        "[v1.x]",
        "[pictures.example]",
    ],
)
def test_r31_a_host_that_is_not_public_is_refused(host: str) -> None:
    assert not is_photo_url(f"https://{host}/a.png")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "pictures.example/a.png",
        "//pictures.example/a.png",
        "http://pictures.example/a.png",
        "ftp://pictures.example/a.png",
        "https:pictures.example/a.png",
        "https:/pictures.example/a.png",
        "https:///pictures.example/a.png",
        "javascript:https://pictures.example",
        " https://pictures.example/a.png",
        "https://pictures.example/a b.png",
        "https://pictures.example/a\n.png",
        "https://pictures.example/\u202egnp.exe",
        'https://pictures.example/"onerror=',
        "https://pictures.example/<script>",
        "https://pictures.example/a>b",
        "https://pictures.example\\a.png",
    ],
)
def test_r31_only_a_whole_https_address_is_accepted(address: str) -> None:
    assert not is_photo_url(address)


def test_r31_an_address_has_a_longest_length() -> None:
    longest = "https://pictures.example/".ljust(LONGEST_URL, "a")
    assert (is_photo_url(longest), is_photo_url(f"{longest}a")) == (True, False)


def test_r31_a_stored_address_that_an_earlier_release_accepted_is_not_shown() -> None:
    shown = "https://pictures.example/a.png"
    assert [shown_photo_url(stored) for stored in (shown, "https://127.0.0.1\ufe0f/a.png", None)] == [shown, None, None]
