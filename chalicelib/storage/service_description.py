"""The description of DynamoDB from which the client library makes its client."""

from pathlib import Path

from botocore.loaders import Loader
from botocore.session import Session

SERVICE = "dynamodb"
# A release has the description here (`infra/package/service_description.py`).
SHIPPED = Path(__file__).with_name("descriptions")


def use_shipped_description(session: Session, directory: Path = SHIPPED) -> None:
    """Let a session read the descriptions in `directory` only, if there are any.

    The library describes 400 services, with their documentation and the regions of all. To make a client it lists and
    reads them for seven times as long.
    """
    if directory.is_dir():
        loader = Loader(extra_search_paths=[str(directory)], include_default_search_paths=False)
        # Otherwise the library takes each address from the list of regions, and refuses FIPS and dual stack.
        loader.BUILTIN_DATA_PATH = str(directory)
        session.register_component("data_loader", loader)
