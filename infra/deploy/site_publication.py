"""The publication of the web app's files in the bucket of a stack."""

import json
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from boto3.session import Session
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from infra.deploy.settings import CannotDeployError
from infra.web.site import IMMUTABLE, INDEX, SiteFile, branded, site_files

# The object with the names of the files of the release.
NAMES = ".files"
MOST_DELETED = 1000


@dataclass(frozen=True)
class SitePublication:
    """The bucket and the distribution of a stack. `product_name` is the name of the service in the index file."""

    session: Session
    bucket: str
    distribution: str
    product_name: str

    def publish(self, built: Path) -> None:
        """Upload the files, delete those that no open page needs, and renew the copies of the distribution.

        The files of the release before stay, since open pages may load them. The index file is the last, so that it
        names no missing file.
        """
        s3 = self.session.client("s3")
        files = branded(site_files(built), self.product_name)
        before = self._names(s3)
        for file in sorted(files.values(), key=_last_index):
            s3.put_object(
                Bucket=self.bucket,
                Key=file.name,
                Body=file.content,
                ContentType=file.content_type,
                CacheControl=file.cache_control,
            )
        if before != set(files):
            delete_objects(s3, self.bucket, objects(s3, self.bucket) - before - set(files) - {NAMES})
            s3.put_object(Bucket=self.bucket, Key=NAMES, Body=json.dumps(sorted(files)).encode())
        self._invalidate(files)

    def _names(self, s3: BaseClient) -> set[str]:
        """Return the names of the files of the release before, none without one."""
        try:
            return set(json.load(s3.get_object(Bucket=self.bucket, Key=NAMES)["Body"]))
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchKey":
                raise
            return set()

    def _invalidate(self, files: Mapping[str, SiteFile]) -> None:
        """Let the distribution fetch the files again whose names stay the same in each release."""
        paths = [f"/{file.name}" for file in files.values() if file.cache_control != IMMUTABLE]
        self.session.client("cloudfront").create_invalidation(
            DistributionId=self.distribution,
            InvalidationBatch={
                "Paths": {"Quantity": len(paths), "Items": paths},
                "CallerReference": uuid.uuid4().hex,
            },
        )


def publication_of(session: Session, outputs: Mapping[str, str]) -> SitePublication | None:
    """Return the publication to a stack with these outputs, None without a web app."""
    if "AppFiles" not in outputs:
        return None
    return SitePublication(session, outputs["AppFiles"], outputs["AppDistribution"], outputs["ProductName"])


def objects(s3: BaseClient, bucket: str) -> set[str]:
    """Return the names of all objects of a bucket."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {each["Key"] for page in pages for each in page.get("Contents", [])}


def delete_objects(s3: BaseClient, bucket: str, names: Collection[str]) -> None:
    """Delete objects of a bucket. Raises CannotDeployError if S3 keeps one."""
    for batch in _batches(sorted(names)):
        wanted = {"Objects": [{"Key": name} for name in batch], "Quiet": True}
        if kept := s3.delete_objects(Bucket=bucket, Delete=wanted).get("Errors"):
            raise CannotDeployError(f"{bucket} keeps {kept[0]['Key']}: {kept[0]['Message']}")


def _batches(names: list[str]) -> Iterable[list[str]]:
    return (names[start : start + MOST_DELETED] for start in range(0, len(names), MOST_DELETED))


def _last_index(file: SiteFile) -> tuple[bool, bool]:
    return file.name == INDEX, file.cache_control != IMMUTABLE
