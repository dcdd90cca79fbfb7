"""Both releases on the table that the former one wrote, while both write."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from chalicelib.version import FORMER_SCHEMA
from infra.audit import main as audit_command
from infra.local.engine import Engine
from infra.migrations.__main__ import main as migrations_command
from tests.contract.client import ApiResponse, Client, Runner, at_once, eventually, partner_of
from tests.contract.shapes import is_instant
from tests.contract.slots import SlotStart, text_of
from tests.contract.test_staff import staff_member
from tests.infra.migrations.former_release import RECORDED, FormerRunner, load_items, unpack_code
from tests.infra.migrations.record import NAMES

# Three processes, each with its start.
pytestmark = pytest.mark.long

SLOT = SlotStart(RECORDED + timedelta(days=2))
REPEAT = {"weekdays": ["tue"], "time": "07:00", "timeZone": "Europe/Vienna", "duration": 1_500_000}


class MixedDeployment:
    """A runner of each release on one engine, at the same time of the service."""

    def __init__(self, engine: str, former: Runner, new: Runner) -> None:
        self.engine, self.former, self.new = engine, former, new
        self.now = RECORDED
        self.travel(RECORDED)
        self.members = former.sign_in_all(*NAMES[:-1])

    def travel(self, now: datetime) -> None:
        """Set the clock of both."""
        self.now = now
        for runner in (self.former, self.new):
            runner.travel(now)

    def both(self, member: Client) -> tuple[Client, Client]:
        """Return the member at the former release and at the new one."""
        return member.on(self.former), member.on(self.new)

    def violations(self) -> int:
        """Return the exit status of the audit, 0 without a violation."""
        return audit_command(["--engine", self.engine, "--now", text_of(self.now)])

    def complaints(self) -> list[str]:
        """Return the error lines of both."""
        return self.former.complaints() + self.new.complaints()


@pytest.fixture
def mixed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MixedDeployment]:
    """Both releases on the recorded table. The test names the settings of the new one."""
    with Engine() as engine:
        load_items(engine.url)
        with (
            FormerRunner(unpack_code(tmp_path), engine.url) as former,
            Runner(engine.url, **request.param) as new,
        ):
            yield MixedDeployment(engine.url, former, new)


def book_concurrently(mixed: MixedDeployment, slot: SlotStart) -> list[ApiResponse]:
    """Book a slot by all members at the same instant, by one release and the other in turn."""
    calls = [
        partial(mixed.both(member)[number % 2].post, "/v1/sessions", slot.body())
        for number, member in enumerate(mixed.members)
    ]
    return at_once(calls)


def change_concurrently(mixed: MixedDeployment, slot: SlotStart) -> list[ApiResponse]:
    """Cancel and lock sessions of a slot, and change settings and relations, at both releases at the same instant."""
    ada, ben, cy, dee, eve, fay, _ = mixed.members
    of_ada, of_fay = (member.on(mixed.new).in_slot(slot)["sessionId"] for member in (ada, fay))
    for locker, target in ((ben, cy), (dee, eve)):
        locker.on(mixed.new).set_relation("favorite", target)
    old = [
        partial(ada.on(mixed.former).delete, f"/v1/sessions/{of_ada}"),
        partial(ben.on(mixed.former).try_to_lock, cy, slot),
        partial(eve.on(mixed.former).patch, "/v1/me", {"quietMode": True}),
    ]
    new = [
        partial(fay.on(mixed.new).delete, f"/v1/sessions/{of_fay}"),
        partial(dee.on(mixed.new).try_to_lock, eve, slot),
        partial(eve.on(mixed.new).patch, "/v1/me", {"partnerGender": "any"}),
    ]
    return at_once([*old, *new])


def shows_the_same(mixed: MixedDeployment, member: Client) -> bool:
    """Return whether both releases show the member the same sessions."""
    at_former, at_new = (
        [(session["sessionId"], session["state"], partner_of(session)) for session in client.sessions()]
        for client in mixed.both(member)
    )
    return at_former == at_new


@pytest.mark.parametrize("mixed", [{"LOCKSTEP_SCHEMA": str(FORMER_SCHEMA)}], indirect=True)
def test_both_releases_write_one_table_without_a_violation_or_an_error(mixed: MixedDeployment) -> None:
    for hours in (0, 2, 4):
        slot = SlotStart(SLOT.after(hours=hours))
        booked = book_concurrently(mixed, slot)
        changed = change_concurrently(mixed, slot)
        assert {response.status for response in booked} == {201}
        assert {response.status for response in changed} <= {200, 201, 204, 409}
    # The stream may match members meanwhile.
    assert eventually(lambda: all(shows_the_same(mixed, member) for member in mixed.members))
    mixed.travel(SLOT.before(minutes=5))
    for runner in (mixed.former, mixed.new):
        runner.tick()
    assert mixed.violations() == 0
    # Members join by the new release, and the former one writes the same days.
    for member in mixed.members:
        for session in member.on(mixed.new).sessions():
            if session["startTime"] == SLOT.text and partner_of(session):
                assert member.on(mixed.new).join(session["sessionId"])["roomUrl"]
        later = member.on(mixed.former).post("/v1/sessions", SlotStart(SLOT.after(hours=8)).body())
        assert later.status == 201
    assert mixed.violations() == 0
    assert mixed.complaints() == []


def test_after_the_migration_the_new_release_writes_all_of_its_own(tmp_path: Path) -> None:
    """While the former release runs, joins are not recorded, and what that release cannot read is refused."""
    with Engine() as engine:
        load_items(engine.url)
        with Runner(engine.url, LOCKSTEP_SCHEMA=str(FORMER_SCHEMA)) as upgraded:
            upgraded.travel(RECORDED)
            ada, ben = upgraded.sign_in_all("Ada", "Ben")
            listed = ada.sessions()
            of_ben = ben.book(SLOT)["sessionId"]
            of_ada = ada.lock(ben, SLOT)["sessionId"]
            staff = staff_member(upgraded)
            suspension = f"/v1/staff/members/{ben.user_id}/suspension"
            for refused in (
                ada.post(f"/v1/sessions/{of_ada}/second-chance", None),
                ada.post("/v1/repeats", REPEAT),
                ada.post("/v1/reports", {"sessionId": of_ada, "reason": "other"}),
                staff.put(suspension, {"reason": "Rude"}),
                staff.get("/v1/staff/reports"),
            ):
                assert (refused.status, refused.json["code"]) == (503, "busy")
                assert refused.headers["Retry-After"] == "300"
            upgraded.travel(SLOT.start)
            joined = ada.join(of_ada)
            assert joined["roomUrl"]
            assert joined["users"][0]["joinedAt"] is None
        assert migrations_command(["--engine", engine.url]) == 0
        with Runner(engine.url) as new:
            new.travel(SLOT.start)
            ada, ben = ada.on(new), ben.on(new)
            assert {session["sessionId"] for session in listed} < {session["sessionId"] for session in ada.sessions()}
            # The clock of the run goes on.
            assert is_instant(ada.join(of_ada)["users"][0]["joinedAt"])
            assert is_instant(ben.join(of_ben)["users"][1]["joinedAt"])
            assert ada.post("/v1/repeats", REPEAT).status == 201
            assert ada.post("/v1/reports", {"sessionId": of_ada, "reason": "other"}).status == 202
            assert staff.on(new).put(suspension, {"reason": "Rude"}).status == 204
            assert new.complaints() == []
        assert audit_command(["--engine", engine.url, "--now", SLOT.text]) == 0
