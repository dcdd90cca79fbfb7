"""Put a deployment together from its settings."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from random import SystemRandom

from chalice.app import Chalice

from chalicelib import config
from chalicelib.handlers import api_keys, availability, description, health, invites, members, people, sessions
from chalicelib.handlers.http import Api, install
from chalicelib.handlers.operations import Operation
from chalicelib.handlers.tokens import KeySet, TokenVerifier, fetch_key_set
from chalicelib.services.lockstep import Lockstep
from chalicelib.storage.connection import connect


def compose(environment: Mapping[str, str]) -> Lockstep:
    """The deployment that an environment describes, bound to its table. Raises Misconfigured, naming the variable."""
    settings = config.from_environment(environment)
    connect(settings.table, region=settings.region, endpoint=settings.endpoint)
    return Lockstep(
        settings,
        clock=real_time,
        chance=SystemRandom(),
        ids=SystemRandom(),
        pause=time.sleep,  # noqa: TID251 - the one place that passes it in
    )


def real_time() -> datetime:
    """The instant it really is."""
    return datetime.now(UTC)


def verifier(settings: config.Settings) -> TokenVerifier:
    """What tells callers: tokens of the configured issuer."""
    keys = KeySet(partial(fetch_key_set, settings.jwks_url), clock=time.monotonic)
    return TokenVerifier(settings.issuer, settings.audience, keys, clock=real_time)


def register_routes(app: Chalice, lockstep: Lockstep, tokens: TokenVerifier) -> list[Operation]:
    """Register every route on the app, and tell what each is."""
    api = Api(lockstep, tokens)
    for resource in (members, people, sessions, availability, invites, api_keys, health, description):
        app.register_blueprint(resource.routes(api))
    install(app, lockstep)
    return api.operations
