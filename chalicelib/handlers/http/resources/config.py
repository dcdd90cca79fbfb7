"""The view of `/v1/config`, the public configuration of the deployment."""

from chalicelib.handlers.http.call import PublicCall
from chalicelib.handlers.http.operations import Ok
from chalicelib.handlers.http.responses import config_schemas

# A deployment changes its configuration rarely, and every page reads it first.
CACHE_CONTROL = "public, max-age=300"


def get_config(call: PublicCall) -> Ok[config_schemas.Config]:
    """Get the addresses for sign-in and live connections, the key for push subscriptions, and the branding."""
    # Imported with the first request, because it imports cryptography.
    from chalicelib.channels.web_push import public_key
    from chalicelib.services.notices.push_subscriptions import push_secret

    settings = call.context.settings
    sign_in, messaging, branding = settings.sign_in, settings.messaging, settings.branding
    config = config_schemas.Config(
        issuer=settings.issuer,
        client_id=sign_in.client_id if sign_in else None,
        authorization_endpoint=sign_in.authorization_url if sign_in else None,
        token_endpoint=sign_in.token_url if sign_in else None,
        end_session_endpoint=(sign_in.end_session_url or None) if sign_in else None,
        revocation_endpoint=(sign_in.revocation_url or None) if sign_in else None,
        api_token=sign_in.token if sign_in else None,
        web_socket_url=messaging.live_url or None,
        vapid_public_key=public_key(push_secret(settings)),
        room_provider=settings.rooms.provider,
        product_name=messaging.product_name,
        accent_color=branding.accent_color or None,
        imprint_url=branding.imprint_url or None,
        privacy_url=branding.privacy_url or None,
    )
    return Ok(config, {"Cache-Control": CACHE_CONTROL})
