"""The ledger of the local run, a bucket of its engine."""

from botocore.client import BaseClient

LEDGER = "lockstep-ledger"


def create_ledger(client: BaseClient) -> str:
    """Create the bucket of the ledger unless it exists, and return its name."""
    # In this region S3 accepts the creation of a bucket that the caller owns.
    client.create_bucket(Bucket=LEDGER)
    return LEDGER
