"""The bucket of an account and region from which CloudFormation and Lambda read releases."""

import hashlib
import json
from http import HTTPStatus

from boto3.session import Session
from botocore.exceptions import ClientError

from infra.cloudformation.intrinsic import FUNCTIONS
from infra.package.release import Release


def store(session: Session, release: Release) -> str:
    """Upload the files of a release under their digests, and return the address of the template."""
    s3 = session.client("s3")
    account = session.client("sts").get_caller_identity()["Account"]
    bucket = f"lockstep-releases-{account}-{session.region_name}"
    make_bucket(s3, bucket, session.region_name)
    code = _upload(s3, bucket, release.code.read_bytes(), "zip")
    template = json.loads(release.template.read_text())
    for function in FUNCTIONS:
        template["Resources"][function]["Properties"]["CodeUri"] = {"Bucket": bucket, "Key": code}
    key = _upload(s3, bucket, json.dumps(template, separators=(",", ":")).encode(), "json")
    return f"{s3.meta.endpoint_url}/{bucket}/{key}"


def make_bucket(s3, bucket: str, region: str) -> None:
    """Create the bucket unless it exists. It is private to the account."""
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != HTTPStatus.NOT_FOUND:
            raise
        # S3 refuses the name of its default region.
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=bucket, **place)
        s3.put_public_access_block(
            Bucket=bucket,
            PublicAccessBlockConfiguration=dict.fromkeys(
                ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
            ),
        )


def _upload(s3, bucket: str, content: bytes, kind: str) -> str:
    key = f"{hashlib.sha256(content).hexdigest()}.{kind}"
    s3.put_object(Bucket=bucket, Key=key, Body=content)
    return key
