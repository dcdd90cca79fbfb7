"""The ledger of the stack, a bucket that outlives the table and the stack itself."""

from infra.cloudformation.intrinsic import Value, attribute, ref, sub

LEDGER = "Ledger"
# Longer than any backup of the table is kept, so that each can be restored with all erasures since.
LISTED_DAYS = 370
# An entry that was deleted by mistake can be brought back for this time. Then all of it is gone, after 400 days.
DELETED_DAYS = 30
OBJECTS: Value = sub(f"${{{LEDGER}.Arn}}/*")


def ledger() -> dict[str, Value]:
    """Return the bucket and its policy by name. Both are retained when the stack is deleted, like the table."""
    return {
        LEDGER: _retained("AWS::S3::Bucket", _bucket()),
        f"{LEDGER}Policy": _retained("AWS::S3::BucketPolicy", _policy()),
    }


def ledger_environment() -> dict[str, Value]:
    """Return the variable of every function that names the bucket."""
    return {"LOCKSTEP_LEDGER": ref(LEDGER)}


def _retained(kind: str, properties: Value) -> Value:
    return {"Type": kind, "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain", "Properties": properties}


def _bucket() -> Value:
    encryption = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    blocked = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    expired = {
        "Id": "kept",
        "Status": "Enabled",
        "ExpirationInDays": LISTED_DAYS,
        "NoncurrentVersionExpiration": {"NoncurrentDays": DELETED_DAYS},
    }
    return {
        "BucketEncryption": {"ServerSideEncryptionConfiguration": [encryption]},
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "PublicAccessBlockConfiguration": dict.fromkeys(blocked, True),
        "VersioningConfiguration": {"Status": "Enabled"},
        "LifecycleConfiguration": {"Rules": [expired]},
    }


def _policy() -> Value:
    everything = [attribute(LEDGER, "Arn"), OBJECTS]
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": everything, "Condition": plain}
    return {"Bucket": ref(LEDGER), "PolicyDocument": {"Version": "2012-10-17", "Statement": [denied]}}
