"""The composition of a local run from the app, its table, streams, queues and schedules, and the development aids."""

import importlib
import json
import logging
import os
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from types import ModuleType

from botocore.client import BaseClient
from chalice.config import Config

from chalicelib.channels.aws_clients import lazy_client
from chalicelib.domain.model.notices import Channel
from chalicelib.handlers.http.responses.cross_origin import ALL_ORIGINS
from chalicelib.variables import Misconfigured
from infra.local.aws import REGION, client
from infra.local.clock import MovableClock
from infra.local.dev.demo_members import demo_members, demo_names
from infra.local.dev.mailbox import Mailbox
from infra.local.dev.routes import KEY_SET_PATH, DevRoutes
from infra.local.dev.sink import RECEIVERS_VARIABLE, Sink
from infra.local.engine import ROOT, CannotStartError
from infra.local.events.bus import LocalBus
from infra.local.events.queues import NudgingQueues, QueueDelivery, create_failure_queue, create_queues
from infra.local.events.schedules import Schedules
from infra.local.events.sources import (
    declared_queues,
    declared_schedules,
    declared_streams,
    declared_topics,
    declared_websockets,
)
from infra.local.events.stream import StreamDelivery
from infra.local.http.cross_origin import CrossOriginPolicy
from infra.local.http.gateway import Gateway
from infra.local.http.responses import HttpResponse
from infra.local.http.server import HttpRequest, Respond, Server
from infra.local.http.web_app import WebApp
from infra.local.http.web_sockets import WebSockets
from infra.local.identity.issuer import LocalIssuer
from infra.local.identity.members import Members, SignedIn
from infra.local.identity.provider import OpenIdProvider
from infra.local.identity.provider_sessions import ProviderSessions
from infra.local.identity.refresh_tokens import RefreshTokens
from infra.local.ledger import create_ledger
from infra.local.log import log_lines
from infra.local.settings import LIVE_PATH, TABLE, fill_environment, keep_on_this_machine, token_lifetime
from infra.local.state import LocalState
from infra.table import create_table
from infra.web.build import BUILT
from infra.web.site import connected_origins

STAGE = "dev"
CHALICE_CONFIG = ROOT / ".chalice" / "config.json"


@dataclass(frozen=True)
class LocalApp:
    """The imported app, with the parts of this run that its environment names."""

    module: ModuleType
    config: Config
    clock: MovableClock
    state: LocalState
    messages: BaseClient
    queues: dict[Channel, str]
    bus: LocalBus
    sink: Sink


def start(server: Server, engine_url: str, stopping: ExitStack) -> list[SignedIn]:
    """Start all parts on `server` until `stopping` is closed, and return the demo members."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    keep_on_this_machine(os.environ)
    app = _compose(server, engine_url)
    schedules = Schedules(declared_schedules(app.module, app.config), app.clock)
    records = client("dynamodbstreams", engine_url)
    declared = declared_streams(app.module, app.config)
    streams = [StreamDelivery(records, stream, app.state, app.clock.instant_of) for stream in declared]
    deliveries = {
        channel: QueueDelivery(app.messages, queue, app.queues[channel])
        for queue in declared_queues(app.module, app.config)
        for channel in (Channel(queue.name.removeprefix("deliver_")),)
    }
    sender = lazy_client("sqs", region=REGION, endpoint=engine_url)
    app.module.context.channels.queues = NudgingQueues(app.queues, sender, deliveries)
    gateway = Gateway(app.module.app, app.config)
    web_sockets = WebSockets(declared_websockets(app.module, app.config))
    issuer = LocalIssuer(app.state)
    members = Members(gateway, issuer, app.state)
    settings = app.module.context.settings
    policy = CrossOriginPolicy(settings.origins)
    provider = _provider(server, app, policy, issuer, members)
    dev_routes = DevRoutes(
        issuer=issuer,
        provider=provider,
        members=members,
        clock=app.clock,
        schedules=schedules,
        streams=streams,
        policy=policy,
        sink=app.sink,
        mailbox=Mailbox(app.state, app.clock, declared_topics(app.module, app.config)["mail_feedback"]),
        bus=app.bus,
    )
    web_app = WebApp(BUILT, settings.messaging.product_name, connected_origins(settings))
    ready = threading.Event()
    respond = _responder((web_sockets, dev_routes, web_app, gateway), streams, ready)
    upgrades = {LIVE_PATH: web_sockets.serve}
    served = (respond, policy, upgrades, app.clock)
    threading.Thread(target=server.serve, args=served, name="server", daemon=True).start()
    stopping.callback(server.shutdown)
    for part in (*streams, schedules, *deliveries.values()):
        part.start()
        stopping.callback(part.stop)
    demo = demo_members(gateway, members, app.state, app.clock)
    ready.set()
    return demo


def _provider(
    server: Server, app: LocalApp, policy: CrossOriginPolicy, issuer: LocalIssuer, members: Members
) -> OpenIdProvider:
    return OpenIdProvider(
        base_url=server.url,
        # A sign-in returns to a named origin only.
        origins=tuple(origin for origin in policy.origins if origin != ALL_ORIGINS),
        lifetime=token_lifetime(os.environ),
        issuer=issuer,
        members=members,
        sessions=ProviderSessions(app.state, server.server_address[1]),
        refresh_tokens=RefreshTokens(app.state),
        demo=lambda: demo_names(members, app.state),
    )


def _responder(
    parts: tuple[WebSockets, DevRoutes, WebApp, Gateway], streams: list[StreamDelivery], ready: threading.Event
) -> Respond:
    """Return the function that answers by the first part that knows the path. The gateway, the last, knows all."""

    def respond(request: HttpRequest) -> HttpResponse:
        # The sign-in of the demo members fetches the issuer's keys from this server. Other requests wait until then.
        if request.path != KEY_SET_PATH:
            ready.wait()
        response = next(response for part in parts if (response := part.respond(request)))
        if request.method != "GET":
            for stream in streams:
                stream.nudge()
        return response

    return respond


def _compose(server: Server, engine_url: str) -> LocalApp:
    """Create the table, the queues, the bus and the ledger on the engine, and import the app with their names."""
    database, messages = client("dynamodb", engine_url), client("sqs", engine_url)
    state, queues = LocalState(database), create_queues(messages)
    bus = LocalBus(client("events", engine_url), messages)
    fill_environment(
        os.environ,
        base_url=server.url,
        engine_url=engine_url,
        stream_arn=create_table(database, TABLE),
        queues=queues,
        unannounced=create_failure_queue(messages),
        bus=bus.name,
        ledger=create_ledger(client("s3", engine_url)),
        state=state,
    )
    module = _import_app()
    clock = module.context.clock = MovableClock()
    module.context.log = log_lines(os.environ.get("LOCKSTEP_LOG") or "warning")
    sink = module.context.channels.http = Sink(clock, os.environ.get(RECEIVERS_VARIABLE, ""))
    config = Config(STAGE, config_from_disk=json.loads(CHALICE_CONFIG.read_text()))
    return LocalApp(module, config, clock, state, messages, queues, bus, sink)


def _import_app() -> ModuleType:
    # The module reads its settings from the environment when it is imported.
    try:
        return importlib.import_module("app")
    except Misconfigured as reason:
        raise CannotStartError(f"{reason}.") from None
