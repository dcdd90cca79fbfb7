"""The name of each change of a stack, for which the API gets a new version (docs/adr/0042)."""

import hashlib
import json
from collections.abc import Mapping

from infra.cloudformation.parameters import PARAMETERS

NAME = "Deployment"
LENGTH = 16


def with_name(settings: Mapping[str, str], before: Mapping[str, str] | None) -> dict[str, str]:
    """Return settings with the name of this change of the stack, the same for the same values.

    `before` has the parameters of the existing stack. A secret counts only if it is in the settings, since the stack
    hides its own.
    """
    values = {name: str(one.default) for name, one in PARAMETERS.items() if one.default is not None}
    values = {name: value for name, value in {**values, **(before or {})}.items() if not _is_secret(name)}
    values = {name: value for name, value in {**values, **settings}.items() if name != NAME}
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    return {NAME: digest[:LENGTH], **settings}


def _is_secret(name: str) -> bool:
    return name in PARAMETERS and PARAMETERS[name].secret
