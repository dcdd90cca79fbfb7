"""What a stage sets, and what is refused before anything is deployed."""

from pathlib import Path

import pytest

from infra.deploy.settings import CannotDeployError, read_settings


def test_what_a_stage_sets_is_text_or_a_whole_number(tmp_path: Path) -> None:
    (tmp_path / "prod.json").write_text('{"TableName": "restored", "LogDays": 90}')
    assert read_settings("prod", tmp_path) == {"TableName": "restored", "LogDays": "90"}


@pytest.mark.parametrize("value", ["null", "true", "1.5", '["restored"]', "{}"])
def test_a_setting_that_is_neither_is_refused_by_its_name(tmp_path: Path, value: str) -> None:
    (tmp_path / "prod.json").write_text(f'{{"Audience": "lockstep", "TableName": {value}}}')
    with pytest.raises(CannotDeployError, match=r"neither text nor whole number for TableName\.$"):
        read_settings("prod", tmp_path)


@pytest.mark.parametrize("settings", ["[]", "null", "{"])
def test_settings_that_are_no_object_are_refused(tmp_path: Path, settings: str) -> None:
    (tmp_path / "prod.json").write_text(settings)
    with pytest.raises(CannotDeployError, match="is not a JSON object"):
        read_settings("prod", tmp_path)
