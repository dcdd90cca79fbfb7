"""The open live connections of pages, through the management API of API Gateway (R43)."""

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.channels.aws_clients import LazyClient, SendFailed

GONE = "GoneException"


class ConnectionGone(Exception):
    """A connection that is closed."""


class LiveConnections:
    """The live connections of a deployment. Without an address nothing is sent."""

    def __init__(self, endpoint: str, client: LazyClient) -> None:
        self._endpoint = endpoint
        self._client = client

    def send(self, connection_id: str, text: str) -> None:
        """Send a message to a connection. Raise ConnectionGone if it is closed, and SendFailed if a retry may help."""
        if not self._endpoint:
            return
        try:
            self._client().post_to_connection(ConnectionId=connection_id, Data=text.encode())
        except ClientError as error:
            raise _failure(error, connection_id) from error
        except BotoCoreError as error:
            raise SendFailed(connection_id) from error

    def close(self, connection_id: str) -> None:
        """Close a connection, if it is open. Raise SendFailed if a retry may help."""
        if not self._endpoint:
            return
        try:
            self._client().delete_connection(ConnectionId=connection_id)
        except ClientError as error:
            failure = _failure(error, connection_id)
            if isinstance(failure, SendFailed):
                raise failure from error
        except BotoCoreError as error:
            raise SendFailed(connection_id) from error


def _failure(error: ClientError, connection_id: str) -> ConnectionGone | SendFailed:
    gone = error.response.get("Error", {}).get("Code") == GONE
    return ConnectionGone(connection_id) if gone else SendFailed(connection_id)
