"""The settings of a stage, which are checked before the deployment."""

import re
from pathlib import Path

import pytest

from infra.cloudformation.parameters import OF_PROVIDER, PARAMETERS
from infra.deploy.jitsi_key import primes_of
from infra.deploy.settings import (
    ASKS_FOR_LOGIN,
    HIDDEN,
    NO_PAGE,
    NO_TURN,
    URL_WITHOUT_EFFECT,
    CannotDeployError,
    parameters,
    read_region,
    read_settings,
    room_warnings,
)
from tests.services.rooms.keys import key_pair


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


NEEDED = {
    **dict.fromkeys(OF_PROVIDER, "https://x.example"),
    "SignIn": "provider",
    "AlarmEmail": "operator@x.example",
}
# The secrets of a stack of an earlier release.
KEPT = {"CursorKey": HIDDEN, "IdentityKey": HIDDEN}


@pytest.mark.parametrize("before", [None, {"FinalizeMinutes": "10"}])
def test_r22_moves_that_end_before_finalizing_begins_are_refused(before: dict[str, str] | None) -> None:
    needed = NEEDED | {"CursorKey": "x", "IdentityKey": "x"}
    with pytest.raises(CannotDeployError, match="FinalizeMinutes"):
        parameters(needed | {"FinalMinutes": "10"}, before)
    assert parameters(needed | {"FinalMinutes": "10", "FinalizeMinutes": "11"}, before)
    assert parameters(needed | {"FinalMinutes": "10"}, {"FinalizeMinutes": "11"})


def test_a_new_stack_makes_a_user_pool_unless_the_settings_name_a_provider() -> None:
    rest = {name: value for name, value in NEEDED.items() if name not in (*OF_PROVIDER, "SignIn")}
    assert "SignIn" not in made(rest, None)
    assert PARAMETERS["SignIn"].default == "cognito"
    with pytest.raises(CannotDeployError, match=r"needed: JwksUrl\.$"):
        parameters({**rest, "SignIn": "provider", "Issuer": "i", "Audience": "a"}, None)
    # The rules of the template check a value that the stack keeps.
    assert parameters(rest, {"SignIn": "cognito", "CursorKey": HIDDEN, "IdentityKey": HIDDEN})


@pytest.mark.parametrize("name", ["Issuer", "JwksUrl", "AuthorizationUrl", "ClientId"])
def test_a_provider_is_no_further_one_by_mistake(name: str) -> None:
    """Before a user pool was the default, these settings alone chose the provider."""
    rest = {each: value for each, value in NEEDED.items() if each not in (*OF_PROVIDER, "SignIn")}
    with pytest.raises(CannotDeployError, match=f"^{name} is set, but not SignIn"):
        parameters({**rest, name: "https://id.example"}, None)
    assert parameters({**rest, name: "https://id.example"}, {"SignIn": "cognito", **KEPT})
    assert parameters({**rest, name: "https://id.example", "SignIn": "cognito"}, None)


def test_the_address_for_alarms_is_needed_once() -> None:
    rest = {name: value for name, value in NEEDED.items() if name != "AlarmEmail"}
    with pytest.raises(CannotDeployError, match=r"needed: AlarmEmail\.$"):
        parameters(rest, None)
    assert parameters(rest, {"AlarmEmail": "operator@x.example", **KEPT})


def test_a_color_that_the_functions_would_refuse_is_refused_before_the_deployment() -> None:
    with pytest.raises(CannotDeployError, match="LOCKSTEP_ACCENT_COLOR #ffff00 is too light"):
        parameters(NEEDED | {"AccentColor": "#ffff00"}, None)
    assert made(NEEDED | {"AccentColor": "#2f5bd8"}, None)["AccentColor"] == "#2f5bd8"


def made(settings: dict[str, str], before: dict[str, str] | None) -> dict[str, str]:
    return {
        one["ParameterKey"]: one["ParameterValue"] for one in parameters(settings, before) if "ParameterValue" in one
    }


