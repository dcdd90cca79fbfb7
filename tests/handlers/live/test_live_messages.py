"""Tests of the messages of the WebSocket."""

import json

import msgspec
import pytest
from hypothesis import strategies as st

from chalicelib.domain.model.errors import InvalidInput, InvalidRequest, MalformedJson, Refusal, TooLarge
from chalicelib.handlers.live.live_messages import (
    LARGEST_MESSAGE,
    PingMessage,
    Pong,
    Ready,
    SignalMessage,
    TokenMessage,
    parse,
)
from tests.properties import given


def test_r43_a_message_is_a_token_a_ping_or_a_signal() -> None:
    assert parse('{"token": "a.b.c"}') == TokenMessage("a.b.c")
    assert parse('{"type": "ping"}') == PingMessage("ping")
    signal = '{"type": "signal", "sessionId": "one", "data": {"token": 1, "type": "ping"}}'
    assert parse(signal) == SignalMessage("signal", "one", {"token": 1, "type": "ping"})


@pytest.mark.parametrize("text", ["", "ping", "{", '{"token": "a"', "NaN", "[" * 10_000])
def test_r43_a_message_that_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(MalformedJson):
        parse(text)


@pytest.mark.parametrize(
    ("text", "inputs"),
    [
        ("[]", [InvalidInput("body", "must be a JSON object")]),
        ('"token"', [InvalidInput("body", "must be a JSON object")]),
        ("{}", [InvalidInput("token", "is required")]),
        ('{"token": null}', [InvalidInput("token", "must be a text")]),
        (
            '{"token": 7, "more": 1}',
            [InvalidInput("token", "must be a text"), InvalidInput("more", "is not a known field")],
        ),
        ('{"type": "pong"}', [InvalidInput("type", "must be ping")]),
        (
            '{"type": "signal", "sessionId": 7, "data": 8}',
            [InvalidInput("sessionId", "must be a text"), InvalidInput("data", "must be a JSON object")],
        ),
        ('{"type": "ping", "token": "a"}', [InvalidInput("token", "is not a known field")]),
        ('{"token": "\\ud800"}', [InvalidInput("token", "must not have unpaired surrogates")]),
    ],
)
def test_r43_an_invalid_message_is_refused_with_every_invalid_field(text: str, inputs: list[InvalidInput]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse(text)
    assert list(refused.value.inputs) == inputs


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["token", "type", "x"]), inner),
)


@given(
    text=st.text()
    | JSON.map(json.dumps)
    | st.fixed_dictionaries({"type": st.just("signal")}, optional={"sessionId": JSON, "data": JSON, "x": JSON}).map(
        json.dumps
    )
)
def test_r43_every_text_is_a_message_or_refused(text: str) -> None:
    try:
        parsed = parse(text)
    except Refusal:
        return
    assert isinstance(parsed, TokenMessage | PingMessage | SignalMessage)


def test_r43_a_message_has_at_most_32_kib() -> None:
    around = len('{"token": ""}')
    assert parse(f'{{"token": "{"a" * (LARGEST_MESSAGE - around)}"}}')
    for text in (f'{{"token": "{"a" * (LARGEST_MESSAGE - around + 1)}"}}', "é" * (LARGEST_MESSAGE // 2 + 1)):
        with pytest.raises(TooLarge):
            parse(text)


def test_r43_every_message_of_the_service_has_a_type() -> None:
    ready = msgspec.json.encode(Ready("2026-03-02T10:00:00+00:00", "abc"))
    assert msgspec.json.decode(ready) == {
        "type": "ready",
        "expiresAt": "2026-03-02T10:00:00+00:00",
        "nextCursor": "abc",
    }
    assert msgspec.json.decode(msgspec.json.encode(Pong())) == {"type": "pong"}
