"""The zip of a release, unpacked as Lambda unpacks it."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from botocore.client import BaseClient

from chalicelib.domain.model.notices import Channel
from chalicelib.handlers.http import routes
from chalicelib.storage.service_description import SERVICE
from infra.local.clock import real_time
from infra.local.engine import ROOT
from infra.local.events.sources import schedule_event, topic_event, websocket_event
from infra.package.bundle import is_needed
from infra.package.release import Release, make_release
from infra.package.runtime import function_environment, link_runtime, request_event, unpack
from infra.package.strip_binaries import without_symbols
from infra.package.target import LAMBDA
from infra.table import create_table
from infra.web.build import build, install_packages
from infra.web.site import site_files
from tests.handlers.http.identity.test_key_set import served
from tests.handlers.http.identity.test_tokens import AUDIENCE, ISSUER, token
from tests.handlers.issuer_keys import ELLIPTIC, RSA, published

# A release is built first, and each function starts in a process of its own.
pytestmark = pytest.mark.long

LARGEST = 7_050_000
# Modules that a function imports only for an event that needs them.
RESOURCES = {f"handlers.http.resources.{route.resource}" for route in routes.ROUTES.values()} - {
    "handlers.http.resources.health"
}
# Needed for the first request of a member. Health checks have no caller.
MEMBERS = {
    "handlers.http.identity.authentication",
    "handlers.http.identity.key_set",
    "handlers.http.identity.tokens",
    "services.members.profiles",
    "storage.reads",
    "storage.transactions",
}
REQUESTS = {
    "handlers.http.api",
    "handlers.http.identity.authentication",
    "handlers.http.identity.key_set",
    "handlers.http.operations",
    "handlers.http.inputs.requests",
    "handlers.http.responses.schemas",
    "handlers.http.identity.tokens",
    "handlers.pages",
}
BOOKING = {"services.bookings.book", "services.slot_matching.partner_search", "domain.decisions.decide_lock"}
SCHEDULED = {"services.slot_matching.scheduled_matching", "services.slot_matching.unmatched_count"}
PLANNING = {
    "services.slot_matching.match_slot",
    "domain.slot_matching.slot_plan",
    "domain.slot_matching.blossom",
}
MATCHING = SCHEDULED | PLANNING
AUDIT = {"handlers.events.scheduled_audit", "services.audit", "domain.audit.invariants", "storage.audit_snapshot"}
STREAM, SCHEDULES = {"handlers.events.stream", "handlers.events.day_stream"}, {"handlers.events.schedules"}
DELIVERIES = {"handlers.deliveries.queue_messages"}
DELIVERING = [f"deliver_{one.value}" for one in Channel if find_spec(f"chalicelib.handlers.deliveries.{one.value}")]
# The packages that only these functions import at their start.
MORE_PACKAGES = {
    "deliver_email": {"icalendar", "jinja2", "markupsafe", "tzdata"},
    "deliver_push": {"jwt", "cryptography", "_cffi_backend"},
}
REMATCH = {"services.slot_matching.rematch"}
WITHOUT = {
    "app": RESOURCES | MEMBERS | BOOKING | MATCHING | AUDIT | STREAM | SCHEDULES | DELIVERIES,
    "rematch": RESOURCES | REQUESTS | SCHEDULED | AUDIT | SCHEDULES | DELIVERIES | {"handlers.events.day_stream"},
    "events": RESOURCES | REQUESTS | BOOKING | MATCHING | AUDIT | SCHEDULES | DELIVERIES | {"handlers.events.stream"},
    **dict.fromkeys(DELIVERING, RESOURCES | BOOKING | MATCHING | AUDIT | STREAM | SCHEDULES),
    "mail_feedback": RESOURCES | REQUESTS | BOOKING | MATCHING | AUDIT | STREAM | SCHEDULES | DELIVERIES,
    "websocket_connect": BOOKING | MATCHING | AUDIT | STREAM | SCHEDULES | DELIVERIES,
    "finalize": RESOURCES | REQUESTS | AUDIT | STREAM | REMATCH | DELIVERIES,
    "sweep": RESOURCES | REQUESTS | AUDIT | STREAM | REMATCH | DELIVERIES,
    "audit": RESOURCES | REQUESTS | BOOKING | MATCHING | STREAM | SCHEDULES | DELIVERIES | {"storage.transactions"},
}
EVENTS = {
    "app": request_event("/health"),
    **{name: {"Records": []} for name in ("rematch", "events", *DELIVERING)},
    "mail_feedback": topic_event({"eventType": "Delivery"}),
    "websocket_connect": websocket_event("$connect", "connection", real_time(), {}, {"headers": {}}),
    **{name: schedule_event(name, real_time()) for name in ("finalize", "sweep", "audit")},
}

# Starts a function as Lambda does, and prints the imported files.
START = """
import json, sys
sys.path[:0] = sys.argv[1:3]
import app
getattr(app, sys.argv[3])(json.loads(sys.argv[4]), None)
files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
print(json.dumps([file for file in files if file]))
"""
# Starts the API in the same way, and prints the responses to several requests.
RESPOND = """
import json, sys
sys.path[:0] = sys.argv[1:3]
import app
print(json.dumps([app.app(event, None) for event in json.loads(sys.argv[3])]))
"""
# Prints the services that the session of the table knows.
LIST_SERVICES = """
import json, sys
sys.path[:0] = sys.argv[1:3]
import app
print(json.dumps(app.context.table.connection.session.get_available_services()))
"""
KEYS = json.dumps({"keys": [published(RSA, "rsa"), published(ELLIPTIC, "elliptic")]}).encode()


@pytest.fixture(scope="session")
def unpacked(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip, unpacked."""
    return unpack(release.code, tmp_path_factory.mktemp("task"))


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages of the Lambda runtime without other installed packages."""
    return link_runtime(tmp_path_factory.mktemp("runtime"))


def test_the_zip_is_small(release: Release) -> None:
    assert release.code.stat().st_size <= LARGEST


@pytest.mark.parametrize("function", WITHOUT)
def test_a_function_runs_from_the_zip_alone_and_imports_no_unused_module(
    function: str, unpacked: Path, runtime: Path, engine: str, database: BaseClient
) -> None:
    arguments = (str(unpacked), str(runtime), function, json.dumps(EVENTS[function]))
    environment = function_environment(engine, create_table(database, "package"), "package")
    response = subprocess.run(
        [sys.executable, "-I", "-S", "-c", START, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    files = [Path(file) for file in json.loads(response.stdout.splitlines()[-1])]
    shipped = [file.relative_to(unpacked) for file in files if file.is_relative_to(unpacked)]
    # The modules are compiled already.
    assert {file.suffix for file in shipped} == {".pyc", ".so"}
    # Without the packages that only tokens and pages need.
    packages = {file.parts[0].partition(".")[0] for file in shipped}
    known = {"app", "chalice", "chalicelib", "msgspec", "pynamodb"}
    assert packages - MORE_PACKAGES.get(function, set()) == known
    assert modules(shipped) & WITHOUT[function] == set()


def test_a_function_reads_the_description_of_the_table_service_in_the_zip(
    unpacked: Path, runtime: Path, engine: str
) -> None:
    printed = subprocess.run(
        [sys.executable, "-I", "-S", "-c", LIST_SERVICES, str(unpacked), str(runtime)],
        env=function_environment(engine, "arn", "package"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(printed.stdout) == [SERVICE]


def event_of(method: str, path: str, headers: dict[str, str], **parameters: str) -> dict[str, Any]:
    """Return the gateway's event of a request, with an empty JSON body for POST."""
    event = request_event(path, headers | {"Content-Type": "application/json"})
    event["requestContext"]["httpMethod"] = method
    return {**event, "pathParameters": parameters, "body": "{}" if method == "POST" else None}


