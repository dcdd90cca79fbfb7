"""The event sources of the functions, the schedules, the table's stream and the queues."""

from datetime import timedelta

from msgspec import Struct

from chalicelib.domain.model.notices import Channel

# The period of each schedule.
FINALIZE_EVERY = timedelta(minutes=1)
SWEEP_EVERY = timedelta(minutes=10)
AUDIT_EVERY = timedelta(days=1)

# Lambda's number for retries without an end.
UNLIMITED = -1


class StreamSource(Struct, frozen=True):
    """The event source of a function that reads the table's stream.

    It delivers `batch_size` records at a time. A record that failed after `retries`, or that is older than `kept`, goes
    to the failure queue.
    """

    batch_size: int
    retries: int
    kept: timedelta


# The schedules find every waiting member, so the matching need not hold on to a record. After an hour the sweep has run
# six times.
REMATCH = StreamSource(batch_size=100, retries=5, kept=timedelta(hours=1))
# No schedule finds an event that was not announced, so a record is retried as long as the stream keeps it. An event log
# knows each change of a batch that is delivered again (`KEPT_CHANGE_IDS`).
EVENTS = StreamSource(batch_size=25, retries=UNLIMITED, kept=timedelta(days=1))
# The event source of each function of the stream, by its name in app.py.
STREAM_SOURCES = {"rematch": REMATCH, "events": EVENTS}
# The concurrent batches of one shard. Records of one partition stay in order.
PARALLELISM = 4


class QueueSource(Struct, frozen=True):
    """The event source of a channel's queue.

    It delivers `batch_size` messages at a time to at most `concurrency` runs of the function. A run takes at most
    `seconds`. A message that was received `receives` times goes to the failure queue. An `ordered` queue keeps the
    order of a member's messages and cannot delay one.
    """

    batch_size: int
    concurrency: int
    seconds: int
    receives: int
    ordered: bool = True

    @property
    def visibility_seconds(self) -> int:
        """The seconds after which a message that was not delivered is received again.

        AWS advises six times the time-out, since a throttled function may begin a batch late.
        """
        return 6 * self.seconds


# A run ends in time if every request of its batch takes as long as it may. A webhook that does not respond delays no
# other, because its message is alone in its batch. A mail is received for four and a half hours, a live message for ten
# minutes, and a push message until `push.RETRIED_FOR`, or for an hour and a half while the table does not respond. The
# retries of a webhook are messages of their own.
QUEUE_SOURCES = {
    Channel.EMAIL: QueueSource(batch_size=5, concurrency=10, seconds=90, receives=30),
    Channel.PUSH: QueueSource(batch_size=2, concurrency=20, seconds=30, receives=30),
    Channel.WEBHOOK: QueueSource(batch_size=1, concurrency=50, seconds=60, receives=10, ordered=False),
    Channel.LIVE: QueueSource(batch_size=4, concurrency=20, seconds=20, receives=5),
}
