"""The settings of a stage from its file in `stages/`, as parameters of its stack."""

import json
import secrets
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chalicelib.room_settings import ROOM_VARIABLES, RoomProvider, is_turn, rooms_from
from chalicelib.settings import DEFAULTS, branding_from
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
    "Warning: RoomUrl has no effect with the RoomProvider lockstep, which is the default. Members meet on the web app's"
    " room page. Set RoomProvider to link to keep rooms at {url}, or remove RoomUrl."
)


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


def parameters(settings: Mapping[str, str], before: Collection[str] | None) -> list[dict[str, Any]]:
    """Return the parameters of a change set.

    `before` has the parameters of the existing stack, None without a stack. A parameter without a setting keeps its
    value, and in a new stack gets its default. Raises CannotDeployError if a parameter has neither.
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
    _check_cutoff(wanted, known)
    _check_branding(wanted)
    _check_rooms(wanted, known)
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


def _check_cutoff(wanted: Mapping[str, str], known: Collection[str]) -> None:
    """Raise CannotDeployError if moves end before finalizing begins. A value that the stack keeps is not known here."""
    ahead, cutoff = (
        wanted.get(name, None if name in known else PARAMETERS[name].default)
        for name in ("FinalizeMinutes", "FinalMinutes")
    )
    if ahead is not None and cutoff is not None and int(ahead) <= int(cutoff):
        raise CannotDeployError("FinalizeMinutes must be greater than FinalMinutes.")


def _check_branding(wanted: Mapping[str, str]) -> None:
    """Raise CannotDeployError for a color or link that the functions would refuse when they start."""
    named = {PARAMETERS[name].variable: value for name, value in wanted.items()}
    try:
        branding_from(named)
    except Misconfigured as reason:
        raise CannotDeployError(f"{reason}.") from None


def room_warnings(settings: Mapping[str, str]) -> list[str]:
    """Return what the operator should know about the rooms of a stack with these parameters."""
    provider, url, servers = (
        settings.get(name, PARAMETERS[name].default) for name in ("RoomProvider", "RoomUrl", "IceUrls")
    )
    if provider == RoomProvider.LOCKSTEP:
        has_turn = any(is_turn(address.strip()) for address in str(servers).split(","))
        return [*([URL_WITHOUT_EFFECT.format(url=url)] if url else []), *([] if has_turn else [NO_TURN])]
    host = (urlsplit(str(url)).hostname or "").rstrip(".")
    return [ASKS_FOR_LOGIN.format(host=host)] if f".{host}".endswith(f".{LOGIN_HOST}") else []


def _check_rooms(wanted: Mapping[str, str], known: Collection[str]) -> None:
    """Raise CannotDeployError for rooms that the functions would refuse, unless the stack keeps a part of them."""
    variables = {variable: name for name, parameter in PARAMETERS.items() if (variable := parameter.variable)}
    names = [variables[variable] for variable in ROOM_VARIABLES]
    if any(name in known and name not in wanted for name in names):
        return
    try:
        rooms_from(Variables({PARAMETERS[name].variable: wanted[name] for name in names if name in wanted}, DEFAULTS))
    except Misconfigured as reason:
        raise CannotDeployError(f"{reason}.") from None


def _shorten_private_key(wanted: dict[str, str]) -> None:
    """Replace a private key in PEM by its primes. Raises CannotDeployError for one that is no such key."""
    key = wanted.get("JitsiKey", "")
    if not key.lstrip().startswith("-----BEGIN"):
        return
    try:
        wanted["JitsiKey"] = primes_of(key)
    except ValueError as reason:
        raise CannotDeployError(f"JitsiKey is no RSA private key in PEM. {reason}") from None
