"""The message of the local run when it serves."""

from infra.local.welcome import LAST_LINE, welcome


def test_the_message_begins_with_the_address_to_open_and_says_whether_there_is_an_app() -> None:
    for is_built, app in ((True, "sign in there"), (False, "not built")):
        lines = welcome("http://127.0.0.1:8000", "engine", [], is_built=is_built).splitlines()
        assert (lines[0], lines[-1]) == ("Open http://127.0.0.1:8000", LAST_LINE)
        assert lines[2].startswith(f"  web app   {app}")
