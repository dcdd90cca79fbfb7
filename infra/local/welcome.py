"""What the runner says once it serves."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Importing it for real would load the whole service before the first line of it is needed.
    from infra.local.identity.members import SignedIn

LAST_LINE = "Ctrl-C stops it."


def welcome(base_url: str, engine: str, demo: "list[SignedIn]") -> str:
    """Tell where to go, with which token, and how to stop."""
    lines = [
        f"Lockstep serves {base_url}",
        "",
        f"  health    {base_url}/health",
        f"  API       {base_url}/v1/me, /v1/people, /v1/sessions and more, with a bearer token",
        f"  sign in   POST {base_url}/dev/sign-in; README.md has the rest",
        f"  engine    {engine}",
        "",
        "Demo members, with a bearer token each:",
        "",
    ]
    for member in demo:
        lines += [f"  {member.name:<6}{member.user_id}", f"        {member.token}"]
    if demo:
        lines += ["", f"Try, as {demo[0].name}:", "", f"  {_first_call(base_url, demo[0])}"]
    return "\n".join([*lines, "", LAST_LINE])


def engine_started(url: str, pid: int) -> str:
    """Tell how to find the engine again, which outlives a runner that is killed."""
    return f"{url} (process {pid}); LOCKSTEP_ENGINE={url} starts a runner on it again"


def engine_reused(url: str) -> str:
    """Tell whose data this run works on."""
    return f"{url}, as LOCKSTEP_ENGINE says; it stays when this stops"


def _first_call(base_url: str, member: "SignedIn") -> str:
    return f"curl -H 'Authorization: Bearer {member.token}' {base_url}/v1/me"
