"""The description of DynamoDB in a release, read by the client library."""

from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.session import Session

from chalicelib.storage.service_description import SERVICE, use_shipped_description
from infra.package.service_description import write_service_description

# One region of each partition with public addresses, and one that exists only since a later version of the library.
REGIONS = ("us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1", "eu-next-9")
REQUESTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("get_item", {"TableName": "table", "Key": {"id": {"S": "one"}}, "ConsistentRead": True}),
    (
        "query",
        {"TableName": "table", "KeyConditionExpression": "id = :id", "ExpressionAttributeValues": {":id": {"N": "1"}}},
    ),
    ("transact_write_items", {"TransactItems": [{"Put": {"TableName": "table", "Item": {"id": {"B": b"one"}}}}]}),
)
# These differ with each request.
CHANGING = {"amz-sdk-invocation-id", "Authorization", "X-Amz-Date"}


class Sent(Exception):
    """A request, before it would leave this machine."""


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The description in a release."""
    directory = tmp_path_factory.mktemp("descriptions")
    write_service_description(directory)
    return directory


@pytest.fixture
def session(shipped: Path) -> Session:
    """A session that reads the description of a release."""
    session = Session()
    use_shipped_description(session, shipped)
    return session


def sent(session: Session, region: str, call: str, arguments: dict[str, Any]) -> tuple[Any, ...]:
    """Return the method, the address, the body and the headers of a request."""
    client = session.create_client(SERVICE, region, aws_access_key_id="local", aws_secret_access_key="local")

    def stop(request: AWSPreparedRequest, **_: Any) -> None:
        raise Sent(request)

    client.meta.events.register("before-send", stop)
    with pytest.raises(Sent) as stopped:
        getattr(client, call)(**arguments)
    (request,) = stopped.value.args
    headers = {name: str(value) for name, value in request.headers.items() if name not in CHANGING}
    # The library makes a new idempotency token for each transaction.
    body = request.body.partition(b'"ClientRequestToken"')[0]
    return request.method, request.url, body, headers


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize(("call", "arguments"), REQUESTS)
def test_a_request_is_that_of_the_full_description(
    region: str, call: str, arguments: dict[str, Any], session: Session
) -> None:
    assert sent(session, region, call, arguments) == sent(Session(), region, call, arguments)


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("variant", ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"])
def test_an_operator_can_select_other_addresses(
    region: str, variant: str, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variant, "true")
    address = sent(session, region, *REQUESTS[0])[1]
    assert address == sent(Session(), region, *REQUESTS[0])[1]


def test_the_service_has_all_its_requests_and_errors_without_texts(session: Session) -> None:
    model, full = session.get_service_model(SERVICE), Session().get_service_model(SERVICE)
    assert model.operation_names == full.operation_names
    assert [shape.name for shape in model.error_shapes] == [shape.name for shape in full.error_shapes]
    assert {model.operation_model(name).documentation for name in model.operation_names} == {""}
