"""The items of the table, ordered by key, with their versions of the last seconds."""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from infra.in_memory_dynamodb.item_size import Item

# Greater than every sort key with the same prefix.
LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class StoredItem:
    """An item and its size in bytes, never changed, only replaced."""

    item: Item
    size: int


@dataclass(slots=True)
class Partition:
    """All items of one partition key."""

    keys: list[str] = field(default_factory=list)
    stored: dict[str, StoredItem] = field(default_factory=dict)

    def put(self, sk: str, stored: StoredItem | None) -> None:
        """Store an item, or remove it if `stored` is None."""
        if stored is None:
            if self.stored.pop(sk, None):
                del self.keys[bisect_left(self.keys, sk)]
        elif self.stored.get(sk) is None:
            insort(self.keys, sk)
            self.stored[sk] = stored
        else:
            self.stored[sk] = stored

    def copy(self) -> "Partition":
        """Return an independent copy."""
        return Partition(self.keys.copy(), self.stored.copy())

    def between(self, low: str, high: str, *, backwards: bool, after: str | None) -> Iterator[StoredItem]:
        """Return the items from `low` to `high`, both included, ordered by key.

        With `after`, return only those behind that sort key in reading direction.
        """
        first, end = bisect_left(self.keys, low), bisect_right(self.keys, high)
        if after is not None and backwards:
            end = min(end, bisect_left(self.keys, after))
        elif after is not None:
            first = max(first, bisect_right(self.keys, after))
        numbers = range(first, end)
        return (self.stored[self.keys[number]] for number in (reversed(numbers) if backwards else numbers))


@dataclass(frozen=True, slots=True)
class _ReplacedItem:
    at: float
    sk: str
    stored: StoredItem | None


class OrderedItems:
    """Every partition, now and at each instant of the last `history_seconds` seconds."""

    def __init__(self, history_seconds: float) -> None:
        self._history_seconds = history_seconds
        self._partitions: defaultdict[str, Partition] = defaultdict(Partition)
        # The partitions that no copy shares.
        self._own: set[str] = set()
        self._replaced: defaultdict[str, deque[_ReplacedItem]] = defaultdict(deque)

    def copy(self, history_seconds: float) -> "OrderedItems":
        """Return an independent copy without the earlier versions."""
        copied = OrderedItems(history_seconds)
        copied._partitions.update(self._partitions)
        self._own.clear()
        return copied

    def items_after(self, pk: str, sk: str) -> Iterator[StoredItem]:
        """Return all items whose keys are greater than this one, ordered by key."""
        for other in sorted(other for other in self._partitions if other >= pk):
            after = sk if other == pk else None
            yield from self._partitions[other].between("", LAST, backwards=False, after=after)

    def get(self, pk: str, sk: str) -> StoredItem | None:
        """Return the current item, or None."""
        partition = self._partitions.get(pk)
        return partition and partition.stored.get(sk)

    def put(self, pk: str, sk: str, stored: StoredItem | None, now: float) -> None:
        """Store an item, or remove it if `stored` is None."""
        partition = self._partitions[pk]
        if pk not in self._own:
            self._own.add(pk)
            partition = self._partitions[pk] = partition.copy()
        if self._history_seconds:
            replaced = self._replaced[pk]
            replaced.append(_ReplacedItem(now, sk, partition.stored.get(sk)))
            while replaced[0].at < now - self._history_seconds:
                replaced.popleft()
        partition.put(sk, stored)

    def as_of(self, pk: str, at: float) -> Partition:
        """Return the partition at that instant."""
        partition = self._partitions.get(pk) or Partition()
        since = [replaced for replaced in self._replaced.get(pk, ()) if replaced.at > at]
        if since:
            partition = partition.copy()
            for replaced in reversed(since):
                partition.put(replaced.sk, replaced.stored)
        return partition
