"""The items of the table as PynamoDB models.

Attribute names are short because DynamoDB charges for them at every write; a day stays under 1 KB with a handful of
bookings. Each item names its kind (`k`) and the version of its schema (`v`).
"""

from typing import Any

from pynamodb.attributes import (
    BooleanAttribute,
    DiscriminatorAttribute,
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.models import Model

SCHEMA = 1


class Item(Model):
    """Any item of the table."""

    pk = UnicodeAttribute(hash_key=True, attr_name="PK")
    sk = UnicodeAttribute(range_key=True, attr_name="SK")
    kind = DiscriminatorAttribute(attr_name="k")
    schema = NumberAttribute(default=SCHEMA, attr_name="v")


class ProfileItem(Item, discriminator="member"):
    """A member and the member's settings."""

    revision = UnicodeAttribute(attr_name="r")
    name = UnicodeAttribute()
    time_zone = UnicodeAttribute()
    member_since = NumberAttribute()
    photo_url = UnicodeAttribute(null=True)
    gender = UnicodeAttribute(null=True)
    partner_gender = UnicodeAttribute()
    availability = UnicodeAttribute()
    activity = UnicodeAttribute()
    quiet = BooleanAttribute()
    deleted_at = NumberAttribute(null=True)


class TombstoneItem(Item, discriminator="tombstone"):
    """What stays of a deleted account, in the place of the member."""

    revision = UnicodeAttribute(attr_name="r")
    deleted_at = NumberAttribute()
    erased = BooleanAttribute()


class RelationItem(Item, discriminator="relation"):
    """What one member says about another; stored with both."""

    favorite = BooleanAttribute(null=True, attr_name="f")
    snoozed_until = NumberAttribute(null=True, attr_name="s")
    blocked = BooleanAttribute(null=True, attr_name="b")
    revision = UnicodeAttribute(null=True, attr_name="r")


class BookingMap(MapAttribute[str, object]):
    """A booking inside its day."""

    token = UnicodeAttribute(attr_name="i")
    start = NumberAttribute(attr_name="s")
    minutes = NumberAttribute(attr_name="l")
    requested_at = NumberAttribute(attr_name="q")
    state = UnicodeAttribute(attr_name="e")
    work_style = UnicodeAttribute(attr_name="m")
    favorites = BooleanAttribute(null=True, attr_name="f")
    named = UnicodeAttribute(null=True, attr_name="w")
    title = UnicodeAttribute(null=True, attr_name="h")
    queue_position = UnicodeAttribute(null=True, attr_name="t")
    partner = UnicodeAttribute(null=True, attr_name="p")
    pair = UnicodeAttribute(null=True, attr_name="r")
    partner_work_style = UnicodeAttribute(null=True, attr_name="o")
    change = UnicodeAttribute(null=True, attr_name="c")
    change_at = NumberAttribute(null=True, attr_name="a")
    late = BooleanAttribute(null=True, attr_name="x")
    queue_shard = NumberAttribute(null=True, attr_name="n")
    moved = BooleanAttribute(null=True, attr_name="v")
    lock_requested = BooleanAttribute(null=True, attr_name="k")


_BOOKING: Any = BookingMap()  # type: ignore[no-untyped-call]  # PynamoDB does not annotate it


class BookingList(ListAttribute[BookingMap]):
    """The bookings of a day. One map reads them all: PynamoDB would make it anew for each day, at thrice the time."""

    element_type = BookingMap

    def deserialize(self, value: list[dict[str, dict[str, object]]]) -> list[BookingMap]:
        """The bookings that the table keeps."""
        return [_BOOKING.deserialize(booking["M"]) for booking in value]


class DayItem(Item, discriminator="day"):
    """A member's day."""

    version = NumberAttribute(attr_name="n")
    bookings = BookingList(null=True, attr_name="b")
    overnight_until = NumberAttribute(null=True, attr_name="t")
    operations = ListAttribute(of=UnicodeAttribute, null=True, attr_name="o")
    cancelled_by = UnicodeSetAttribute(null=True, attr_name="d")
    met = ListAttribute(of=UnicodeAttribute, null=True, attr_name="m")
    cancelled_locks = UnicodeAttribute(null=True, attr_name="g")


class RecordedResponseItem(Item, discriminator="answer"):
    """The first answer to an idempotency key."""

    request_digest = UnicodeAttribute()
    date = UnicodeAttribute()
    booking = BookingMap()  # type: ignore[no-untyped-call]  # PynamoDB does not annotate it
    new = BooleanAttribute()
    is_favorite = BooleanAttribute()
    at = NumberAttribute()
    expires = NumberAttribute()


class InviteItem(Item, discriminator="invite"):
    """An invite link; of its token only the digest in the key."""

    link_id = UnicodeAttribute()
    owner_id = UnicodeAttribute()
    made_at = NumberAttribute()
    session_id = UnicodeAttribute(null=True)
    expires_at = NumberAttribute(null=True)
    max_uses = NumberAttribute(null=True)
    uses = NumberAttribute()


class LinkItem(Item, discriminator="link"):
    """An invite link in its owner's list: where to find it."""

    digest = UnicodeAttribute()


class ApiKeyItem(Item, discriminator="key"):
    """A personal API key; of what its owner was shown only the digest in the key."""

    key_id = UnicodeAttribute()
    owner_id = UnicodeAttribute()
    name = UnicodeAttribute()
    scope = UnicodeAttribute()
    made_at = NumberAttribute()
    last_used = UnicodeAttribute(null=True)


class ListedKeyItem(Item, discriminator="listed key"):
    """An API key in its owner's list: where to find it."""

    digest = UnicodeAttribute()


class VersionedLimitItem(Item, discriminator="guard"):
    """How much has passed one of a member's guards."""

    version = NumberAttribute(attr_name="n")
    expires = NumberAttribute(null=True)


class WaitingItem(Item, discriminator="waiting"):
    """Somebody waits in a slot; the key says it all."""

    expires = NumberAttribute()


class QueueShardsItem(Item, discriminator="lanes"):
    """How many lanes the queue of a popular slot has."""

    queue_shards = NumberAttribute(attr_name="n")
    expires = NumberAttribute()


class PairItem(Item, discriminator="pair"):
    """Two are matched at random in a slot."""

    members = UnicodeSetAttribute(attr_name="m")
    expires = NumberAttribute()


class JobItem(Item, discriminator="job"):
    """Work left to do."""

    task = UnicodeAttribute()
    member_id = UnicodeAttribute()
    other_id = UnicodeAttribute(null=True)
