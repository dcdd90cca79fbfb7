"""The published version of the API's function, which starts from a snapshot, and the alias that the gateway calls.

Only this function has one. Members wait for its start, and AWS charges for each snapshot, also without a request.
"""

import hashlib
import json

from infra.cloudformation.intrinsic import API, API_FUNCTION, Value, attribute, ref, sub, when

VERSION, ALIAS = f"{API_FUNCTION}Version", f"{API_FUNCTION}Live"
ALIAS_NAME = "live"
# The length of the digest in the description of a version.
DIGEST_LENGTH = 16
PERMISSION = f"{API_FUNCTION}InvokePermission"
# The places at which Chalice names the function, and the alias in its place.
CALLED, CALLED_BY_ALIAS = f"${{{API_FUNCTION}.Arn}}", f"${{{ALIAS}}}"
# CloudFormation publishes a version only if its description changes, and Lambda only if the function changes.
DEPLOYMENT = ref("Deployment")


def published_api() -> dict[str, Value]:
    """Return the version, the alias, and the additions to the function and to the gateway's permission."""
    snapshot = when("StartsFromSnapshot", {"ApplyOn": "PublishedVersions"}, {"ApplyOn": "None"})
    return {
        API_FUNCTION: {
            # The rule knows only the alias that SAM makes, of which no version changes with the settings.
            "Metadata": {"cfn-lint": {"config": {"ignore_checks": ["W2530"]}}},
            "Properties": {"Description": DEPLOYMENT, "SnapStart": snapshot},
        },
        VERSION: {
            "Type": "AWS::Lambda::Version",
            "Properties": {"FunctionName": ref(API_FUNCTION), "Description": DEPLOYMENT},
        },
        ALIAS: {
            "Type": "AWS::Lambda::Alias",
            "Properties": {
                "Name": ALIAS_NAME,
                "FunctionName": ref(API_FUNCTION),
                "FunctionVersion": attribute(VERSION, "Version"),
            },
        },
        PERMISSION: {"Properties": {"FunctionName": ref(ALIAS)}},
    }


def name_release(resources: Value, code: bytes) -> None:
    """Let the version change with the code and the properties of the function, and let the gateway call the alias."""
    properties = resources[API_FUNCTION]["Properties"]
    described = {name: value for name, value in properties.items() if name != "CodeUri"}
    digest = hashlib.sha256(code + json.dumps(described, sort_keys=True).encode()).hexdigest()[:DIGEST_LENGTH]
    resources[VERSION]["Properties"]["Description"] = sub(f"${{Deployment}} {digest}")
    routes = resources[API]["Properties"]
    routes["DefinitionBody"] = _by_alias(routes["DefinitionBody"])


def _by_alias(value: Value) -> Value:
    if isinstance(value, dict):
        return {name: _by_alias(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_by_alias(part) for part in value]
    return value.replace(CALLED, CALLED_BY_ALIAS) if isinstance(value, str) else value
