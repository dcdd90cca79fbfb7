"""The web app of a deployed stack, called through its distribution."""

import gzip
import json
import re
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from infra.local_stack.stack import Rehearsal
from infra.web.site import PERMISSIONS_POLICY


class Answer(NamedTuple):
    """A response of the distribution."""

    status: int
    headers: dict[str, str]
    body: bytes


def fetch(rehearsal: Rehearsal, path: str, method: str = "GET", body: Any = None, **headers: str) -> Answer:
    """Send a request as a browser does. The engine finds the distribution by the host."""
    connection = HTTPConnection(urlsplit(rehearsal.session.endpoint).netloc, timeout=60)
    host = {"Host": rehearsal.outputs["AppTarget"], "X-Forwarded-Proto": "https"}
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body=None if body is None else json.dumps(body), headers=host | given)
    response = connection.getresponse()
    answer = Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
    connection.close()
    return answer


def hosts(rehearsal: Rehearsal) -> str:
    return f"{rehearsal.resource('WebsocketAPI')}.execute-api.us-east-1.amazonaws.com"


@pytest.mark.parametrize("path", ["/", "/people/ada/availability", "/sign-in?code=1&state=2"])
def test_every_page_is_the_index_file_with_the_policy_of_the_app(rehearsal: Rehearsal, path: str) -> None:
    page = fetch(rehearsal, path)
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b'<div id="app">' in page.body
    assert page.headers["cache-control"] == "no-cache"
    assert f"connect-src 'self' wss://{hosts(rehearsal)}" in page.headers["content-security-policy"]
    kept = ("strict-transport-security", "x-content-type-options", "referrer-policy", "cross-origin-resource-policy")
    assert [page.headers[name] for name in kept] == ["max-age=31536000", "nosniff", "no-referrer", "same-origin"]
    assert page.headers["permissions-policy"] == PERMISSIONS_POLICY


def test_the_files_that_the_index_file_names_are_kept_for_a_year(rehearsal: Rehearsal) -> None:
    names = re.findall(rb'(?:src|href)="(/assets/[^"]+)"', fetch(rehearsal, "/").body)
    assert names
    for name in names:
        file = fetch(rehearsal, name.decode())
        assert (file.status, file.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
    # AWS answers 404, since the distribution may list the bucket. The engine does not look at that right.
    assert fetch(rehearsal, "/assets/index-old.js").status == 403


def test_the_api_answers_at_the_address_of_the_app_and_is_not_cached(rehearsal: Rehearsal) -> None:
    token = rehearsal.members.sign_in("Ada")
    config = fetch(rehearsal, "/v1/config", Accept_Encoding="gzip")
    assert config.status == 200
    body = gzip.decompress(config.body) if "content-encoding" in config.headers else config.body
    assert json.loads(body)["productName"] == "Lockstep"
    me = fetch(rehearsal, "/v1/me", Authorization=f"Bearer {token}")
    assert (me.status, me.headers["cache-control"]) == (200, "no-store")
    changed = fetch(
        rehearsal,
        "/v1/me",
        "PATCH",
        {"quietMode": True},
        Authorization=f"Bearer {token}",
        Content_Type="application/json",
        Origin=rehearsal.outputs["AppUrl"],
    )
    assert (changed.status, json.loads(changed.body)["user"]["quietMode"]) == (200, True)
    assert fetch(rehearsal, "/v1/unknown", Accept="text/html").status == 404


def test_no_token_travels_without_encryption(rehearsal: Rehearsal) -> None:
    assert fetch(rehearsal, "/v1/me", X_Forwarded_Proto="http").status == 403
    page = fetch(rehearsal, "/people", X_Forwarded_Proto="http")
    assert (page.status, page.headers["location"]) == (301, f"{rehearsal.outputs['AppUrl']}/people")


def test_a_page_takes_no_method_that_changes_something(rehearsal: Rehearsal) -> None:
    assert fetch(rehearsal, "/people", "POST", {}).status == 403


def test_the_bucket_is_private_and_the_functions_know_the_address_of_the_app(rehearsal: Rehearsal) -> None:
    connection = HTTPConnection(urlsplit(rehearsal.session.endpoint).netloc, timeout=60)
    connection.request("GET", f"/{rehearsal.outputs['AppFiles']}/index.html")
    assert connection.getresponse().status == 403
    connection.close()
    (stack,) = rehearsal.session.client("cloudformation").describe_stacks(StackName=rehearsal.stack.name)["Stacks"]
    parameters = {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}
    assert parameters["WebUrl"] == rehearsal.outputs["AppUrl"]


def test_an_app_that_is_published_again_keeps_its_files_and_renews_the_index_file(rehearsal: Rehearsal) -> None:
    cloudfront = rehearsal.session.client("cloudfront")
    found = cloudfront.list_invalidations(DistributionId=rehearsal.outputs["AppDistribution"])["InvalidationList"]
    (first, *_) = found["Items"]
    paths = cloudfront.get_invalidation(DistributionId=rehearsal.outputs["AppDistribution"], Id=first["Id"])
    assert "/index.html" in paths["Invalidation"]["InvalidationBatch"]["Paths"]["Items"]
    with pytest.raises(ClientError):
        rehearsal.session.client("s3").head_object(Bucket=rehearsal.outputs["AppFiles"], Key="assets/none.js")
