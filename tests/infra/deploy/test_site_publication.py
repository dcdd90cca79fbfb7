"""The publication of the web app's files, one release after another.

One thread publishes, so moto in this process is enough.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from boto3.session import Session
from moto import mock_aws

from infra.deploy.site_publication import SitePublication, delete_objects, objects, publication_of
from infra.deploy.store import make_bucket
from infra.local.aws import REGION

# moto imports a model of each service.
pytestmark = pytest.mark.long

BUCKET = "web-files"


@pytest.fixture
def publication() -> Iterator[SitePublication]:
    """The publication to a bucket and a distribution of moto."""
    with mock_aws():
        session = Session(region_name=REGION)
        make_bucket(session.client("s3"), BUCKET, REGION)
        origin = {
            "Id": "files",
            "DomainName": f"{BUCKET}.s3.amazonaws.com",
            "S3OriginConfig": {"OriginAccessIdentity": ""},
        }
        configuration: dict[str, Any] = {
            "CallerReference": "test",
            "Comment": "",
            "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": {"TargetOriginId": "files", "ViewerProtocolPolicy": "https-only"},
        }
        made = session.client("cloudfront").create_distribution(DistributionConfig=configuration)
        yield SitePublication(session, BUCKET, made["Distribution"]["Id"], "Tandem & Co")


def built(folder: Path, *assets: str) -> Path:
    """Write a build with these hashed files."""
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(f"<title>Lockstep</title>{assets}")
    (folder / "favicon.svg").write_text("<svg/>")
    for asset in assets:
        (folder / "assets" / asset).write_text(asset)
    return folder


def assets_of(publication: SitePublication) -> set[str]:
    """Return the names of the hashed files in the bucket."""
    names = objects(publication.session.client("s3"), BUCKET)
    return {name.removeprefix("assets/") for name in names if name.startswith("assets/")}


def test_the_files_of_the_release_before_are_kept_and_older_ones_are_deleted(
    publication: SitePublication, tmp_path: Path
) -> None:
    found = []
    for number, assets in enumerate((("a.js", "one.js"), ("a.js", "two.js"), ("three.js",), ("three.js",))):
        publication.publish(built(tmp_path / str(number), *assets))
        found.append(assets_of(publication))
    # The last release is the one before again, so that its predecessor stays.
    assert found == [
        {"a.js", "one.js"},
        {"a.js", "one.js", "two.js"},
        {"a.js", "two.js", "three.js"},
        {"a.js", "two.js", "three.js"},
    ]


def test_each_file_has_its_type_its_caching_and_the_name_of_the_operator(
    publication: SitePublication, tmp_path: Path
) -> None:
    publication.publish(built(tmp_path / "built", "a.js"))
    s3 = publication.session.client("s3")
    index, script = (s3.get_object(Bucket=BUCKET, Key=name) for name in ("index.html", "assets/a.js"))
    assert index["Body"].read().startswith(b"<title>Tandem &amp; Co</title>")
    assert (index["ContentType"], index["CacheControl"]) == ("text/html; charset=utf-8", "no-cache")
    assert script["ContentType"] == "text/javascript; charset=utf-8"
    assert script["CacheControl"] == "public, max-age=31536000, immutable"


def test_the_index_file_is_the_last(publication: SitePublication, tmp_path: Path) -> None:
    sent: list[str] = []
    publication.session.events.register(
        "provide-client-params.s3.PutObject", lambda params, **_: sent.append(params["Key"])
    )
    publication.publish(built(tmp_path / "built", "a.js", "b.js"))
    assert sent == ["assets/a.js", "assets/b.js", "favicon.svg", "index.html", ".files"]


def test_only_files_whose_names_stay_the_same_are_fetched_again(publication: SitePublication, tmp_path: Path) -> None:
    publication.publish(built(tmp_path / "built", "a.js"))
    cloudfront = publication.session.client("cloudfront")
    (made,) = cloudfront.list_invalidations(DistributionId=publication.distribution)["InvalidationList"]["Items"]
    batch = cloudfront.get_invalidation(DistributionId=publication.distribution, Id=made["Id"])["Invalidation"]
    assert set(batch["InvalidationBatch"]["Paths"]["Items"]) == {"/index.html", "/favicon.svg"}


def test_more_files_than_one_request_deletes_are_deleted(publication: SitePublication) -> None:
    s3 = publication.session.client("s3")
    names = [f"assets/{number:04}.js" for number in range(1001)]
    for name in (names[0], names[-1], "index.html"):
        s3.put_object(Bucket=BUCKET, Key=name, Body=b"")
    delete_objects(s3, BUCKET, names)
    assert objects(s3, BUCKET) == {"index.html"}


def test_a_stack_without_a_web_app_has_no_publication() -> None:
    assert publication_of(Session(region_name=REGION), {"ApiUrl": "https://api.example", "ProductName": "x"}) is None
