"""The settings of a stage: a file in `stages/`, as parameters of its stack."""

import json
import secrets
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from infra.cloudformation.parameters import PARAMETERS
from infra.local.engine import ROOT

STAGES = ROOT / "stages"


class CannotDeployError(Exception):
    """Why nothing was deployed, in words for whoever asked for it."""


def read_settings(stage: str, directory: Path = STAGES) -> dict[str, str]:
    """Read what `stages/<stage>.json` says; nothing where there is no such file. Raises CannotDeployError."""
    path = directory / f"{stage}.json"
    if not path.exists():
        return {}
    try:
        settings = json.loads(path.read_text())
        unknown = sorted(settings.keys() - PARAMETERS.keys())
    except (ValueError, AttributeError):
        raise CannotDeployError(f"{path} is not a JSON object.") from None
    if unknown:
        raise CannotDeployError(f"{path} sets what there is not: {', '.join(unknown)}.")
    # Nothing else has one text: a null would become a table of the name None, say.
    unclear = sorted(name for name, value in settings.items() if type(value) not in (str, int))
    if unclear:
        raise CannotDeployError(f"{path} gives neither text nor whole number for {', '.join(unclear)}.")
    return {name: str(value) for name, value in settings.items()}


def parameters(settings: Mapping[str, str], before: Collection[str] | None) -> list[dict[str, Any]]:
    """The parameters of a change; `before` names those that the stack has, None where there is no stack.

    What is not set stays as it is, and a new stack gets the default. Raises CannotDeployError where there is none.
    """
    wanted = dict(settings)
    if before is None:
        wanted.setdefault("CursorKey", secrets.token_urlsafe(32))
    known = before or ()
    missing = [
        name
        for name, parameter in PARAMETERS.items()
        if parameter.default is None and name not in wanted and name not in known
    ]
    if missing:
        raise CannotDeployError(f"These settings are needed: {', '.join(missing)}.")
    return [
        {"ParameterKey": name, "ParameterValue": wanted[name]}
        if name in wanted
        else {"ParameterKey": name, "UsePreviousValue": True}
        for name in PARAMETERS
        if name in wanted or name in known
    ]
