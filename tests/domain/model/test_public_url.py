"""The judgement of IP addresses. That of whole addresses has its tests with the pictures of profiles (R31)."""

import ipaddress

import pytest

from chalicelib.domain.model.public_url import is_public_ip, is_public_url


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "2001:4860:4860::8888"])
def test_r43_an_address_of_the_public_network_is_accepted(address: str) -> None:
    assert is_public_ip(address)
    assert is_public_url(f"https://[{address}]/" if ":" in address else f"https://{address}/")


@pytest.mark.parametrize("address", ["", "x", "127.1", "2130706433", "8.8.8.8 ", "[2606:4700::1111]", "2606:4700::1%1"])
def test_r43_a_text_that_is_no_plain_public_address_is_refused(address: str) -> None:
    assert not is_public_ip(address)


def test_r43_every_ipv4_address_in_an_ipv6_address_is_refused() -> None:
    """A gateway or the system itself turns these forms into requests to the IPv4 address."""
    for address in map(ipaddress.IPv4Address, ("127.0.0.1", "169.254.169.254", "10.0.0.1", "8.8.8.8")):
        number = int(address)
        forms = {
            "mapped": 0xFFFF << 32 | number,
            "compatible": number,
            "NAT64": 0x64FF9B << 96 | number,
            "local NAT64": 0x64FF9B0001 << 80 | number,
            "6to4": 0x2002 << 112 | number << 80 | 1,
            "Teredo": 0x20010000 << 96 | number << 64 | (number ^ 0xFFFFFFFF),
        }
        accepted = {name for name, form in forms.items() if is_public_ip(str(ipaddress.IPv6Address(form)))}
        assert accepted == set(), address


def test_r43_brackets_hold_ipv6_addresses_only() -> None:
    assert not is_public_url("https://[8.8.8.8]/")