def test_r34_a_new_stack_gets_secrets_of_its_own() -> None:
    first, second = (made(NEEDED, None) for _ in range(2))
    secrets = {name: value for name, value in first.items() if name not in NEEDED}
    assert set(secrets) == {"CursorKey", "IdentityKey", "EdgeKey"}
    assert min(map(len, secrets.values())) >= 32
    assert len({*secrets.values(), *(second[name] for name in secrets)}) == 6
    # A stack of an earlier release has no key of the edge.
    assert made({}, {"AlarmEmail": "operator@x.example", **KEPT}).keys() == {"EdgeKey"}


def test_r34_the_secret_of_an_existing_table_must_be_given() -> None:
    """Another secret would give every member a new id, and no member would find the earlier account."""
    with pytest.raises(CannotDeployError, match=r"needed: IdentityKey\.$"):
        parameters(NEEDED | {"TableName": "restored", "TableStreamLabel": "label"}, None)
    with pytest.raises(CannotDeployError, match=r"needed: IdentityKey\.$"):
        parameters({}, {name: value for name, value in DEPLOYED.items() if name != "IdentityKey"})
    kept = parameters({}, DEPLOYED)
    assert {"ParameterKey": "IdentityKey", "UsePreviousValue": True} in kept


# The parameters of a stack as CloudFormation shows them.
DEPLOYED = {
    name: HIDDEN if one.secret else NEEDED.get(name, "" if one.default is None else str(one.default))
    for name, one in PARAMETERS.items()
}
OWN_ROOMS = {"RoomProvider": "lockstep", "IceUrls": "turn:turn.example:3478", "TurnSecret": "s" * 32}
JITSI = {"RoomProvider": "jitsi", "RoomUrl": "https://8x8.vc", "JitsiAppId": "app", "JitsiKeyId": "one"}


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({**OWN_ROOMS, "TurnSecret": ""}, "LOCKSTEP_TURN_SECRET is not set"),
        ({**OWN_ROOMS, "TurnSecret": "s" * 31}, "LOCKSTEP_TURN_SECRET has fewer than 32 characters"),
        ({"RoomProvider": "link"}, "LOCKSTEP_ROOM_URL is not set"),
        ({**JITSI, "JitsiKey": "s" * 32}, "LOCKSTEP_JITSI_KEY is not an RSA private key"),
        ({**JITSI, "JitsiKey": "-----BEGIN PRIVATE KEY-----\nnone"}, "^JitsiKey is no RSA private key in PEM"),
    ],
)
def test_rooms_that_the_functions_would_refuse_are_refused_before_the_deployment(
    settings: dict[str, str], reason: str
) -> None:
    rest = {name: value for name, value in NEEDED.items() if not name.startswith("Room")}
    with pytest.raises(CannotDeployError, match=reason):
        parameters({**rest, **settings}, None)
    with pytest.raises(CannotDeployError, match=reason):
        parameters({**rest, **settings}, DEPLOYED)


@pytest.mark.parametrize(
    ("before", "settings"),
    [
        (OWN_ROOMS | {"TurnSecret": HIDDEN}, {"RelayOnly": "on"}),
        (JITSI | {"JitsiKey": HIDDEN}, {"RoomUrl": "https://other.example"}),
        (JITSI | {"JitsiKeyId": "", "JitsiKey": HIDDEN}, {"JitsiAppId": "other"}),
    ],
)
def test_rooms_with_a_secret_that_the_stack_keeps_can_change(before: dict[str, str], settings: dict[str, str]) -> None:
    assert parameters(settings, DEPLOYED | before)


def test_a_stack_of_a_release_with_other_parameters_can_change() -> None:
    earlier = {name: value for name, value in DEPLOYED.items() if name not in ("RoomProvider", "LeastAttendance")}
    changed = parameters({"LogDays": "90"}, earlier | {"Removed": HIDDEN})
    assert {"ParameterKey": "LogDays", "ParameterValue": "90"} in changed
    assert {"Removed", "RoomProvider"}.isdisjoint(one["ParameterKey"] for one in changed)


