"""The expected copies of backups and of the ledger in another region or account."""

from typing import Any

Template = dict[str, Any]

_GIVEN = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${TableName}"
_TABLE = {"Fn::If": ["OwnTable", {"Fn::GetAtt": ["Table", "Arn"]}, {"Fn::Sub": _GIVEN}]}
_KEPT = {"DeleteAfterDays": {"Ref": "BackupDays"}}
_LEDGER = {"Fn::GetAtt": ["Ledger", "Arn"]}


def _trusts(service: str) -> Template:
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [trust]}


BACKUPS: Template = {
    "Conditions.BackupCopyArnIsGiven": {"Fn::Not": [{"Fn::Equals": [{"Ref": "BackupCopyArn"}, ""]}]},
    "Conditions.LedgerCopyArnIsGiven": {"Fn::Not": [{"Fn::Equals": [{"Ref": "LedgerCopyArn"}, ""]}]},
    **{
        f"Resources.{name}.Condition": "BackupCopyArnIsGiven"
        for name in ("BackupVault", "BackupRole", "BackupPlan", "BackupSelection")
    },
    "Resources.LedgerCopyRole.Condition": "LedgerCopyArnIsGiven",
    "Resources.LedgerCopyPolicy.Condition": "LedgerCopyArnIsGiven",
    "Resources.BackupVault.DeletionPolicy": "Retain",
    # A retained vault keeps its name, so that it is no name of a later stack.
    "Resources.BackupVault.Properties.BackupVaultName": {
        "Fn::Sub": [
            "lockstep-${id}",
            {"id": {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]}},
        ]
    },
    "Resources.BackupPlan.Properties.BackupPlan": {
        "BackupPlanName": {"Ref": "AWS::StackName"},
        "BackupPlanRule": [
            {
                "RuleName": "daily",
                "TargetBackupVault": {"Ref": "BackupVault"},
                "ScheduleExpression": "cron(0 4 * * ? *)",
                "Lifecycle": _KEPT,
                "CopyActions": [{"DestinationBackupVaultArn": {"Ref": "BackupCopyArn"}, "Lifecycle": _KEPT}],
            }
        ],
    },
    "Resources.BackupSelection.Properties.BackupSelection": {
        "SelectionName": "table",
        "IamRoleArn": {"Fn::GetAtt": ["BackupRole", "Arn"]},
        "Resources": [_TABLE],
    },
    # AWS documents this policy for the role of a backup plan.
    "Resources.BackupRole.Properties": {
        "AssumeRolePolicyDocument": _trusts("backup.amazonaws.com"),
        "ManagedPolicyArns": [
            {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"}
        ],
    },
    "Resources.Ledger.Properties.ReplicationConfiguration": {
        "Fn::If": [
            "LedgerCopyArnIsGiven",
            {
                "Role": {"Fn::GetAtt": ["LedgerCopyRole", "Arn"]},
                "Rules": [
                    {
                        "Id": "copy",
                        "Status": "Enabled",
                        "Priority": 1,
                        "Filter": {"Prefix": ""},
                        "DeleteMarkerReplication": {"Status": "Disabled"},
                        "Destination": {"Bucket": {"Ref": "LedgerCopyArn"}},
                    }
                ],
            },
            {"Ref": "AWS::NoValue"},
        ]
    },
    "Resources.LedgerCopyRole.Properties": {"AssumeRolePolicyDocument": _trusts("s3.amazonaws.com")},
    "Resources.LedgerCopyPolicy.Properties": {
        "PolicyName": "copy",
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["s3:GetReplicationConfiguration", "s3:ListBucket"],
                    "Resource": _LEDGER,
                },
                {
                    "Effect": "Allow",
                    "Action": ["s3:GetObjectVersionForReplication"],
                    "Resource": {"Fn::Sub": "${Ledger.Arn}/*"},
                },
                {"Effect": "Allow", "Action": ["s3:ReplicateObject"], "Resource": {"Fn::Sub": "${LedgerCopyArn}/*"}},
            ],
        },
        "Roles": [{"Ref": "LedgerCopyRole"}],
    },
}
