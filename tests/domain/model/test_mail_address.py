"""Tests of the e-mail addresses that a mail can reach."""

import pytest

from chalicelib.domain.model.mail_address import comparable, is_mail_address, sending_form


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("ada@example.org", "ada@example.org"),
        ("Ada.Lovelace+lockstep@Example.ORG", "Ada.Lovelace+lockstep@example.org"),
        ("o'brien{x}~!#$%&*/=?^_`|@a.b.example", "o'brien{x}~!#$%&*/=?^_`|@a.b.example"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
        ("ada@例え.テスト", "ada@xn--r8jz45g.xn--zckzah"),
        ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
        (f"{'a' * 64}@example.org", f"{'a' * 64}@example.org"),
        (f"a@{'b' * 63}.example", f"a@{'b' * 63}.example"),
        (f"{'a' * 64}@{'.'.join(['b' * 46] * 4)}.b", f"{'a' * 64}@{'.'.join(['b' * 46] * 4)}.b"),
    ],
)
def test_r43_an_address_is_sent_with_its_domain_in_ascii(address: str, sent: str) -> None:
    assert is_mail_address(address)
    assert sending_form(address) == sent


@pytest.mark.parametrize(
    "text",
    [
        *("", "@", "ada", "ada@", "@example.org", "ada@example", "ada@localhost", "ada@@example.org"),
        *("ada@example.org\n", "ada@example.org\r\nBcc: eve@example.org", "ada\n@example.org", "ada@exam\u0000ple.org"),
        *(
            " ada@example.org",
            "ada@example.org ",
            "a da@example.org",
            "ada@exa mple.org",
            "ada@example.org,eve@b.example",
        ),
        *("Ada <ada@example.org>", "<ada@example.org>", '"ada"@example.org', "ada(x)@example.org", "ada@[192.0.2.1]"),
        *(
            "ada@192.0.2.1",
            "ada@example.org.",
            "ada@.example.org",
            "ada@example..org",
            "ada@-example.org",
            "ada@a_b.org",
        ),
        *(".ada@example.org", "ada.@example.org", "a..da@example.org", "ada;x@example.org", "ada@example.org;x"),
        # Encoded words.
        *("=?utf-8?q?x?=@example.org", "a=?utf-8?b?QGV2ZQ==?=b@example.org", "a.=?us-ascii?Q?x?=.b@example.org"),
        # SES does not deliver to local parts in other scripts.
        *("äda@example.org", "ада@пример.example"),
        # IDNA 2003 would send these to another domain.
        *("ada@faß.example", "ada@ς.example", "ada@a\u200db.example", "ada@a\u200cb.example"),
        *("ada@\u202eexample.org", "ada@exa\u2028mple.org", "ada@\ud800.example"),
        f"{'a' * 65}@example.org",
        f"a@{'b' * 64}.example",
        f"{'a' * 64}@{'.'.join(['b' * 46] * 4)}.bc",
        f"a@{'ü' * 63}.example",
    ],
)
def test_r43_any_other_text_is_refused(text: str) -> None:
    assert not is_mail_address(text)


def test_r43_no_other_text_has_a_form_for_sending() -> None:
    with pytest.raises(ValueError, match="no address"):
        sending_form("no address")


def test_r43_the_spellings_of_one_mailbox_compare_as_equal() -> None:
    assert comparable("Ada@Bücher.example") == comparable("ada@xn--bcher-kva.EXAMPLE") == "ada@xn--bcher-kva.example"
    assert comparable("ada@example.org") != comparable("ada@example.com")
    assert comparable("No Address") == "no address"
