"""The settings of a stage, which are checked before the deployment."""

from pathlib import Path

import pytest

from infra.cloudformation.parameters import PARAMETERS
from infra.deploy.settings import CannotDeployError, parameters, read_settings


def test_settings_are_texts_or_whole_numbers(tmp_path: Path) -> None:
    (tmp_path / "prod.json").write_text('{"TableName": "restored", "LogDays": 90}')
    assert read_settings("prod", tmp_path) == {"TableName": "restored", "LogDays": "90"}


@pytest.mark.parametrize("value", ["null", "true", "1.5", '["restored"]', "{}"])
def test_a_setting_of_another_type_is_refused_with_its_name(tmp_path: Path, value: str) -> None:
    (tmp_path / "prod.json").write_text(f'{{"Audience": "lockstep", "TableName": {value}}}')
    with pytest.raises(CannotDeployError, match=r"neither text nor whole number for TableName\.$"):
        read_settings("prod", tmp_path)


@pytest.mark.parametrize("settings", ["[]", "null", "{"])
def test_settings_must_be_a_json_object(tmp_path: Path, settings: str) -> None:
    (tmp_path / "prod.json").write_text(settings)
    with pytest.raises(CannotDeployError, match="is not a JSON object"):
        read_settings("prod", tmp_path)


@pytest.mark.parametrize("before", [None, ["Issuer"]])
def test_r22_moves_that_end_before_finalizing_begins_are_refused(before: list[str] | None) -> None:
    needed = {name: "x" for name, parameter in PARAMETERS.items() if parameter.default is None}
    with pytest.raises(CannotDeployError, match="FinalizeMinutes"):
        parameters(needed | {"FinalMinutes": "10"}, before)
    assert parameters(needed | {"FinalMinutes": "10", "FinalizeMinutes": "11"}, before)
    # The stack keeps a value that is not known here.
    assert parameters(needed | {"FinalMinutes": "10"}, [*(before or ()), "FinalizeMinutes"])
