"""The message of the local run when it serves."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # An import at run time would load the whole service too early.
    from infra.local.identity.members import SignedIn

LAST_LINE = "Ctrl-C stops it."


def welcome(base_url: str, engine: str, demo: "list[SignedIn]", *, is_built: bool) -> str:
    """Return the message with addresses, demo tokens and the way to stop. `is_built` means that there is a web app."""
    app = "sign in there as a demo member or as a new one" if is_built else "not built; the page there says how"
    lines = [
        f"Open {base_url}",
        "",
        f"  web app   {app}",
        f"  health    {base_url}/health",
        f"  API       {base_url}/v1/me, /v1/people, /v1/sessions and more, with a bearer token",
        f"  aids      {base_url}/dev lists the mails, posts, events and the clock of this run",
        f"  tokens    POST {base_url}/dev/sign-in; README.md has the rest",
        f"  engine    {engine}",
        "",
        "Demo members, with their bearer tokens:",
        "",
    ]
    for member in demo:
        lines += [f"  {member.name:<6}{member.user_id}", f"        {member.token}"]
    if demo:
        lines += ["", f"Try, as {demo[0].name}:", "", f"  {_first_call(base_url, demo[0])}"]
    return "\n".join([*lines, "", LAST_LINE])


def engine_started(url: str, pid: int) -> str:
    """Return the line about an engine of this run, which outlives the run if that is killed."""
    return f"{url} (process {pid}); LOCKSTEP_ENGINE={url} starts a runner on it again"


def engine_reused(url: str) -> str:
    """Return the line about an engine that LOCKSTEP_ENGINE names."""
    return f"{url}, from LOCKSTEP_ENGINE; it stays when this stops"


def _first_call(base_url: str, member: "SignedIn") -> str:
    return f"curl -H 'Authorization: Bearer {member.token}' {base_url}/v1/me"
