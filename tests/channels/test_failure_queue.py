"""The failure queue keeps records whole (moto)."""

import json

import boto3
import pytest
from moto import mock_aws

from chalicelib.channels.aws_clients import SendFailed, lazy_client
from chalicelib.channels.failure_queue import FailureQueue

RECORD = {"eventID": "1", "dynamodb": {"SequenceNumber": "7", "NewImage": {"b": {"B": b"\x00"}, "t": {"S": "Thésis"}}}}


@mock_aws
def test_r42_a_message_is_an_event_with_one_whole_record() -> None:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="unannounced")["QueueUrl"]
    FailureQueue(url, lazy_client("sqs", region="us-east-1", endpoint=None)).keep(RECORD)
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    image = {"b": {"B": "AA=="}, "t": {"S": "Thésis"}}
    whole = {"eventID": "1", "dynamodb": {"SequenceNumber": "7", "NewImage": image}}
    assert json.loads(message["Body"]) == {"Records": [whole]}


@mock_aws
def test_r42_a_record_that_is_not_kept_is_a_failure() -> None:
    sqs = boto3.client("sqs")
    gone = sqs.create_queue(QueueName="unannounced")["QueueUrl"]
    sqs.delete_queue(QueueUrl=gone)
    small = sqs.create_queue(QueueName="small", Attributes={"MaximumMessageSize": "1024"})["QueueUrl"]
    for url, record in ((gone, RECORD), (small, RECORD | {"long": "x" * 1024}), ("", RECORD)):
        with pytest.raises(SendFailed, match="unannounced"):
            FailureQueue(url, lazy_client("sqs", region="us-east-1", endpoint=None)).keep(record)
