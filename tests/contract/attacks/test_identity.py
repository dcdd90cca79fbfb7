"""Attacks that find out who a member is (R31, R34)."""

import base64
import hashlib
import json

from chalicelib.domain.model.ids import encode
from tests.contract.client import Client


def test_r34_a_user_id_cannot_be_computed_from_the_subject(ada: Client) -> None:
    """Attack: a person who knows the subjects of colleagues computes their ids, and recognizes them in lists."""
    payload = ada.token.split(".")[1]
    subject = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    identity = f"{subject['iss']}\n{subject['sub']}".encode()
    computed = hashlib.sha256(identity).digest()
    again = hashlib.sha256(encode(computed, 24).encode()).digest()
    assert ada.user_id not in (encode(computed, 24), encode(again, 24), computed.hex()[:24])
