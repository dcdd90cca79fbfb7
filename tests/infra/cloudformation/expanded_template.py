"""The template after the expansion of the serverless resources."""

import copy
import os
from typing import Any

from infra.cloudformation.intrinsic import FUNCTIONS

Template = dict[str, Any]


class NoManagedPolicies:
    """A loader without AWS policies, since the template names none."""

    def load(self) -> dict[str, str]:
        """Return no policies."""
        return {}


def expand(template: Template) -> Template:
    """Expand a packaged template as AWS would."""
    # The transform reads the region from the environment to get its partition.
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    from samtranslator.translator.transform import transform

    stored = copy.deepcopy(template)
    for function in FUNCTIONS:
        stored["Resources"][function]["Properties"]["CodeUri"] = {"Bucket": "releases", "Key": "lockstep.zip"}
    return transform(stored, {}, NoManagedPolicies())
