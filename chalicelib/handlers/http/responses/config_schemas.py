"""The public schema of the configuration of a deployment."""

from typing import Annotated, Literal

from msgspec import Meta

from chalicelib.handlers.http.responses.schemas import Schema
from chalicelib.room_settings import RoomProvider

ApiToken = Annotated[
    Literal["id_token", "access_token"],
    Meta(title="ApiToken", description="The member of the token endpoint's response that the API accepts."),
]


class Config(Schema):
    """The configuration that an app of this deployment needs. What the deployment does not have is null."""

    issuer: str
    client_id: str | None
    authorization_endpoint: str | None
    token_endpoint: str | None
    end_session_endpoint: Annotated[str, Meta(description="The address to sign out at the provider.")] | None
    revocation_endpoint: Annotated[str, Meta(description="The address to revoke refresh tokens.")] | None
    api_token: ApiToken | None
    web_socket_url: Annotated[str, Meta(description="The address of live connections.")] | None
    vapid_public_key: Annotated[str, Meta(description="The `applicationServerKey` of push subscriptions.")]
    room_provider: RoomProvider
    product_name: str
    accent_color: Annotated[str, Meta(description="A color such as `#2f5bd8`, on which white text is readable.")] | None
    imprint_url: str | None
    privacy_url: Annotated[str, Meta(description="The address of the privacy policy.")] | None
