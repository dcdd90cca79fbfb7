"""Profile, availability and language in the settings, changed by clicking (R31)."""

import pytest

from tests.browser.conftest import OpenMember
from tests.browser.known_member import sign_in

# A browser takes seconds for each test.
pytestmark = pytest.mark.long


def test_r31_each_field_of_the_profile_is_saved_and_shown_after_a_reload(open_member: OpenMember) -> None:
    ada = sign_in(open_member(), "Ada")
    ada.page.fill("Name", "Ada Lovelace")
    ada.page.fill("Address of a picture", "https://pictures.example/ada.jpg")
    ada.page.select("Gender", "Woman")
    ada.page.select("Preferred activity", "Moving around")
    ada.page.select("Time zone", "America/New York")
    ada.page.save("profile")
    ada.page.sees("Saved.", "#profile [role=status]")
    saved = {"name": "Ada Lovelace", "photoUrl": "https://pictures.example/ada.jpg", "gender": "woman"} | {
        "activityType": "moving",
        "timeZone": "America/New_York",
    }
    user = ada.read("/v1/me")["user"]
    assert {name: user[name] for name in saved} == saved
    # The head of the page has the new name without a reload.
    ada.page.sees("Signed in as Ada Lovelace", "header")
    ada.page.browser.refresh()
    assert ada.page.one("textbox", "Name").get_attribute("value") == "Ada Lovelace"
    assert ada.page.one("combobox", "Time zone").get_attribute("value") == "America/New_York"
    ada.page.click("button", "Use UTC")
    ada.page.sees("Saved.", "#profile [role=status]")
    assert ada.read("/v1/me")["user"]["timeZone"] == "UTC"
    ada.page.empty("Address of a picture")
    ada.page.save("profile")
    ada.page.until(lambda: ada.read("/v1/me")["user"]["photoUrl"] is None, "the picture stays")


def test_r31_every_refused_field_says_so_and_keeps_what_was_typed(open_member: OpenMember) -> None:
    ada = sign_in(open_member(size=(320, 640)), "Ada")
    ada.page.fill("Name", " ")
    ada.page.fill("Address of a picture", "http://127.0.0.1/me.jpg")
    ada.page.save("profile")
    ada.page.sees("Please correct the marked fields.", "#profile [role=alert]")
    assert ada.page.faults("profile") == {
        "name": "Please write a name of 1 to 80 visible characters.",
        "photoUrl": "Please give an https address of a public site, such as https://example.org/me.jpg.",
    }
    assert ada.page.browser.switch_to.active_element.get_attribute("name") == "name"
    assert ada.page.one("textbox", "Address of a picture").get_attribute("value") == "http://127.0.0.1/me.jpg"
    assert ada.page.violations() == []
    assert ada.read("/v1/me")["user"]["name"] == "Ada"
    ada.page.fill("Name", "Ada L.")
    ada.page.empty("Address of a picture")
    ada.page.save("profile")
    ada.page.sees("Saved.", "#profile [role=status]")
    assert ada.page.faults("profile") == {}
    assert ada.read("/v1/me")["user"]["name"] == "Ada L."


def test_r5_r6_availability_and_gender_preference_are_chosen_with_their_explanations(open_member: OpenMember) -> None:
    ada = sign_in(open_member(), "Ada")
    ada.page.sees(
        "All members excluding people you have snoozed or blocked, and those that don't match your gender preference.",
        "#availability",
    )
    ada.page.click("radio", "Favorites only...")
    ada.page.click("checkbox", "I prefer sessions in quiet mode...")
    ada.page.click("radio", "Only members of my own gender")
    ada.page.save("availability")
    ada.page.sees("This needs a gender of your own. Please set it under Profile first.", "#availability")
    assert ada.read("/v1/me")["user"]["availability"] == "everyone"
    ada.page.select("Gender", "Nonbinary")
    ada.page.save("profile")
    ada.page.sees("Saved.", "#profile [role=status]")
    # The choices of the refused form are still there.
    ada.page.save("availability")
    ada.page.sees("Saved.", "#availability [role=status]")
    user = ada.read("/v1/me")["user"]
    assert (user["availability"], user["partnerGender"], user["quietMode"]) == ("favorites", "same", True)
    ada.page.select("Gender", "Not given")
    ada.page.save("profile")
    ada.page.sees("Your availability asks for partners of your own gender, so this cannot be empty.", "#profile")


def test_r31_a_change_in_another_tab_is_shown_when_this_tab_is_looked_at_again(open_member: OpenMember) -> None:
    page = open_member()
    ada = sign_in(page, "Ada")
    first = page.browser.current_window_handle
    page.fill("Address of a picture", "https://pictures.example/half-typed")
    page.browser.switch_to.new_window("tab")
    page.open("/settings")
    page.fill("Name", "Countess")
    ada.page.save("profile")
    page.sees("Saved.", "#profile [role=status]")
    page.browser.switch_to.window(first)
    page.sees("Signed in as Countess", "header")
    assert page.one("textbox", "Name").get_attribute("value") == "Countess"
    # What is typed here and not saved yet stays.
    picture = page.one("textbox", "Address of a picture").get_attribute("value")
    assert picture == "https://pictures.example/half-typed"


def test_the_language_is_chosen_by_its_own_name_and_remembered(open_member: OpenMember) -> None:
    ada = sign_in(open_member(), "Ada")
    ada.page.select("Language of this app", "العربية")
    ada.page.save("language")
    ada.page.until(lambda: ada.page.browser.execute_script("return document.dir") == "rtl", "not from right to left")
    ada.page.browser.refresh()
    ada.page.until(lambda: ada.page.browser.execute_script("return document.dir") == "rtl", "it was not remembered")
