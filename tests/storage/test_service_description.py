"""The descriptions of services that a session reads."""

import json
from pathlib import Path

import pytest
from botocore.exceptions import UnknownServiceError
from botocore.session import Session

from chalicelib.storage.service_description import SHIPPED, use_shipped_description


def test_a_session_reads_the_descriptions_of_the_directory_only(tmp_path: Path) -> None:
    (tmp_path / "sqs/2012-11-05").mkdir(parents=True)
    (tmp_path / "sqs/2012-11-05/service-2.json").write_text(json.dumps({"metadata": {"serviceId": "SQS"}}))
    session = Session()
    use_shipped_description(session, tmp_path)
    assert session.get_available_services() == ["sqs"]
    with pytest.raises(UnknownServiceError):
        session.get_service_model("dynamodb")


def test_a_session_outside_of_a_release_reads_those_of_the_library() -> None:
    assert not SHIPPED.exists()
    session = Session()
    use_shipped_description(session)
    assert session.get_available_services() == Session().get_available_services()