def test_tokens_pages_and_time_zones_work_from_the_zip_alone(
    unpacked: Path, runtime: Path, engine: str, database: BaseClient
) -> None:
    environment = function_environment(engine, create_table(database, "package"), "package") | {
        "LOCKSTEP_ISSUER": ISSUER,
        "LOCKSTEP_AUDIENCE": AUDIENCE,
    }

    def respond(*events: dict[str, Any]) -> Sequence[dict[str, Any]]:
        arguments = (str(unpacked), str(runtime), json.dumps(events))
        command = [sys.executable, "-I", "-S", "-c", RESPOND, *arguments]
        with served(KEYS) as url:
            run = environment | {"LOCKSTEP_JWKS_URL": url}
            completed = subprocess.run(command, env=run, capture_output=True, text=True, check=True)
        return json.loads(completed.stdout.splitlines()[-1])

    ada, ben = (
        {"Authorization": f"Bearer {token(key, key_id, algorithm, sub=name, name=name, zoneinfo='Europe/Berlin')}"}
        for key, key_id, algorithm, name in ((RSA, "rsa", "RS256", "Ada"), (ELLIPTIC, "elliptic", "ES256", "Ben"))
    )
    *known, made = respond(
        event_of("GET", "/v1/me", ada), event_of("GET", "/v1/me", ben), event_of("POST", "/v1/invite-links", ada)
    )
    users = [json.loads(response["body"])["user"] for response in known]
    assert [(user["name"], user["timeZone"]) for user in users] == [("Ada", "Europe/Berlin"), ("Ben", "Europe/Berlin")]
    invite = json.loads(made["body"])["inviteLink"]["url"].rpartition("/")[2]
    (page,) = respond(event_of("GET", "/i/{token}", {"Accept": "text/html"}, token=invite))
    assert (page["statusCode"], "Ada" in page["body"]) == (200, True)


