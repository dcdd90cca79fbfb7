"""`python -m tests.infra.migrations.record COMMIT` records a release, its code and a table that it wrote.

Run it for the tag of a release as soon as a later one changes what is stored.
"""

import argparse
import lzma
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

# The engine accepts any credentials, but boto3 requires some.
os.environ.update(AWS_DEFAULT_REGION="us-east-1", AWS_ACCESS_KEY_ID="local", AWS_SECRET_ACCESS_KEY="local")

from infra.local.engine import ROOT, Engine
from tests.contract.client import Client, Runner
from tests.contract.slots import SlotStart
from tests.infra.migrations.former_release import (
    CODE,
    ITEMS,
    RECORDED,
    FormerRunner,
    read_items,
    store_items,
    unpack_code,
)

# The folders that a local run needs.
MODULES = ("__init__", "nodejs", "shard", "table")
NEEDED = ("app.py", ".chalice", "chalicelib", "infra/local", "infra/web", *(f"infra/{name}.py" for name in MODULES))
NAMES = ("Ada", "Ben", "Cy", "Dee", "Eve", "Fay", "Gus", "Hal")


def main(arguments: Sequence[str]) -> int:
    """Record the release of a commit."""
    parser = argparse.ArgumentParser(prog="python -m tests.infra.migrations.record", description=__doc__)
    parser.add_argument("commit", help="the tag of the release")
    commit = parser.parse_args(arguments).commit
    archived = subprocess.run(["git", "archive", commit, *NEEDED], cwd=ROOT, check=True, capture_output=True).stdout
    CODE.write_bytes(lzma.compress(archived, preset=9 | lzma.PRESET_EXTREME))
    with tempfile.TemporaryDirectory() as directory, Engine() as engine:
        with FormerRunner(unpack_code(Path(directory)), engine.url) as runner:
            write_story(runner)
        store_items(ITEMS, read_items(engine.url))
    return 0


def write_story(runner: Runner) -> None:
    """Write items of each kind that a member's actions make."""
    week_before = RECORDED - timedelta(days=7)
    runner.travel(week_before)
    ada, ben, cy, dee, eve, fay, gus, hal = members = runner.sign_in_all(*NAMES)
    for number, member in enumerate(members):
        member.change_settings(quietMode=bool(number % 2), availability="everyone")
    past = [SlotStart(week_before + timedelta(days=1, hours=hours)) for hours in (1, 3)]
    for slot in past:
        for member in (ada, ben, cy, dee):
            member.book(slot)
    runner.tick()
    runner.travel(RECORDED)
    ahead = [SlotStart(RECORDED + timedelta(days=1, hours=hours)) for hours in (1, 3, 5, 7)]
    for member in (ada, ben, cy):
        member.book(ahead[0], title="Write the report " * 5)
    dee.book(ahead[1])
    ada.lock(dee, ahead[1])
    for member in (eve, fay, gus, hal):
        member.book(ahead[2], 25)
    eve.cancel(eve.in_slot(ahead[2])["sessionId"])
    ben.set_relation("block", hal)
    cy.set_relation("snooze", gus, {"until": "2027-01-01T00:00:00+00:00"})
    _make_credentials(ada)
    ben.post("/v1/sessions", ahead[3].body(), Idempotency_Key="a-key")
    assert hal.delete("/v1/me").status == 204
    runner.tick()


def _make_credentials(member: Client) -> None:
    """Make an API key, an invite link, a calendar feed and a webhook."""
    for path, body in (
        ("/v1/api-keys", {"name": "script", "scope": "write"}),
        ("/v1/invite-links", {}),
        ("/v1/calendar-feeds", {}),
        ("/v1/webhooks", {"url": "https://hooks.example/lockstep", "kinds": ["session.matched"]}),
    ):
        assert member.post(path, body).status == 201, path


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
