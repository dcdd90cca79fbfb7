"""Deploying where something is not as it should be."""

import pytest
from botocore.exceptions import ClientError

from infra.deploy.stack import tells_of_no_stack
from infra.deploy.store import make_bucket
from infra.local.aws import REGION, client


@pytest.mark.parametrize(
    ("code", "message", "missing"),
    [
        ("ValidationError", "Stack with id lockstep-prod does not exist", True),
        ("ValidationError", "1 validation error detected", False),
        ("AccessDenied", "User is not authorized to perform: cloudformation:DescribeStacks", False),
        ("ExpiredToken", "The security token included in the request is expired", False),
    ],
)
def test_only_a_stack_that_is_missing_is_taken_for_a_new_one(code: str, message: str, missing: bool) -> None:
    error = ClientError({"Error": {"Code": code, "Message": message}}, "DescribeStacks")
    assert tells_of_no_stack(error) is missing


def test_a_bucket_that_cannot_be_looked_at_is_not_taken_for_a_missing_one(engine: str) -> None:
    # This engine has no such service, and says so.
    with pytest.raises(ClientError, match="HeadBucket"):
        make_bucket(client("s3", engine), "releases", REGION)