def modules(files: Iterable[Path]) -> set[str]:
    """Return the product's modules among the files of the zip."""
    own = (".".join(file.with_suffix("").parts[1:]) for file in files if file.parts[0] == "chalicelib")
    return {name.removesuffix(".__init__") for name in own}


def test_the_modules_that_functions_do_not_import_exist(unpacked: Path) -> None:
    assert set().union(*WITHOUT.values()) <= modules(file.relative_to(unpacked) for file in unpacked.rglob("*.pyc"))


def test_the_zip_has_only_the_needed_packages(unpacked: Path) -> None:
    names = {path.name.partition(".")[0] for path in unpacked.iterdir()}
    shipped = {"app", "chalicelib", "chalice", "msgspec", "pynamodb", "jwt", "cryptography", "_cffi_backend", "jinja2"}
    assert names == shipped | {"markupsafe", "tzdata", "icalendar"}
    assert list(unpacked.rglob("*.py")) == []


SOURCES = (
    "app.py",
    "chalicelib",
    "infra",
    "requirements.txt",
    "requirements.lock",
    "pyproject.toml",
    ".chalice/config.json",
)


def test_the_same_sources_give_the_same_release_in_another_directory(release: Release, tmp_path: Path) -> None:
    for name in SOURCES:
        copied = tmp_path / "elsewhere" / name
        copied.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, copied)
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(ROOT / "web", elsewhere / "web", ignore=shutil.ignore_patterns("node_modules", "dist"))
    install_packages(development=False)
    (elsewhere / "web/node_modules").symlink_to(ROOT / "web/node_modules")
    subprocess.run(
        [sys.executable, "-m", "infra.package", "--this-machine", "made"],
        cwd=elsewhere,
        check=True,
        capture_output=True,
    )
    for one in (release.code, release.template):
        assert _digest(elsewhere / "made" / one.name) == _digest(one), one.name
    site = {path.relative_to(elsewhere / "made/web").as_posix() for path in (elsewhere / "made/web").rglob("*.*")}
    assert {"index.html", "licenses.txt"} <= site == set(site_files(build()))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("chalicelib/handlers/http/api.py", True),
        ("chalicelib/handlers/pages/files/page.css", True),
        ("chalicelib/handlers/http/__pycache__/api.cpython-311.pyc", False),
        ("tzdata/zoneinfo/Europe/Berlin", True),
        ("tzdata/zoneinfo/tzdata.zi", False),
        ("tzdata/zones", True),
        ("tzdata-2026.6.dist-info/RECORD", False),
        ("msgspec/_core.cpython-311-x86_64-linux-gnu.so", True),
        ("msgspec/py.typed", False),
        ("botocore/data/dynamodb/2012-08-10/service-2.json.gz", False),
        ("six.py", False),
        ("typing_extensions.py", False),
        ("jwt/algorithms.py", True),
        ("icalendar/cal/event.py", True),
        ("icalendar/tests/test_equality.py", False),
    ],
)
def test_files_that_are_unneeded_at_run_time_are_left_out(name: str, needed: bool) -> None:
    assert is_needed(name) is needed


def test_symbols_are_removed_from_libraries_and_other_files_are_unchanged(unpacked: Path) -> None:
    (library,) = unpacked.glob("cryptography/hazmat/bindings/*.so")
    image = library.read_bytes()
    assert without_symbols(image + b"symbols") == image
    assert without_symbols(b"not a library") == b"not a library"


AARCH64 = 183


def test_a_release_for_lambda_has_libraries_of_its_python_and_processor(unpacked: Path, tmp_path: Path) -> None:
    made = make_release(tmp_path / "made", LAMBDA)
    code = unpack(made.code, tmp_path / "code")
    libraries = list(code.rglob("*.so"))
    # The number of the processor in the header of the file.
    assert {int.from_bytes(path.read_bytes()[18:20], "little") for path in libraries} == {AARCH64}
    versions = {path.name.split(".")[1].split("-")[1] for path in libraries if ".cpython-" in path.name}
    assert versions == {LAMBDA.python.replace(".", "")}
    assert {path.name.partition(".")[0] for path in code.iterdir()} == {
        path.name.partition(".")[0] for path in unpacked.iterdir()
    }
    # Lambda compiles what another version of Python than its own packaged.
    assert bool(list(code.rglob("*.py"))) is not LAMBDA.is_of_this_python
    functions = json.loads(made.template.read_text())["Resources"]
    assert functions["APIHandler"]["Properties"]["Runtime"] == f"python{LAMBDA.python}"
