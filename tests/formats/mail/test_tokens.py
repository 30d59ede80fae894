"""Tokens: how they look, where they stand, which place counts first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch.formats.mail.parse import parse
from batch.formats.mail.tokens import TOKEN, message_id, subject_tag, token_address, token_from, tokens_in

A, B, C, D = "a" * 16, "b" * 16, "c" * 16, "d" * 16
OWN = "billing@harborbuild.example"


@given(st.binary(min_size=10, max_size=10))
def test_every_80_bits_make_a_token(bits: bytes) -> None:
    """Any ten bytes give 16 characters that survive an address, a Message-ID and a tag."""
    token = token_from(bits)
    assert TOKEN.fullmatch(token)
    raw = (
        f"To: {token_address(OWN, token)}\nIn-Reply-To: {message_id(token, 'invite', 3, 'x.example')}\n"
        f"Subject: RE: {subject_tag(token).upper()}\n\nhello\n"
    )
    assert [one.token for one in tokens_in(parse(raw.encode()), OWN)] == [token]


def test_places_count_in_order_of_trust() -> None:
    """Address before references before subject before body; each token once, at its best place."""
    raw = (
        f"To: someone@x.example, billing+{A.upper()}@HarborBuild.example\n"
        f"References: <pb.{B}.invite.1@x.example>\n"
        f"Subject: Re: x [PB-{C}]\n\nref PB-{D}, and again [PB-{A}]\n"
    )
    found = [(one.source, one.token) for one in tokens_in(parse(raw.encode()), OWN)]
    assert found == [("address", A), ("references", B), ("subject", C), ("body", D)]


@pytest.mark.parametrize(
    "to", [f"other+{A}@harborbuild.example", f"billing+{A}@x.example", "billing+short@harborbuild.example"]
)
def test_a_plus_address_counts_only_on_our_mailbox(to: str) -> None:
    """The same detail on someone else's mailbox is not ours."""
    assert tokens_in(parse(f"To: {to}\n\nhello".encode()), OWN) == ()


def test_the_mailbox_that_delivered_counts() -> None:
    """A mail with us in Bcc shows the plus address only in Delivered-To."""
    raw = f"Delivered-To: billing+{A}@harborbuild.example\nTo: x@x.example\n\nhello"
    assert [one.source for one in tokens_in(parse(raw.encode()), OWN)] == ["address"]


def test_what_is_no_token_is_refused() -> None:
    """Wrong lengths, letters and kinds raise instead of making an id that cannot be found again."""
    for wrong in ("", "A" * 16, "a" * 15, "a" * 15 + "1"):
        with pytest.raises(ValueError, match="not a token"):
            token_address(OWN, wrong)
    with pytest.raises(ValueError, match="10 bytes"):
        token_from(b"short")
    with pytest.raises(ValueError, match="mail address"):
        token_address("nobody", A)
    with pytest.raises(ValueError, match="mail kind"):
        message_id(A, "in vite", 1, "x.example")
