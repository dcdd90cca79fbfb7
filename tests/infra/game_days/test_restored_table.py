"""A stack whose table was restored to an earlier second, as the operator's manual describes it."""

from collections.abc import Iterator

import pytest

from infra.local.clock import real_time
from infra.local.events.sources import schedule_event
from infra.local_stack.stack import Rehearsal
from infra.package.release import Release
from tests.contract.client import eventually, partner_of
from tests.contract.stack import DeployedService
from tests.infra.game_days.alarm_states import logged_data, queue_data, ringing
from tests.infra.game_days.manual import bad_days

# A stack is deployed for it.
pytestmark = pytest.mark.long

RESTORED = "lockstep-restored"
STREAM = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
MATCHED_SECONDS = 120


@pytest.fixture
def own_stack(rehearsal: Rehearsal, release: Release) -> Iterator[Rehearsal]:
    """A stack of this test alone, since its table leaves it."""
    del rehearsal
    with Rehearsal(release) as deployed:
        yield deployed


def test_members_see_the_sessions_of_the_restored_second_and_are_matched_again(
    own_stack: Rehearsal, release: Release
) -> None:
    api, tables = DeployedService(own_stack), own_stack.session.client("dynamodb")
    slot, later = api.slots.near(), api.slots.near()
    ada, ben, cy, dee, eve = api.sign_in_all("Ada", "Ben", "Cy", "Dee", "Eve")
    for member in (ada, ben, cy, dee):
        member.book(slot)
    tables.restore_table_to_point_in_time(
        SourceTableName=own_stack.resource("Table"), TargetTableName=RESTORED, UseLatestRestorableTime=True
    )
    ada.book(later)
    since = real_time()
    tables.update_table(TableName=RESTORED, StreamSpecification=STREAM)
    label = tables.describe_table(TableName=RESTORED)["Table"]["LatestStreamLabel"]
    own_stack.deploy(release, TableName=RESTORED, TableStreamLabel=label)
    assert [one["startTime"] for one in ada.sessions()] == [slot.text]
    assert partner_of(ada.in_slot(slot)) == ben.user_id
    eve.lock(ben, slot)
    dee.cancel(dee.in_slot(slot)["sessionId"])
    assert eventually(lambda: partner_of(ada.in_slot(slot)) == cy.user_id, MATCHED_SECONDS)
    own_stack.invoke("Audit", schedule_event("audit", real_time()))
    data = [*logged_data(own_stack, since), *queue_data(own_stack)]
    assert ringing(own_stack, data) == bad_days()["The table is restored"].alarms
