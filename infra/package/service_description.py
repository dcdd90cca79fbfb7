"""The description of DynamoDB in a release, without documentation and other services."""

import json
from pathlib import Path
from typing import Any

from botocore.session import Session

from chalicelib.storage.service_description import SERVICE

# For every service: the regions, the rules of retries, and the defaults of clients.
SHARED = ("endpoints", "partitions", "_retry", "sdk-default-configuration")
# The requests of the service, and the rules for its addresses.
OF_SERVICE = ("service-2", "endpoint-rule-set-1")


def write_service_description(directory: Path) -> None:
    """Write the description of the pinned client library to `directory`, in the layout that the library reads."""
    loader = Session().get_component("data_loader")
    for name in SHARED:
        shared = loader.load_data(name)
        _write(directory / f"{name}.json", _of_the_service(shared) if name == "endpoints" else shared)
    for kind in OF_SERVICE:
        version = loader.determine_latest_version(SERVICE, kind)
        model = loader.load_service_model(SERVICE, kind, version)
        _write(directory / SERVICE / version / f"{kind}.json", _without_documentation(model))


def _of_the_service(endpoints: Any) -> Any:
    """Return the regions of each partition with the addresses of this service only."""
    partitions = [
        partition | {"services": {SERVICE: partition["services"][SERVICE]}} for partition in endpoints["partitions"]
    ]
    return endpoints | {"partitions": partitions}


def _without_documentation(model: Any) -> Any:
    """Return a description with empty texts, since the library reads some of them. Other values of this name stay."""
    if isinstance(model, dict):
        return {
            name: "" if name == "documentation" and isinstance(value, str) else _without_documentation(value)
            for name, value in model.items()
        }
    if isinstance(model, list):
        return [_without_documentation(value) for value in model]
    return model


def _write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, separators=(",", ":")))
