"""The settings of a stage from its file in `stages/`, as parameters of its stack."""

import json
import secrets
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chalicelib.room_settings import LEAST_SECRET, RoomProvider, is_turn, rooms_from
from chalicelib.settings import DEFAULTS, attendance_from, branding_from
from chalicelib.variables import Misconfigured, Variables
from infra.cloudformation.parameters import OF_PROVIDER, PARAMETERS, SIGN_IN_ENDPOINTS
from infra.deploy.jitsi_key import primes_of
from infra.local.engine import ROOT

STAGES = ROOT / "stages"
# The region of a stage in its file, which is no parameter. Without it the environment names the region.
REGION = "Region"

# The secrets that the deployment of a new stack makes. An existing stack keeps its own.
MADE_ONCE = ("CursorKey", "IdentityKey")
# No data depends on this secret, so a stack of an earlier release without it gets one, too.
EDGE_KEY = "EdgeKey"

# Since August 2023 a meeting at this host or one below it begins only after one of its members has signed in there.
LOGIN_HOST = "meet.jit.si"
ASKS_FOR_LOGIN = (
    "Warning: a room at {host} opens only after a member has signed in there. Set RoomProvider to lockstep, or RoomUrl"
    " to a Jitsi server with tokens."
)
NO_TURN = (
    "Warning: IceUrls names no TURN server. Members whose networks permit no direct connection cannot see each other."
)
URL_WITHOUT_EFFECT = (
    "Warning: RoomUrl has no effect with the RoomProvider lockstep, which is the default. Members meet on the"
    " frontend's room page. Set RoomProvider to link to keep rooms at {url}, or remove RoomUrl."
)
NO_PAGE = (
    "Warning: WebApp is off and PublicUrl is empty, so sessions have no address of their room. Set PublicUrl to the"
    " address of your frontend, which serves /rooms/ and the id of a pair."
)
WARNED_OF = ("RoomProvider", "RoomUrl", "IceUrls", "WebApp", "PublicUrl")
# What CloudFormation shows in place of a secret, and texts of the same form as the secrets.
HIDDEN = "****"
SOME_SECRET = "*" * LEAST_SECRET
SOME_PRIMES = f"rsa:{'A' * 100}.{'A' * 100}"


class CannotDeployError(Exception):
    """A deployment that failed, with the reason for the operator."""


def stage_file(stage: str, directory: Path = STAGES) -> Path:
    """Return the path of a stage's file."""
    return directory / f"{stage}.json"


def read_region(stage: str, directory: Path = STAGES) -> str | None:
    """Return the region that the file of a stage names, None without one. Raises CannotDeployError."""
    return _content(stage_file(stage, directory)).get(REGION)


def read_settings(stage: str, directory: Path = STAGES) -> dict[str, str]:
    """Read `stages/<stage>.json`, or return no settings without this file. Raises CannotDeployError."""
    content = _content(stage_file(stage, directory))
    return {name: value for name, value in content.items() if name != REGION}