@pytest.mark.parametrize("settings", [{"RelayOnly": "on"}, {"RoomProvider": "jitsi"}, {"IceUrls": "turn:t.example"}])
def test_rooms_of_a_stack_that_lack_a_part_are_refused(settings: dict[str, str]) -> None:
    with pytest.raises(CannotDeployError, match="LOCKSTEP_"):
        parameters(settings, DEPLOYED)


@pytest.mark.parametrize("before", [None, DEPLOYED])
@pytest.mark.parametrize("settings", [{"Attendance": "2026-13-45"}, {"Attendance": "off", "LeastAttendance": "50"}])
def test_r39_attendance_that_the_functions_would_refuse_is_refused(
    before: dict[str, str] | None, settings: dict[str, str]
) -> None:
    with pytest.raises(CannotDeployError, match=r"LOCKSTEP_(LEAST_)?ATTENDANCE"):
        parameters(NEEDED | settings, before)


def test_a_private_key_is_shortened_for_the_environment_of_the_functions() -> None:
    private, _ = key_pair()
    assert made({**NEEDED, **JITSI, "JitsiKey": private}, None)["JitsiKey"] == primes_of(private)
    assert re.fullmatch(PARAMETERS["JitsiKey"].pattern, primes_of(private))


def test_the_secret_of_turn_servers_has_at_least_32_characters() -> None:
    pattern = PARAMETERS["TurnSecret"].pattern
    assert [bool(re.fullmatch(pattern, "s" * length)) for length in (0, 1, 31, 32, 64)] == [
        True,
        False,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("settings", "warnings"),
    [
        ({}, [NO_TURN]),
        ({"IceUrls": "stun:turn.example"}, [NO_TURN]),
        (OWN_ROOMS, []),
        ({**OWN_ROOMS, "WebApp": "off"}, [NO_PAGE]),
        ({**OWN_ROOMS, "WebApp": "off", "PublicUrl": "https://app.example"}, []),
        ({"RoomProvider": "link", "RoomUrl": "https://a.example", "WebApp": "off"}, [NO_PAGE]),
        ({"RoomProvider": "link", "RoomUrl": "https://rooms.example"}, []),
        ({"RoomProvider": "link", "RoomUrl": "https://meet.jit.si/a"}, [ASKS_FOR_LOGIN.format(host="meet.jit.si")]),
        ({**JITSI, "RoomUrl": "https://MEET.jit.si"}, [ASKS_FOR_LOGIN.format(host="meet.jit.si")]),
        ({**JITSI, "RoomUrl": "https://meet.jit.si./a"}, [ASKS_FOR_LOGIN.format(host="meet.jit.si")]),
        ({**JITSI, "RoomUrl": "https://beta.meet.jit.si"}, [ASKS_FOR_LOGIN.format(host="beta.meet.jit.si")]),
        ({**JITSI, "RoomUrl": "https://ourmeet.jit.si"}, []),
        # A stage from before the rooms of the web app has an address alone.
        ({"RoomUrl": "https://a.example"}, [URL_WITHOUT_EFFECT.format(url="https://a.example"), NO_TURN]),
        ({**OWN_ROOMS, "RoomUrl": "https://meet.jit.si"}, [URL_WITHOUT_EFFECT.format(url="https://meet.jit.si")]),
    ],
)
def test_an_operator_is_warned_of_rooms_that_may_not_open(settings: dict[str, str], warnings: list[str]) -> None:
    assert room_warnings(settings) == warnings


def test_a_stage_may_name_its_region_which_is_no_parameter(tmp_path: Path) -> None:
    (tmp_path / "prod.json").write_text('{"Region": "eu-central-1", "LogDays": 90}')
    assert (read_region("prod", tmp_path), read_settings("prod", tmp_path)) == ("eu-central-1", {"LogDays": "90"})
    assert read_region("none", tmp_path) is None


def test_the_example_of_a_stage_names_no_host_that_asks_for_a_login() -> None:
    example = read_settings("example")
    assert room_warnings(example) == [NO_TURN]
    assert parameters(example, None)
