"""`practice.toml`: what is read, what is refused, and that an edit keeps the user's own lines."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.record.world import KIM, LEE, PRACTICE, SAM
from vaultcli.ground.errors import BadInput
from vaultcli.record.practice import practice
from vaultcli.record.practice.practice import Person, Practice, RoleRights

TEXT = practice.render(PRACTICE)


def test_round_trip():
    assert practice.parse(TEXT) == PRACTICE
    other = replace(PRACTICE, roles={"clinician": RoleRights(("sign",), ("author",))}, witness="x", sign_within_hours=24)
    assert practice.parse(practice.render(other)) == other


NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(lambda t: not practice._is_unsafe(t))


@given(NAMES, NAMES | st.just(""))
def test_names_survive(name: str, credentials: str):
    made = replace(PRACTICE, people=(Person("a-b", name, credentials, ("clinician",), "2026-11-22"),))
    assert practice.parse(practice.render(made)) == made


@pytest.mark.parametrize(
    "name",
    [
        "", " ", " Lee", "Lee ", "Lee\n", "Lee <x>", "Lee\x7f", "Lee\u202eeeL", "Lee\u200b", "Lee\ufeff", "Le\u0301e",
        "\u2066Lee", "Lee\u00ad\U000e0041",
    ],
)  # fmt: skip
def test_names_that_deceive(name: str):
    text = practice.render(replace(PRACTICE, people=(replace(LEE, name=name), SAM, KIM)))
    with pytest.raises(BadInput):
        practice.parse(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("vaultcli = 1\n", "vaultcli = 2\n"),
        ("vaultcli = 1\n", "vaultcli = true\n"),
        ("vaultcli = 1\n", "vaultcli = 1.0\n"),
        ('"k3v9k3v9k3v9k3v9"', '"x"'),
        ('"k3v9k3v9k3v9k3v9"', '"k3v9\\nprincipal: lee"'),
        ('id = "lee-example"', 'id = "recovery"'),
        ('id = "lee-example"', 'id = "practice"'),
        ('id = "lee-example"', 'id = "Lee"'),
        ('id = "lee-example"', 'id = "kim-demo"'),
        ('since = "2026-11-22"', "since = 2026-11-22"),
        ('since = "2026-11-22"', 'since = "soon"'),
        ('supervisor = "lee-example"', 'supervisor = "sam-demo"'),
        ('roles = ["trainee"]', 'roles = ["king"]'),
        ('roles = ["trainee"]', 'roles = "trainee"'),
        ("sign-within-hours = 72", "sign-within-hours = true"),
        ("sign-within-hours = 72", "sign-within-hours = -1"),
        ('name = "Riverside"', "name = " + "[" * 50_000),
        ('name = "Riverside"', 'name = "' + "x" * (1 << 20) + '"'),
        ('name = "Riverside"\n', ""),
    ],
)
def test_refused(old: str, new: str):
    assert old in TEXT
    with pytest.raises(BadInput):
        practice.parse(TEXT.replace(old, new, 1))


def test_rights():
    assert PRACTICE.may("lee-example", "cosign")
    assert PRACTICE.may_mean("lee-example", "cosigner")
    assert not PRACTICE.may("sam-demo", "cosign")
    assert not PRACTICE.may("kim-demo", "settle")
    assert not PRACTICE.may("nobody", "sign")
    ended = replace(PRACTICE, people=(replace(LEE, until="2027-01-01"),))
    assert not ended.may("lee-example", "sign")
    assert not Practice("0" * 16, "x", (LEE,), {}).may("lee-example", "sign")


def test_an_edit_keeps_every_other_line():
    text = TEXT.replace("[[people]]", "# who works here\n[[people]]", 1)
    more = practice.with_person(text, replace(KIM, id="pat-demo", name="Pat Demo"))
    assert more.startswith(text[: text.index("\n[roles.")])
    assert practice.parse(more).person("pat-demo") == replace(KIM, id="pat-demo", name="Pat Demo")
    ended = practice.with_person(more, replace(KIM, until="2027-01-04"))
    assert "# who works here" in ended
    assert practice.parse(ended).person("kim-demo") == replace(KIM, until="2027-01-04")


def test_what_exports_print_is_read_and_rendered():
    lee = replace(PRACTICE.people[0], licence="PSY 12345 (CA)", npi="1234567893")
    made = replace(PRACTICE, people=(lee, *PRACTICE.people[1:]), address="12 Willow Street, Portland, OR 97201")
    assert practice.parse(practice.render(made)) == made


@pytest.mark.parametrize(
    "line",
    ["address = 5", 'address = "a\\nb"', 'address = ["x"]', f'address = "{"x" * 201}"', 'address = " x"', "[address]\nx = 1"],
)
def test_what_cannot_be_printed_makes_no_policy_unreadable(line):
    """Release 0.1.0 read past these keys, whatever stood there."""
    text = practice.render(PRACTICE)
    made = text + f"\n{line}\n" if line.startswith("[") else text.replace("\n\n[[people]]", f"\n{line}\n\n[[people]]", 1)
    assert practice.parse(made).address == ""


@pytest.mark.parametrize("npi", ['"1234567890"', '"12345"', "1234567893", '"abcdefghij"'])
def test_a_number_that_is_no_npi_is_not_printed(npi):
    text = practice.render(PRACTICE).replace("roles = ", f"npi = {npi}\nroles = ", 1)
    assert practice.parse(text).people[0].npi == ""


def test_keys_of_a_later_version_are_read_past():
    text = practice.render(PRACTICE).replace("roles = ", 'pronouns = "they"\nroles = ', 1) + "\n[later]\nx = 1\n"
    assert practice.parse(text) == PRACTICE


def test_what_is_said_of_the_practice_changes_and_all_else_keeps_its_bytes():
    text = practice.render(PRACTICE).replace("\n\n[[people]]", "\n# ours\n\n[[people]]", 1)
    made = practice.with_details(text, address="12 Willow Street", hours=48)
    assert (practice.parse(made).address, practice.parse(made).sign_within_hours) == ("12 Willow Street", 48)
    assert set(text.splitlines()) - set(made.splitlines()) == {"sign-within-hours = 72"}
    assert practice.with_details(made) == made
    with pytest.raises(BadInput, match="the address cannot be printed"):
        practice.with_details(text, address="12 Willow\u202e Street")


@pytest.mark.parametrize(("npi", "good"), [("1234567893", True), ("1245319599", True), ("1234567890", False), ("", False)])
def test_npi(npi, good):
    assert practice.is_npi(npi) is good
