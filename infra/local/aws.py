"""Clients of the engine, which must never reach the real cloud."""

import botocore.session
from botocore.client import BaseClient
from botocore.config import Config

REGION = "us-east-1"
# The engine keeps what each key writes apart by account, so everybody uses this one.
ACCESS_KEY = "local"


def client(service: str, endpoint: str, *, patience_seconds: int = 30) -> BaseClient:
    """Make a client of `service` that talks to the engine at `endpoint` and nowhere else."""
    return botocore.session.Session().create_client(
        service,
        region_name=REGION,
        endpoint_url=endpoint,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=ACCESS_KEY,
        config=Config(connect_timeout=5, read_timeout=patience_seconds, proxies={}, retries={"max_attempts": 2}),
    )
