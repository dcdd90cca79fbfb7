"""The mails that the embedded engine accepted, as their readers find them."""

import json
from typing import Any
from urllib.request import urlopen


def mails_to(address: str, engine_url: str) -> list[dict[str, Any]]:
    """Return the mails to an address, oldest first."""
    with urlopen(f"{engine_url}/_ministack/ses/messages") as response:
        accounts: dict[str, list[dict[str, Any]]] = json.load(response)["messages"]
    return [mail for found in accounts.values() for mail in found if mail["To"] == [address]]
