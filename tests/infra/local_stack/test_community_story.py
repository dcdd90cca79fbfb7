"""A community from an empty account to the deletion of its stack, clicked in browsers.

The stack has real time, so the test waits up to eight minutes for the room of the next session. What differs from AWS:
the addresses of the operator are confirmed by requests, since the engine sends no mails of AWS. The sign-up is at pages
of infra/local_stack/sign_up_page.py, since the engine has none. Browsers find the hosts of AWS at a server of the test.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from selenium.webdriver.support.ui import WebDriverWait

from infra.local.aws import REGION
from infra.package.release import Release
from tests.browser.calendar.calendar_screen import CalendarScreen
from tests.browser.conftest import BROWSER, DRIVER, start_browser
from tests.browser.member_browser import MemberBrowser
from tests.browser.room.camera_film import write_film
from tests.browser.room.conftest import CALLS
from tests.browser.room.page_recorder import record_pages
from tests.browser.room.room_visitor import RoomVisitor, meet
from tests.infra.local_stack.browser_front import BrowserFront
from tests.infra.local_stack.community_member import CommunityMember, DeployedApp
from tests.infra.local_stack.operator_account import EDGE, STACK, Account, new_account

# Deploys a whole stack, and waits until a room opens.
pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not (DRIVER and BROWSER), reason="NOT TESTED: no chromium and chromedriver here"),
]

OPERATOR, PRODUCT = "operator@example.com", "Focus Room"
QUARTER = timedelta(minutes=15)
# Two members book in this time.
BOOKING = timedelta(minutes=3)
# From the earliest booking to the opening of the room, 10 minutes before the start.
UNTIL_OPEN_SECONDS = 9 * 60

OpenPage = Callable[[DeployedApp, str, str], CommunityMember]


@pytest.fixture
def account(release: Release, tmp_path: Path) -> Iterator[Account]:
    """An account with nothing in it, whose operator has chosen a region."""
    with new_account(release, REGION, tmp_path / "stages", AWS_REGION=REGION) as account:
        yield account


@pytest.fixture
def community_browser(account: Account, tmp_path: Path) -> Iterator[OpenPage]:
    """A function that opens the browser of a person, with a camera of one colour."""
    with ExitStack() as stack:
        front = stack.enter_context(BrowserFront(account.session.endpoint, tmp_path))

        def opened(app: DeployedApp, name: str, colour: str) -> CommunityMember:
            film = write_film(tmp_path / f"{colour}.y4m", colour)
            camera = f"--use-file-for-fake-video-capture={film}"
            browser = start_browser(tmp_path / name / "profile", *CALLS, *front.arguments, camera)
            stack.callback(browser.quit)
            record_pages(browser)
            page = MemberBrowser(browser, app, tmp_path / name)
            page.emulate()
            return CommunityMember(app, page, name)

        yield opened


def deploy(account: Account) -> DeployedApp:
    """Deploy with two answers and return the web app."""
    lines = account.up(f"{PRODUCT}\n{OPERATOR}\n")
    (url,) = [line.removeprefix("Web app:").strip() for line in lines if line.startswith("Web app:")]
    return DeployedApp(url, account.session.endpoint)


def next_start() -> datetime:
    """Return the next start of a session, with time to book it."""
    soon = datetime.now(UTC) + BOOKING
    return soon.replace(minute=soon.minute // 15 * 15, second=0, microsecond=0) + QUARTER


def book(member: CommunityMember, start: datetime) -> None:
    """Book a session in the calendar by clicking."""
    screen = CalendarScreen(member.page, None)
    member.page.click("link", "Calendar")
    screen.is_complete()
    screen.open_slot(start)
    member.page.click("button", "Book", member.page.one("dialog", "Book a session"))
    member.page.sees("Booked", ".toasts")


def confirm_addresses(account: Account) -> None:
    """Do by hand what a deployment leaves to its operator. The engine sends no mails of AWS, so no link is opened."""
    account.client("ses").verify_email_identity(EmailAddress=OPERATOR)
    # AWS decides about the request that the operator makes in the console.
    account.client("sesv2").put_account_details(
        MailType="TRANSACTIONAL", WebsiteURL="https://focus.example", ProductionAccessEnabled=True
    )


def ask_for_mails(member: CommunityMember) -> None:
    """Enter the address in the settings. The token proves it, so no further mail confirms it."""
    member.page.click("link", "Settings")
    member.page.fill("E-mail address", member.address)
    member.page.save("notices")
    member.page.sees(f"{member.address} is confirmed.", "#notices")


def be_matched(ada: CommunityMember, ben: CommunityMember) -> datetime:
    """Book the same session, be matched, and get the mail. Return the start of the session."""
    start = next_start()
    book(ada, start)
    book(ben, start)
    for member, partner in ((ada, ben), (ben, ada)):
        member.page.click("link", "Sessions")
        member.page.sees(partner.name, "main article")
        member.page.until(
            lambda member=member, partner=partner: [
                mail for mail in member.mails() if mail["Source"] == OPERATOR and partner.name in mail["BodyText"]
            ],
            f"no mail to {member.name}",
        )
    return start


def changes_nothing(account: Account) -> None:
    """Deploy again and check that neither stack changes."""
    again = account.up()
    assert [line for line in again if line.startswith("lockstep")] == [
        f"{EDGE}: nothing to change.",
        f"{STACK}: nothing to change.",
    ]


def meet_in_the_room(ada: CommunityMember, ben: CommunityMember) -> None:
    """Wait until the room opens, go there from the Sessions screen, and see the picture of the other camera."""
    visitors = RoomVisitor(ada, ada.page, "red"), RoomVisitor(ben, ben.page, "blue")
    for visitor in visitors:
        page = visitor.page
        WebDriverWait(page.browser, UNTIL_OPEN_SECONDS, 1).until(lambda _, page=page: page.found("link", "Join"))
        page.click("link", "Join")
    meet(*visitors)


def report(ada: CommunityMember, partner: str) -> None:
    """Report the partner in the room."""
    ada.page.click("button", f"Report {partner} ...")
    ada.page.click("radio", "They behaved badly towards me")
    ada.page.fill("More about it (optional)", "Shouted at me.")
    ada.press("Send the report", lambda: "Thank you. The staff have your report." in ada.page.text(".toasts"))
    ada.page.click("button", "Leave")


def make_staff(account: Account, member: CommunityMember) -> None:
    """Add a member to the group of staff, as docs/operations.md says, and let the next token say so."""
    pool = account.client("cognito-idp")
    users = pool.list_users(UserPoolId=account.resource("UserPool"), Filter=f'email = "{member.address}"')["Users"]
    pool.admin_add_user_to_group(
        UserPoolId=account.resource("UserPool"), Username=users[0]["Username"], GroupName="staff"
    )
    member.page.browser.refresh()
    # The engine keeps no session of a browser, so a reload asks for the password.
    member.page.click("button", "Sign in")
    member.sign_in()


def suspend(mara: CommunityMember, name: str) -> None:
    """Read the report, suspend the reported member, and find both acts in the log."""
    mara.page.click("link", "Staff")
    mara.page.sees("Shouted at me.", "main blockquote")
    mara.page.click("button", f"Suspend {name} ...")
    mara.page.fill("Reason", "Shouting")
    mara.press("Suspend the member", lambda: f"{name} is suspended." in mara.page.text(".toasts"))
    mara.page.click("link", "Log")
    mara.page.sees("Member suspended", "main")
    mara.page.sees("Reports read", "main")


def is_suspended(ben: CommunityMember) -> None:
    """Check that an open page and a new sign-in come to the words for a suspended member."""
    ben.page.browser.execute_script("window.dispatchEvent(new Event('focus'))")
    ben.page.one("heading", "Your account is suspended")
    ben.page.click("button", "Sign out")
    ben.page.click("button", "Sign in")
    ben.sign_in()
    ben.page.one("heading", "Your account is suspended")


def export(ada: CommunityMember) -> None:
    """Download the data and check that the file has the account and its session."""
    ada.page.click("link", "Settings")
    ada.press("Download my data", lambda: list(ada.page.downloads.glob("account-export-*.json")))
    (file,) = ada.page.downloads.glob("account-export-*.json")
    content = json.loads(file.read_text())
    assert content["user"]["name"] == ada.name
    assert len(content["sessions"]) == 1
    assert [each["text"] for each in content["reports"]] == ["Shouted at me."]


def delete(ada: CommunityMember) -> None:
    """Delete the account by its typed word."""
    ada.page.click("button", "Delete my account ...")
    ada.page.fill("To confirm, type \u201cdelete\u201d", "delete")
    ada.press("Delete for good", lambda: "Your account was deleted, and you are signed out." in ada.page.text("body"))


def destroy(account: Account) -> None:
    """Delete the stacks and check that the table, the user pool, the ledger and nothing else of the service stay."""
    kept = {name: account.resource(name) for name in ("Table", "UserPool", "Ledger")}
    done = account.run("down", "prod")
    assert done.returncode == 0, done.stderr
    said = [f"Its table {kept['Table']} is kept.", f"Its ledger {kept['Ledger']} is kept,"]
    assert [line for line in said if line not in done.stdout] == []
    assert account.client("dynamodb").list_tables()["TableNames"] == [kept["Table"]]
    pools = account.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]
    assert [each["Id"] for each in pools] == [kept["UserPool"]]
    entries = account.client("s3").list_objects_v2(Bucket=kept["Ledger"])["Contents"]
    assert sorted(entry["Key"].split("/")[0] for entry in entries) == ["erased", "suspended"]
    assert account.client("lambda").list_functions()["Functions"] == []


def script_errors(member: CommunityMember) -> list[str]:
    """Return the errors of the scripts of the pages since the last call."""
    return [each["message"] for each in member.page.browser.get_log("browser") if each["source"] == "javascript"]


def test_a_community_from_an_empty_account_to_its_end(account: Account, community_browser: OpenPage) -> None:
    app = deploy(account)
    confirm_addresses(account)
    colours = {"Ada": "red", "Ben": "blue", "Mara": "red"}
    ada, ben, mara = members = [community_browser(app, name, colour) for name, colour in colours.items()]
    for member in members:
        member.sign_up()
    for member in (ada, ben):
        ask_for_mails(member)
    be_matched(ada, ben)
    changes_nothing(account)
    meet_in_the_room(ada, ben)
    report(ada, "Ben")
    make_staff(account, mara)
    suspend(mara, "Ben")
    is_suspended(ben)
    export(ada)
    delete(ada)
    assert [script_errors(member) for member in members] == [[], [], []]
    destroy(account)
