"""Clients of AWS services."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from chalicelib.channels.aws_clients import SendFailed, lazy_client, sent_to


def test_a_client_is_made_once_and_only_when_it_is_used() -> None:
    client = lazy_client("sqs", region="eu-central-1", endpoint="http://127.0.0.1:1")
    made = client()
    assert client() is made
    assert (made.meta.region_name, made.meta.endpoint_url) == ("eu-central-1", "http://127.0.0.1:1")
    with pytest.raises(Exception, match="nothing"):
        lazy_client("nothing", region="eu-central-1", endpoint=None)()


@pytest.mark.parametrize(
    "failure", [ConnectTimeoutError(endpoint_url="x"), ClientError({"Error": {"Code": "Throttling"}}, "SendMessage")]
)
def test_r43_a_failed_request_names_the_service(failure: Exception) -> None:
    def fail() -> Any:
        with sent_to("email"):
            raise failure

    with pytest.raises(SendFailed, match="email"):
        fail()


def test_r43_an_error_of_the_program_is_not_taken_for_a_failed_request() -> None:
    with pytest.raises(KeyError), sent_to("email"):
        raise KeyError
