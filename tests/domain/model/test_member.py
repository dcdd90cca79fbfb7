"""Members, the settings that a pair depends on, relations and deleted accounts."""

from datetime import datetime, timedelta

import pytest

from chalicelib.domain.model.member import (
    Account,
    Activity,
    Availability,
    Gender,
    PartnerGender,
    Relation,
    RelationKind,
    Tombstone,
    WorkStyle,
    accepts_gender,
    is_email_like,
    is_spent,
    sign_in_instant,
)
from tests.domain.samples import INSTANT, NOON, profile

TOMORROW = NOON + timedelta(days=1)
DELETED = NOON - timedelta(days=150)
EVERYTHING = Relation(favorite=True, snoozed_until=NOON, blocked=True)


@pytest.mark.parametrize("own", [*Gender, None])
@pytest.mark.parametrize("other", [*Gender, None])
def test_r6_the_preference_any_accepts_every_gender(own: Gender | None, other: Gender | None) -> None:
    assert accepts_gender(PartnerGender.ANY, own, other)


@pytest.mark.parametrize("own", [*Gender, None])
@pytest.mark.parametrize("other", [*Gender, None])
def test_r6_the_preference_same_accepts_only_the_own_gender(own: Gender | None, other: Gender | None) -> None:
    same = {(gender, gender) for gender in Gender}
    assert accepts_gender(PartnerGender.SAME, own, other) is ((own, other) in same)


def test_r31_a_new_profile_excludes_no_member() -> None:
    assert profile("ada") == profile(
        "ada",
        gender=None,
        partner_gender=PartnerGender.ANY,
        availability=Availability.EVERYONE,
        work_style=WorkStyle(Activity.ANYTHING, quiet=False),
        deleted_at=None,
    )


def test_r6_a_profile_applies_its_own_preference_only() -> None:
    particular = profile("ada", gender=Gender.WOMAN, partner_gender=PartnerGender.SAME)
    open_to_all = profile("ben", gender=Gender.MAN)
    assert not particular.accepts_gender_of(open_to_all)
    assert open_to_all.accepts_gender_of(particular)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (Activity.DESK, Activity.DESK, True),
        (Activity.DESK, Activity.MOVING, False),
        (Activity.DESK, Activity.ANYTHING, True),
        (Activity.ANYTHING, Activity.ANYTHING, True),
    ],
)
@pytest.mark.parametrize("quiet", [False, True])
def test_r20_work_styles_are_alike_with_the_same_quiet_mode_and_no_different_activities(
    one: Activity, other: Activity, quiet: bool, alike: bool
) -> None:
    assert WorkStyle(one, quiet).matches(WorkStyle(other, quiet)) is alike
    assert WorkStyle(other, quiet).matches(WorkStyle(one, quiet)) is alike
    assert not WorkStyle(one, quiet).matches(WorkStyle(other, not quiet))


def test_r33_events_before_a_deletion_belong_to_the_deleted_account() -> None:
    first, again = profile("ada"), profile("ada", deleted_at=DELETED)
    assert first.is_of(first.member_since - INSTANT)
    assert not again.is_of(again.member_since - INSTANT)
    assert again.is_of(again.member_since)


@pytest.mark.parametrize("account", [profile("ada", deleted_at=DELETED), Tombstone("ada", DELETED, "revision")])
def test_r33_a_token_is_spent_until_the_deletion_and_the_clock_difference_have_passed(account: Account) -> None:
    assert is_spent(account, DELETED + timedelta(seconds=30))
    assert not is_spent(account, DELETED + timedelta(seconds=30) + INSTANT)


def test_r33_a_renewed_token_is_as_old_as_the_sign_in_that_it_names() -> None:
    assert sign_in_instant(NOON, NOON - timedelta(days=30)) == NOON - timedelta(days=30)
    assert sign_in_instant(NOON, None) == NOON


def test_r33_a_new_tombstone_is_not_erased() -> None:
    assert Tombstone("ada", DELETED, "revision") == Tombstone("ada", DELETED, "revision", erased=False)


@pytest.mark.parametrize("account", [None, profile("ada")])
def test_r33_no_token_is_spent_without_a_deletion(account: Account | None) -> None:
    assert not is_spent(account, NOON - timedelta(days=1000))


@pytest.mark.parametrize(
    ("relation", "apart"),
    [
        (Relation(), False),
        (Relation(favorite=True), False),
        (Relation(blocked=True), True),
        (Relation(snoozed_until=NOON + INSTANT), True),
        (Relation(snoozed_until=NOON), False),
        (Relation(snoozed_until=NOON, blocked=True), True),
    ],
)
def test_r6_a_block_or_an_unended_snooze_keeps_two_members_apart(relation: Relation, apart: bool) -> None:
    assert relation.keeps_apart(NOON) is apart


@pytest.mark.parametrize(
    ("kind", "until", "expected"),
    [
        (RelationKind.FAVORITE, None, Relation(favorite=True)),
        (RelationKind.SNOOZE, TOMORROW, Relation(snoozed_until=TOMORROW)),
        (RelationKind.BLOCK, None, Relation(blocked=True)),
    ],
)
def test_a_relation_of_one_kind_is_set_alone(kind: RelationKind, until: datetime | None, expected: Relation) -> None:
    assert Relation().saying(kind, holds=True, until=until) == expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (RelationKind.FAVORITE, Relation(snoozed_until=NOON, blocked=True)),
        (RelationKind.SNOOZE, Relation(favorite=True, blocked=True)),
        (RelationKind.BLOCK, Relation(favorite=True, snoozed_until=NOON)),
    ],
)
def test_a_relation_of_one_kind_is_removed_alone(kind: RelationKind, expected: Relation) -> None:
    assert EVERYTHING.saying(kind, holds=False, until=TOMORROW) == expected


@pytest.mark.parametrize(
    "name",
    [
        "ada@x.example",
        "Ada <ada@x.example>",
        "ada@localhost",
        "ada @ x.example",
        "ada\uff20x.example",
        "ada\ufe6bx.example",
    ],
)
def test_r31_an_address_in_any_spelling_is_no_name(name: str) -> None:
    assert is_email_like(name)


@pytest.mark.parametrize("name", ["Ada", "@ada", "Ada@", "Member", "Ada at x.example"])
def test_r31_a_name_without_an_address_is_a_name(name: str) -> None:
    assert not is_email_like(name)
