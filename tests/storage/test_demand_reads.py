"""The reads of the demand of slots (R46)."""

from datetime import timedelta

from chalicelib.domain.decisions.write_set import DocumentChange, WriteSet
from chalicelib.domain.model.demand import KEPT_IN_SLOT, HourOfDemand, WaitingMember
from chalicelib.domain.model.member import NO_RELATION, PairRelations, Relation, RelationKind
from chalicelib.storage import demand_reads, reads
from chalicelib.storage.transactions import commit
from tests.harness import MONDAY, World, at

NINE = at(1)


def test_r46_hours_are_read_from_one_instant_to_another_across_partitions(world: World) -> None:
    hours = [MONDAY + timedelta(hours=number) for number in (0, 1, 2, 200, 201, 400)]
    stored = [HourOfDemand(hour=hour, version=1) for hour in hours]
    changes = WriteSet(documents=tuple(DocumentChange(None, hour) for hour in stored))
    commit(world.table, changes, token=world.context.token(26), now=world.now)
    assert list(demand_reads.hours_counted(world.table, hours[1], hours[4] + timedelta(minutes=59))) == stored[1:5]
    assert list(demand_reads.hours_counted(world.table, hours[0], hours[0])) == stored[:1]
    assert demand_reads.hour_counted(world.table, hours[5]) == stored[5]
    assert demand_reads.hour_counted(world.table, hours[5] + timedelta(hours=1)) is None


def test_r46_the_first_waiting_members_of_a_slot_are_counted_in_the_order_of_the_queue(world: World) -> None:
    members = world.members(*(f"Member {number}" for number in range(KEPT_IN_SLOT + 1)))
    world.relate([(one, other) for one in members for other in members if one != other], blocked=True)
    for member in members:
        world.after(seconds=1).book(member, NINE)
    waiting = [WaitingMember(member.member_id) for member in members]
    assert list(demand_reads.waiting_now(world.table, NINE)) == waiting[:KEPT_IN_SLOT]
    assert demand_reads.waiting_now(world.table, at(2)) == ()


def test_r46_the_relations_of_the_caller_and_waiting_members_are_read_by_key(world: World) -> None:
    ada, ben, cy = world.members("Ada", "Ben", "Cy")
    world.say(ben, RelationKind.BLOCK, ada)
    world.leave(cy)
    outgoing = {ben.member_id: Relation(favorite=True)}
    ben = reads.profile(world.table, ben.member_id) or ben
    assert demand_reads.relations_to_judge(world.table, ada, outgoing, [ben.member_id, cy.member_id]) == {
        ben.member_id: PairRelations(ada, ben, Relation(favorite=True), Relation(blocked=True)),
        cy.member_id: PairRelations(ada, None, NO_RELATION, NO_RELATION),
    }
