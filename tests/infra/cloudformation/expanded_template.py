"""The template as CloudFormation sees it, once the serverless resources have become plain ones."""

import copy
import os
from typing import Any

from infra.cloudformation.intrinsic import FUNCTIONS

Template = dict[str, Any]


class NoManagedPolicies:
    """The roles are all our own: no policy of AWS has to be looked up by its name."""

    def load(self) -> dict[str, str]:
        """Answer no policies."""
        return {}


def expand(template: Template) -> Template:
    """Expand a packaged template as AWS would."""
    # The transform names a region's partition, and asks the environment for the region.
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    from samtranslator.translator.transform import transform

    stored = copy.deepcopy(template)
    for function in FUNCTIONS:
        stored["Resources"][function]["Properties"]["CodeUri"] = {"Bucket": "releases", "Key": "lockstep.zip"}
    return transform(stored, {}, NoManagedPolicies())
