"""The composition of a local run from the app, its table, streams, queues and schedules, and the development aids."""

import importlib
import json
import logging
import os
import threading
from contextlib import ExitStack
from types import ModuleType

from chalice.config import Config

from chalicelib.domain.model.notices import Channel
from chalicelib.handlers.http.responses.cross_origin import ALL_ORIGINS
from chalicelib.settings import Misconfigured
from infra.local.aws import client
from infra.local.clock import MovableClock
from infra.local.dev.demo_members import demo_members, demo_names
from infra.local.dev.mailbox import Mailbox
from infra.local.dev.routes import KEY_SET_PATH, DevRoutes
from infra.local.dev.sink import RECEIVERS_VARIABLE, Sink
from infra.local.engine import ROOT, CannotStartError
from infra.local.events.bus import LocalBus
from infra.local.events.queues import QueueDelivery, create_failure_queue, create_queues
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
from infra.local.http.server import HttpRequest, Server
from infra.local.http.web_sockets import WebSockets
from infra.local.identity.issuer import LocalIssuer
from infra.local.identity.members import Members, SignedIn
from infra.local.identity.provider import OpenIdProvider
from infra.local.log import log_lines
from infra.local.settings import LIVE_PATH, TABLE, fill_environment, keep_on_this_machine
from infra.local.state import LocalState
from infra.table import create_table

STAGE = "dev"
CHALICE_CONFIG = ROOT / ".chalice" / "config.json"


def start(server: Server, engine_url: str, stopping: ExitStack) -> list[SignedIn]:
    """Start all parts on `server` until `stopping` is closed, and return the demo members."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    keep_on_this_machine(os.environ)
    database = client("dynamodb", engine_url)
    state = LocalState(database)
    stream_arn = create_table(database, TABLE)
    messages = client("sqs", engine_url)
    queues = create_queues(messages)
    bus = LocalBus(client("events", engine_url), messages)
    fill_environment(
        os.environ,
        base_url=server.url,
        engine_url=engine_url,
        stream_arn=stream_arn,
        queues=queues,
        unannounced=create_failure_queue(messages),
        bus=bus.name,
        state=state,
    )
    app_module = _import_app()
    clock = app_module.context.clock = MovableClock()
    app_module.context.log = log_lines(os.environ.get("LOCKSTEP_LOG") or "warning")

    sink = app_module.context.channels.http = Sink(clock, os.environ.get(RECEIVERS_VARIABLE, ""))
    config = Config(STAGE, config_from_disk=json.loads(CHALICE_CONFIG.read_text()))
    schedules = Schedules(declared_schedules(app_module, config), clock)
    records = client("dynamodbstreams", engine_url)
    declared = declared_streams(app_module, config)
    streams = [StreamDelivery(records, stream, state, clock.instant_of) for stream in declared]
    deliveries = [
        QueueDelivery(messages, declared, queues[Channel(declared.name.removeprefix("deliver_"))])
        for declared in declared_queues(app_module, config)
    ]
    gateway = Gateway(app_module.app, config)
    web_sockets = WebSockets(declared_websockets(app_module, config))
    issuer = LocalIssuer(state)
    members = Members(gateway, issuer, state)
    policy = CrossOriginPolicy(app_module.context.settings.origins)
    provider = OpenIdProvider(
        base_url=server.url,
        # A sign-in returns to a named origin only.
        origins=tuple(origin for origin in policy.origins if origin != ALL_ORIGINS),
        issuer=issuer,
        members=members,
        demo=lambda: demo_names(members, state),
    )
    dev_routes = DevRoutes(
        issuer=issuer,
        provider=provider,
        members=members,
        clock=clock,
        schedules=schedules,
        streams=streams,
        policy=policy,
        sink=sink,
        mailbox=Mailbox(state, clock, declared_topics(app_module, config)["mail_feedback"]),
        bus=bus,
    )

    ready = threading.Event()

    def respond(request: HttpRequest) -> HttpResponse:
        # The sign-in of the demo members fetches the issuer's keys from this server. Other requests wait until then.
        if request.path != KEY_SET_PATH:
            ready.wait()
        managed = web_sockets.respond(request)
        if managed:
            return managed
        response = dev_routes.respond(request) or gateway.respond(request)
        if request.method != "GET":
            for stream in streams:
                stream.nudge()
        return response

    upgrades = {LIVE_PATH: web_sockets.serve}
    threading.Thread(target=server.serve, args=(respond, policy, upgrades), name="server", daemon=True).start()
    stopping.callback(server.shutdown)
    for part in (*streams, schedules, *deliveries):
        part.start()
        stopping.callback(part.stop)
    demo = demo_members(gateway, members, state, clock)
    ready.set()
    return demo


def _import_app() -> ModuleType:
    # The module reads its settings from the environment when it is imported.
    try:
        return importlib.import_module("app")
    except Misconfigured as reason:
        raise CannotStartError(f"{reason}.") from None
