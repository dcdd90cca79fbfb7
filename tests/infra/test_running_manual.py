"""The manual of the local run gives the defaults of its settings."""

import re

from msgspec.structs import asdict

from chalicelib import settings
from chalicelib.domain.model.limits import MemberLimits
from chalicelib.domain.model.notices import Channel
from infra.local import settings as local_settings
from infra.local.engine import ROOT

MANUAL = (ROOT / "docs/running.md").read_text()
LIMIT = "LOCKSTEP_MOST"
# Settings that only the local runner reads. Their defaults are not in the settings of a deployment.
RUNNER_ONLY = {"PORT", "LOCKSTEP_ENGINE", "LOCKSTEP_LOCAL_RECEIVERS", "LOCKSTEP_LOCAL_TOKEN_SECONDS", "LOCKSTEP_LOG"}
# Settings that the local runner sets to its own addresses, and one of AWS that it does not have.
SET_BY_THE_RUNNER = {
    "LOCKSTEP_INVITE_URL",
    "LOCKSTEP_PUBLIC_URL",
    "LOCKSTEP_APP_URL",
    "LOCKSTEP_MAIL_FROM",
    "LOCKSTEP_MAIL_CONFIGURATION",
    "LOCKSTEP_MAIL_ENDPOINT",
    "LOCKSTEP_UNANNOUNCED_QUEUE",
    "LOCKSTEP_BUS",
    "LOCKSTEP_LEDGER",
    "LOCKSTEP_LIVE_URL",
    "LOCKSTEP_LIVE_ENDPOINT",
    *(f"LOCKSTEP_{channel.name}_QUEUE" for channel in Channel),
    *settings.SIGN_IN_VARIABLES,
    *settings.SIGN_OUT_VARIABLES,
}


def documented() -> dict[str, str]:
    """Return the defaults in the table of settings. A row may have several settings, each with its default."""
    table = MANUAL.split("| setting |")[1].split("\n\n")[0].splitlines()[2:]
    found = {}
    for row in table:
        first, _, last = (cell.strip() for cell in row.strip("|").split(" | "))
        names, defaults = re.findall(r"`(\w+)`", first), last.replace("`", "").split(", ")
        full_names = [LIMIT + name if name.startswith("_") else name for name in names]
        found |= dict(zip(full_names, defaults, strict=True))
    return found


def test_the_defaults_of_the_settings_are_documented() -> None:
    defaults = {**settings.DEFAULTS, **local_settings.DEFAULTS}
    assert {name: value for name, value in documented().items() if name not in RUNNER_ONLY} == {
        name: str(value) for name, value in defaults.items() if name not in SET_BY_THE_RUNNER
    }


def test_r36_the_limits_of_a_member_are_documented() -> None:
    limits = {name: value for name, value in documented().items() if name.startswith(LIMIT)}
    assert limits == {f"{LIMIT}_{name.upper()}": str(most) for name, most in asdict(MemberLimits()).items()}
