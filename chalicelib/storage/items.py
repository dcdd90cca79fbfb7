"""The items of the table as PynamoDB models.

Attribute names are short because DynamoDB charges for their bytes at every write: so a day with a handful of bookings
stays under 1 KB. Each item has a kind (`k`) and a schema version (`v`).
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

from chalicelib.version import SCHEMA


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
    completed = NumberAttribute(default=0)
    counted_until = NumberAttribute(null=True)
    chosen_name = BooleanAttribute(null=True)
    uses = UnicodeAttribute(null=True)
    suspension = UnicodeAttribute(null=True)


class TombstoneItem(Item, discriminator="tombstone"):
    """The item that replaces the profile of a deleted account."""

    revision = UnicodeAttribute(attr_name="r")
    deleted_at = NumberAttribute()
    erased = BooleanAttribute()
    suspension = UnicodeAttribute(null=True)


class RelationItem(Item, discriminator="relation"):
    """A member's relation to another member. The other has a copy of a favorite."""

    favorite = BooleanAttribute(null=True, attr_name="f")
    snoozed_until = NumberAttribute(null=True, attr_name="s")
    blocked = BooleanAttribute(null=True, attr_name="b")


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
    earlier_changes = UnicodeAttribute(null=True, attr_name="d")
    long_title = UnicodeAttribute(null=True, attr_name="z")
    joined_at = NumberAttribute(null=True, attr_name="j")
    partner_joined_at = NumberAttribute(null=True, attr_name="g")
    seeks_again = BooleanAttribute(null=True, attr_name="u")
    repeat_id = UnicodeAttribute(null=True, attr_name="b")
    partner_requested_at = NumberAttribute(null=True, attr_name="y")
    lost = UnicodeAttribute(null=True, attr_name="lb")


_BOOKING: Any = BookingMap()  # type: ignore[no-untyped-call]  # PynamoDB does not annotate it


class BookingList(ListAttribute[BookingMap]):
    """The bookings of a day.

    One shared map decodes them all. PynamoDB would make a new map for each day, which takes three times as long.
    """

    element_type = BookingMap

    def deserialize(self, value: list[dict[str, dict[str, object]]]) -> list[BookingMap]:
        """Return the stored bookings."""
        return [_BOOKING.deserialize(booking["M"]) for booking in value]


class DayItem(Item, discriminator="day"):
    """A member's day."""

    version = NumberAttribute(attr_name="n")
    bookings = BookingList(null=True, attr_name="b")
    overnight_until = NumberAttribute(null=True, attr_name="t")
    operations = ListAttribute(of=UnicodeAttribute, null=True, attr_name="o")
    cancelled_by = UnicodeSetAttribute(null=True, attr_name="d")
    met = ListAttribute(of=UnicodeAttribute, null=True, attr_name="m")
    cancelled_counts = UnicodeAttribute(null=True, attr_name="g")
    latest_cancelled_by = UnicodeAttribute(null=True, attr_name="c")
    bumped_at = NumberAttribute(null=True, attr_name="u")
    expires = NumberAttribute(null=True)


class TitleItem(Item, discriminator="title"):
    """A title that is too long for the day of its booking."""

    text = UnicodeAttribute(attr_name="t")
    expires = NumberAttribute(null=True)


class RecordedResponseItem(Item, discriminator="answer"):
    """The first response to a request with an idempotency key."""

    request_digest = UnicodeAttribute()
    date = UnicodeAttribute()
    booking = BookingMap()  # type: ignore[no-untyped-call]  # PynamoDB does not annotate it
    new = BooleanAttribute()
    is_favorite = BooleanAttribute()
    at = NumberAttribute()
    expires = NumberAttribute()


class InviteItem(Item, discriminator="invite"):
    """An invite link. Its key holds the digest of its token, and the token is stored nowhere."""

    link_id = UnicodeAttribute()
    owner_id = UnicodeAttribute()
    made_at = NumberAttribute()
    session_id = UnicodeAttribute(null=True)
    expires_at = NumberAttribute(null=True)
    max_uses = NumberAttribute(null=True)
    uses = NumberAttribute()
    made_by = UnicodeAttribute(null=True)


class LinkItem(Item, discriminator="link"):
    """The entry of an invite link in its owner's list, with the digest under which the link is found."""

    digest = UnicodeAttribute()


class ApiKeyItem(Item, discriminator="key"):
    """A personal API key. Its key holds the digest of the secret, and the secret is stored nowhere."""

    key_id = UnicodeAttribute()
    owner_id = UnicodeAttribute()
    name = UnicodeAttribute()
    scope = UnicodeAttribute()
    made_at = NumberAttribute()
    last_used = UnicodeAttribute(null=True)
    expires_at = NumberAttribute(null=True)
    uses = UnicodeAttribute(null=True)


class ListedKeyItem(Item, discriminator="listed key"):
    """The entry of an API key in its owner's list, with the digest under which the key is found."""

    digest = UnicodeAttribute()


class VersionedLimitItem(Item, discriminator="guard"):
    """A versioned limit of a member."""

    version = NumberAttribute(attr_name="n")
    expires = NumberAttribute(null=True)
    changes = NumberAttribute(null=True, attr_name="c")
    changed_on = UnicodeAttribute(null=True, attr_name="d")
    changed_at = NumberAttribute(null=True, attr_name="t")


class WaitingItem(Item, discriminator="waiting"):
    """A waiting row. Its key holds the whole row."""

    expires = NumberAttribute()


class QueueShardsItem(Item, discriminator="lanes"):
    """The number of queue shards of a popular slot, repeated in each of them."""

    queue_shards = NumberAttribute(attr_name="n")
    expires = NumberAttribute()


# The origin of a pair that a lock made of two displaced members.
BY_LOCK = "l"


class PairItem(Item, discriminator="pair"):
    """A pair row. The filter of the stream's event source reads the origin."""

    members = UnicodeSetAttribute(attr_name="m")
    expires = NumberAttribute()
    origin = UnicodeAttribute(null=True, attr_name="o")


class JobItem(Item, discriminator="chore"):
    """A job that is not yet done."""

    task = UnicodeAttribute()
    member_id = UnicodeAttribute()
    other_id = UnicodeAttribute(null=True)
    made_at = NumberAttribute(null=True)


class SchemaItem(Item, discriminator="schema"):
    """The schema of the table. Every item has at least the forms of that schema."""

    number = NumberAttribute(attr_name="n")


class DocumentItem(Item, discriminator="document"):
    """A document as one text. Its kind is in the text."""

    document = UnicodeAttribute(attr_name="d")
    version = NumberAttribute(attr_name="n")
    expires = NumberAttribute(null=True)
