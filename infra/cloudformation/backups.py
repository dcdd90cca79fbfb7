"""Copies of the table's backups and of the ledger in another region or account."""

from infra.cloudformation.intrinsic import NOTHING, UNIQUE_NAME, Value, attribute, ref, sub, when
from infra.cloudformation.table import TABLE_ARN

# The conditions of fixed.yaml that an operator wants copies.
COPIES_BACKUPS, COPIES_LEDGER = "BackupCopyArnIsGiven", "LedgerCopyArnIsGiven"
VAULT, PLAN, SELECTION, BACKUP_ROLE = "BackupVault", "BackupPlan", "BackupSelection", "BackupRole"
LEDGER, LEDGER_COPY_ROLE, LEDGER_COPY_POLICY = "Ledger", "LedgerCopyRole", "LedgerCopyPolicy"
# At night in Europe and America, when the fewest sessions begin.
DAILY = "cron(0 4 * * ? *)"


def backups() -> dict[str, Value]:
    """Return the daily backup of the table with its copy, and the role that copies the ledger, by name."""
    return {
        # A vault with backups cannot be deleted, so it stays. The next stack of this name has another one.
        VAULT: _copies("AWS::Backup::BackupVault", {"BackupVaultName": UNIQUE_NAME}, kept="Retain"),
        BACKUP_ROLE: _copies("AWS::IAM::Role", _backup_role()),
        PLAN: _copies("AWS::Backup::BackupPlan", {"BackupPlan": _plan()}),
        SELECTION: _copies("AWS::Backup::BackupSelection", _selection()),
        LEDGER_COPY_ROLE: _copies_ledger("AWS::IAM::Role", _assumable_by("s3.amazonaws.com")),
        # Apart from the role, which the bucket names.
        LEDGER_COPY_POLICY: _copies_ledger("AWS::IAM::Policy", _ledger_copy_policy()),
    }


def ledger_replication() -> Value:
    """Return the rule that copies each entry of the ledger to the operator's bucket, if there is one."""
    rule = {
        "Id": "copy",
        "Status": "Enabled",
        "Priority": 1,
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": ref("LedgerCopyArn")},
    }
    configuration = {"Role": attribute(LEDGER_COPY_ROLE, "Arn"), "Rules": [rule]}
    return when(COPIES_LEDGER, configuration, NOTHING)


def _copies(kind: str, properties: Value, *, kept: str = "Delete") -> Value:
    retention = {"DeletionPolicy": kept, "UpdateReplacePolicy": kept}
    return {"Type": kind, "Condition": COPIES_BACKUPS, **retention, "Properties": properties}


def _copies_ledger(kind: str, properties: Value) -> Value:
    return {"Type": kind, "Condition": COPIES_LEDGER, "Properties": properties}


def _plan() -> Value:
    lifecycle = {"DeleteAfterDays": ref("BackupDays")}
    rule = {
        "RuleName": "daily",
        "TargetBackupVault": ref(VAULT),
        "ScheduleExpression": DAILY,
        "Lifecycle": lifecycle,
        "CopyActions": [{"DestinationBackupVaultArn": ref("BackupCopyArn"), "Lifecycle": lifecycle}],
    }
    return {"BackupPlanName": ref("AWS::StackName"), "BackupPlanRule": [rule]}


def _selection() -> Value:
    selected = {"SelectionName": "table", "IamRoleArn": attribute(BACKUP_ROLE, "Arn"), "Resources": [TABLE_ARN]}
    return {"BackupPlanId": ref(PLAN), "BackupSelection": selected}


def _assumable_by(service: str) -> Value:
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}}


def _backup_role() -> Value:
    policy = "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"
    return {**_assumable_by("backup.amazonaws.com"), "ManagedPolicyArns": [sub(policy)]}


def _ledger_copy_policy() -> Value:
    statements = [
        _allow(("s3:GetReplicationConfiguration", "s3:ListBucket"), attribute(LEDGER, "Arn")),
        _allow(("s3:GetObjectVersionForReplication",), sub(f"${{{LEDGER}.Arn}}/*")),
        _allow(("s3:ReplicateObject",), sub("${LedgerCopyArn}/*")),
    ]
    policy = {"Version": "2012-10-17", "Statement": statements}
    return {"PolicyName": "copy", "PolicyDocument": policy, "Roles": [ref(LEDGER_COPY_ROLE)]}


def _allow(actions: tuple[str, ...], resource: Value) -> Value:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource}
