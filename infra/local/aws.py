"""Clients of the engine, which never reach AWS."""

import botocore.session
from botocore.client import BaseClient
from botocore.config import Config

REGION = "us-east-1"
# The engine separates data by the account of the key, so all clients use this key.
ACCESS_KEY = "local"


def client(service: str, endpoint: str, *, region: str = REGION, timeout_seconds: int = 30) -> BaseClient:
    """Return a client of `service` that connects to the engine at `endpoint` only."""
    return botocore.session.Session().create_client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=ACCESS_KEY,
        config=Config(connect_timeout=5, read_timeout=timeout_seconds, proxies={}, retries={"max_attempts": 2}),
    )