def _content(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    try:
        settings = json.loads(path.read_text())
        unknown = sorted(settings.keys() - PARAMETERS.keys() - {REGION})
    except (ValueError, AttributeError):
        raise CannotDeployError(f"{path} is not a JSON object.") from None
    if unknown:
        raise CannotDeployError(f"{path} has unknown settings: {', '.join(unknown)}.")
    # Other types have no unique text: null would become a table with the name None.
    unclear = sorted(name for name, value in settings.items() if type(value) not in (str, int))
    if unclear:
        raise CannotDeployError(f"{path} has neither text nor whole number for {', '.join(unclear)}.")
    return {name: str(value) for name, value in settings.items()}


def parameters(settings: Mapping[str, str], before: Mapping[str, str] | None) -> list[dict[str, Any]]:
    """Return the parameters of a change set.

    `before` has the parameters of the existing stack with their values, None without a stack. A parameter without a
    setting keeps its value, and in a new stack gets its default. Raises CannotDeployError if a parameter has neither,
    and for values that the functions would refuse.
    """
    wanted = dict(settings)
    if before is None:
        # The members of an existing table have ids by the secret of that table.
        made = MADE_ONCE if not wanted.get("TableName") else ("CursorKey",)
        for name in made:
            wanted.setdefault(name, secrets.token_urlsafe(32))
    known = before or ()
    if EDGE_KEY not in known:
        wanted.setdefault(EDGE_KEY, secrets.token_urlsafe(32))
    _check_sign_in(wanted, known)
    _shorten_private_key(wanted)
    needed = {name for name, parameter in PARAMETERS.items() if parameter.default is None}
    # The rules of the template check a value that the stack keeps, which is not known here.
    if wanted.get("SignIn", None if "SignIn" in known else PARAMETERS["SignIn"].default) == "provider":
        needed |= set(OF_PROVIDER)
    missing = [name for name in PARAMETERS if name in needed and not wanted.get(name) and name not in known]
    if missing:
        raise CannotDeployError(f"These settings are needed: {', '.join(missing)}.")
    _check(_in_force(wanted, before or {}))
    return [
        {"ParameterKey": name, "ParameterValue": wanted[name]}
        if name in wanted
        else {"ParameterKey": name, "UsePreviousValue": True}
        for name in PARAMETERS
        if name in wanted or name in known
    ]


def _check_sign_in(wanted: Mapping[str, str], known: Collection[str]) -> None:
    """Raise CannotDeployError for a provider in the settings of a stack that does not say whether it signs in there."""
    named = [name for name in (*OF_PROVIDER, *SIGN_IN_ENDPOINTS) if wanted.get(name)]
    if named and "SignIn" not in wanted and "SignIn" not in known:
        raise CannotDeployError(
            f"{named[0]} is set, but not SignIn. Set it to provider for the sign-in at that provider, or to cognito for"
            " a user pool of the stack, which is the default."
        )


def _check(values: Mapping[str, str]) -> None:
    """Raise CannotDeployError for values that the functions would refuse when they start."""
    # The functions refuse that, too, in the words of their variables.
    if int(values["FinalizeMinutes"]) <= int(values["FinalMinutes"]):
        raise CannotDeployError("FinalizeMinutes must be greater than FinalMinutes.")
    variables = Variables(
        {one.variable: values[name] for name, one in PARAMETERS.items() if one.variable and name in values}, DEFAULTS
    )
    try:
        branding_from(variables.environment)
        rooms_from(variables)
        attendance_from(variables)
    except Misconfigured as reason:
        raise CannotDeployError(f"{reason}.") from None


def _in_force(wanted: Mapping[str, str], kept: Mapping[str, str]) -> dict[str, str]:
    """Return the values of all parameters."""
    values = {name: str(one.default) for name, one in PARAMETERS.items() if one.default is not None} | kept
    for name, parameter in PARAMETERS.items():
        if parameter.secret and values.get(name) == HIDDEN:
            values[name] = _stand_in(name, values)
    return values | wanted


def _stand_in(name: str, kept: Mapping[str, str]) -> str:
    """Return a text in place of a secret that CloudFormation hides, empty for one that the stack does not use."""
    if name == "JitsiKey":
        form = SOME_PRIMES if kept["JitsiKeyId"] else SOME_SECRET
        return form if kept["RoomProvider"] == RoomProvider.JITSI else ""
    return SOME_SECRET if name != "TurnSecret" or _has_turn(kept["IceUrls"]) else ""


def _has_turn(ice_urls: str) -> bool:
    return any(is_turn(address.strip()) for address in ice_urls.split(","))


def room_warnings(settings: Mapping[str, str]) -> list[str]:
    """Return what the operator should know about the rooms of a stack with these parameters."""
    values = {name: str(settings.get(name, PARAMETERS[name].default)) for name in WARNED_OF}
    url, warnings = values["RoomUrl"], []
    if values["WebApp"] == "off" and not values["PublicUrl"]:
        warnings.append(NO_PAGE)
    if values["RoomProvider"] == RoomProvider.LOCKSTEP:
        if url:
            warnings.append(URL_WITHOUT_EFFECT.format(url=url))
        if not _has_turn(values["IceUrls"]):
            warnings.append(NO_TURN)
        return warnings
    host = (urlsplit(url).hostname or "").rstrip(".")
    if f".{host}".endswith(f".{LOGIN_HOST}"):
        warnings.append(ASKS_FOR_LOGIN.format(host=host))
    return warnings


def _shorten_private_key(wanted: dict[str, str]) -> None:
    """Replace a private key in PEM by its primes. Raises CannotDeployError for one that is no such key."""
    key = wanted.get("JitsiKey", "")
    if not key.lstrip().startswith("-----BEGIN"):
        return
    try:
        wanted["JitsiKey"] = primes_of(key)
    except ValueError as reason:
        raise CannotDeployError(f"JitsiKey is no RSA private key in PEM. {reason}") from None
