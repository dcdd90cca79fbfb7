"""Deliveries of stream records in order, twice, reversed, split, with a lost record, with poison records."""

from infra.in_memory_dynamodb.stream_records import Record


def _poison_record(number: int, pk: str, sk: str) -> Record:
    keys = {"PK": {"S": pk}, "SK": {"S": sk}}
    return {"eventName": "INSERT", "dynamodb": {"Keys": keys, "SequenceNumber": f"poisoned {number}"}}


# Records that the worker cannot process, each in another way.
POISON_RECORDS: list[Record] = [
    {"eventName": "INSERT", "dynamodb": {"SequenceNumber": "poisoned"}},
    _poison_record(1, "POOL#2026-02-30#1", "0900#50#1#0000000000000000#unknown"),
    _poison_record(2, "POOL#2026-03-02#1", "0900#50#1#0000000000000000#unknown"),
    _poison_record(3, "POOL#2026-03-02#1", "#"),
    _poison_record(4, "CHORE#0", "none"),
]


def delivered_records(records: list[Record], option: str, half: int) -> list[Record]:
    """Return the records in the order of a delivery. `half` is the size of the first part of a split one."""
    match option:
        case "twice":
            return records + records
        case "reversed":
            return records[::-1]
        case "split":
            return records[:half]
        case "with a lost record":
            return records[1:]
        case "with poison records":
            return [*POISON_RECORDS, *records[:half], *POISON_RECORDS, *records[half:]]
    return records
