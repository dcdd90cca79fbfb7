"""A client that sends the calls of routes to a deployment with an account."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from chalice.app import Chalice
from chalice.test import Client, HTTPResponse
from msgspec.structs import replace

from bench.accounts import AccountStage
from bench.route_calls import STAFF, RouteCall
from chalicelib.handlers.http.identity.tokens import verifier
from chalicelib.handlers.http.registration import register_routes
from chalicelib.metrics import current_metrics
from chalicelib.staff_rule import StaffRule
from infra.in_memory_dynamodb.table import InMemoryTable
from infra.simulation.client import ServedRequest
from infra.simulation.deployment import SimulatedDeployment
from tests.handlers.all_routes import JWKS, signed

# The claim with the groups of the callers.
GROUPS = "groups"


def copy_of(table: InMemoryTable) -> InMemoryTable:
    """Return a copy of a table, to which the table can be reset by `resume`."""
    copy = InMemoryTable(table.name, lambda: 0)
    copy.resume(table)
    return copy


@contextmanager
def counted(world: SimulatedDeployment) -> Iterator[None]:
    """Count the units of each request in the metrics of its event, as the client of a deployed function does.

    A deletion leaves the rest to its job after some units.
    """
    writes, reads = world.capacity.writes, world.capacity.reads
    before = [writes.total, reads.total]

    def count(_served: ServedRequest) -> None:
        now = [writes.total, reads.total]
        current_metrics().count_units(write=now[0] - before[0], read=now[1] - before[1])
        before[:] = now

    world.client.listeners.append(count)
    try:
        yield
    finally:
        world.client.listeners.remove(count)


@contextmanager
def route_client(stage: AccountStage) -> Iterator[Client]:
    """Serve the API of the account's deployment to a client."""
    app = Chalice(app_name="lockstep")
    context = stage.world.context
    settings = replace(context.settings, staff=StaffRule(GROUPS))
    register_routes(app, context, verifier(settings, fetch=lambda _: JWKS))
    with Client(app) as client:
        yield client


def send(stage: AccountStage, client: Client, call: RouteCall) -> HTTPResponse:
    """Send a call with the token of its caller."""
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Bearer {_token(stage, call.caller)}",
        **call.headers,
    }
    body = b"" if call.body is None else json.dumps(call.body).encode()
    return client.http.request(call.method, call.path, headers=headers, body=body)


def _token(stage: AccountStage, subject: str) -> str:
    settings = stage.world.context.settings
    of_staff = {GROUPS: ["staff"]} if subject == STAFF else {}
    return signed(settings.issuer, settings.audiences[0], subject, **of_staff)
