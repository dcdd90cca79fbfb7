"""The report of a run with a violation, with the requests and what they read and wrote."""

from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.domain.model.day import Day
from chalicelib.domain.model.event import EventLog, EventRow
from chalicelib.domain.model.invite_link import InviteLink
from chalicelib.domain.model.member import Profile, Relation, Tombstone
from chalicelib.storage.items import Item
from chalicelib.storage.keys import Key
from infra.in_memory_dynamodb.condition_expressions import Node, parse_condition
from infra.in_memory_dynamodb.key_conditions import key_condition
from infra.simulation.channel_services import PUBLISH, SEND
from infra.simulation.faults import PUT, TRANSACT_WRITE, UPDATE, Request
from tests.simulation.engine.simulation_run import SimulationRun
from tests.simulation.mutants.condition_mutants import kind_of
from tests.simulation.oracles.commit_oracle import describe
from tests.simulation.oracles.table_history import Value, Values, value_of
from tests.simulation.reporting.request_lines import fault_text
from tests.simulation.scenarios.cast import key_text

_MODELS = {kind_of(model): model for model in Item.__subclasses__()}
# A key alone does not show the kind of its item.
_KIND_AT = {"PROFILE": "member", "DAY": "day"}


def failure_report(run: SimulationRun) -> str:
    """Return the requests up to the violation, and the violation."""
    operations = ", and ".join(map(str, run.scenario.operations))
    lines = [f"Initial state: {run.initial_state.name}", f"Concurrent operations: {operations}", ""]
    until = run.violated_at or len(run.sent)
    for number, (one, moment) in enumerate(zip(run.sent[:until], run.read_moments, strict=False), 1):
        who = (
            "After the run, the service"
            if one.actor is None
            else f"({one.actor + 1}) {run.operation_runs[one.actor].operation}:"
        )
        before = run.history.moments[moment]
        lines += [f"{number:3} {who}", *(f"      {line}" for line in _sent(one.operation, one.request, before))]
        lines.append(f"      -> {one.outcome if one.fault is None else fault_text(one)}")
    return "\n".join([*lines, "", f"VIOLATION: {run.violation}"])


def _sent(operation: str, request: Request, found: Values) -> Iterator[str]:
    match operation:
        case "GetItem":
            yield f"reads {_read(_key(request['Key']), found)}"
        case "BatchGetItem":
            ((_, asked),) = request["RequestItems"].items()
            yield from (f"reads {_read(_key(key), found)}" for key in asked["Keys"])
        case "Query":
            pk, low, high = key_condition(request)
            there = sorted(key for key in found if key.pk == pk and low <= key.sk <= high)
            yield from (f"finds {_read(key, found)}" for key in there)
            if not there:
                yield f"finds nothing at {key_text(pk, low)}"
        case _ if operation == TRANSACT_WRITE:
            for entry in request["TransactItems"]:
                yield from (_action(kind, body) for kind, body in entry.items())
        case _ if operation == SEND:
            yield from (f"queues {entry['MessageBody']}" for entry in request["Entries"])
        case _ if operation == PUBLISH:
            yield from (f"publishes {entry['Detail']}" for entry in request["Entries"])
        case _ if operation == PUT:
            yield _action("Put", request)
        case _ if operation == UPDATE:
            yield _action("Update", request)


def _action(kind: str, body: Mapping[str, Any]) -> str:
    key = _key(body.get("Item") or body["Key"])
    under = f", if {_condition(body, key)}" if "ConditionExpression" in body else ""
    match kind:
        case "Put":
            value = value_of(Item.from_raw_data(body["Item"]))
            return f"writes {key_text(*key)}{under}: {_value_text(value)}"
        case "Delete":
            return f"deletes {key_text(*key)}{under}"
        case "Update":
            return f"increments the version of {key_text(*key)}{under}"
    return f"checks {key_text(*key)}: {under.removeprefix(', if ')}"


def _read(key: Key, found: Values) -> str:
    return f"{key_text(*key)}: {_value_text(found.get(key))}"


def _value_text(value: Value | None) -> str:
    match value:
        case None:
            return "nothing"
        case Day(version=version):
            return "; ".join([f"version {version}", *map(describe, value.active)])
        case Relation(favorite=favorite, snoozed_until=snoozed, blocked=blocked):
            kinds = {"favorite": favorite, "snoozed": snoozed, "blocked": blocked}
            return " and ".join(word for word, holds in kinds.items() if holds) or "no relation"
        case Profile(revision=revision):
            return f"a member, revision {revision}"
        case Tombstone():
            return "deleted"
        case EventRow(sequence=place, events=events):
            return f"place {place}: {', '.join(event.kind for event in events)}"
        case EventLog(sequence=place):
            return f"up to place {place}"
        case InviteLink(uses=uses, max_uses=most):
            return f"used {uses} times" + (f" of {most}" if most else "")
        case int():
            return f"{value} queue shards"
    return "there"


def _condition(body: Mapping[str, Any], key: Key) -> str:
    kind = body["Item"]["k"]["S"] if "Item" in body else _KIND_AT.get(key.sk.partition("#")[0], "")
    columns = {one.attr_name: name for name, one in _MODELS[kind].get_attributes().items()} if kind in _MODELS else {}
    names = {mark: columns.get(name, name) for mark, name in body.get("ExpressionAttributeNames", {}).items()}
    values = {mark: next(iter(held.values())) for mark, held in body.get("ExpressionAttributeValues", {}).items()}
    return _clause(parse_condition(body["ConditionExpression"]), {**names, **values})


def _clause(node: Node, meant: Mapping[str, str]) -> str:
    match node:
        case ("AND" | "OR" as both, one, other):
            return f"{_clause(one, meant)} {both.lower()} {_clause(other, meant)}"
        case ("NOT", one):
            return f"not {_clause(one, meant)}"
        case ("attribute_not_exists", name):
            return "it does not exist" if meant[name] == "pk" else f"it has no {meant[name]}"
        case ("attribute_exists", name):
            return "it exists" if meant[name] == "pk" else f"it has a {meant[name]}"
    operator, name, *values = node
    return f"{meant[name]} {operator} {', '.join(meant[value] for value in values)}"


def _key(attributes: Mapping[str, Any]) -> Key:
    return Key(attributes["PK"]["S"], attributes["SK"]["S"])
