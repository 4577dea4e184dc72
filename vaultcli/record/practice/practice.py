"""`practice.toml`: who works here, what each role may do, and the practice's deadlines.

Policy, never client data. Format: `docs/spec/practice.md`, version 1. Only a key with the policy role changes it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from vaultcli.ground import ids
from vaultcli.ground.errors import BadInput
from vaultcli.ground.patterns import pattern

VERSION = 1
PATH = "practice.toml"
ROLES = ("clinician", "supervisor", "trainee", "covering", "custodian", "biller")
RESERVED = ("recovery", "practice")
_PRINCIPAL = pattern(r"[a-z][a-z0-9-]{0,39}")
_UNSAFE = pattern(
    "[\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\uffff<>\\U000e0000-\\U000e0fff]"
)
"""What a name may not hold: controls, invisible and direction-changing characters, and what git cannot record."""
_NPI = pattern(r"[0-9]{10}")
LONGEST = 200
"""The most characters of a line that exports print: an address, a licence."""
LIMIT = 1 << 20
"""No file of policy is longer."""

_WRITE = ("open", "register", "draft", "sign", "amend", "attest", "withdraw")
DEFAULT_ROLES: Mapping[str, RoleRights]


@dataclass(frozen=True)
class RoleRights:
    """What a role may commit (event words) and sign (meanings)."""

    events: tuple[str, ...]
    meanings: tuple[str, ...]


DEFAULT_ROLES = {
    "clinician": RoleRights(_WRITE, ("author", "contributor")),
    "supervisor": RoleRights((*_WRITE, "cosign"), ("author", "contributor", "cosigner")),
    "trainee": RoleRights(_WRITE, ("author", "contributor")),
    "covering": RoleRights(("draft", "sign", "amend", "attest", "withdraw"), ("author", "contributor")),
    "custodian": RoleRights(("open", "register", "withdraw"), ("custodian",)),
    "biller": RoleRights(("register",), ()),
}


@dataclass(frozen=True)
class Person:
    """Someone who works in the practice; ended by a date, never removed.

    Args:
        id: the principal of their keys and the e-mail part of their commits.
        name: as it stands in signatures and commits.
        credentials: as they stand in signatures.
        roles: of `ROLES`.
        since: first day (ISO date).
        until: last day, or empty.
        supervisor: the person who co-signs their notes, or empty; a trainee has one.
        licence: their licence as exports print it, `PSY 12345 (CA)`, or empty.
        npi: their National Provider Identifier (45 CFR 162.406), or empty.
    """

    id: str
    name: str
    credentials: str
    roles: tuple[str, ...]
    since: str
    until: str = ""
    supervisor: str = ""
    licence: str = ""
    npi: str = ""

    @property
    def needs_cosignature(self) -> bool:
        """Whether this person's notes are complete only with a supervisor's signature."""
        return "trainee" in self.roles


@dataclass(frozen=True)
class Practice:
    """The practice's policy as one value; `address` is printed on exports, and may be empty."""

    vault: str
    name: str
    people: tuple[Person, ...]
    roles: Mapping[str, RoleRights] = field(default_factory=lambda: DEFAULT_ROLES)
    witness: str = "none"
    sign_within_hours: int = 72
    address: str = ""

    def person(self, principal: str) -> Person | None:
        """The person with that id, ended or not."""
        return self._by_id.get(principal)

    @cached_property
    def _by_id(self) -> dict[str, Person]:
        return {person.id: person for person in self.people}

    def may(self, principal: str, event: str) -> bool:
        """Whether one of the person's roles may commit that event."""
        return self._has(principal, lambda rights: event in rights.events)

    def may_mean(self, principal: str, meaning: str) -> bool:
        """Whether one of the person's roles may sign with that meaning."""
        return self._has(principal, lambda rights: meaning in rights.meanings)

    def _has(self, principal: str, test: Callable[[RoleRights], bool]) -> bool:
        person = self.person(principal)
        if person is None or person.until:
            return False
        return any(test(self.roles[role]) for role in person.roles if role in self.roles)


def is_principal(text: str) -> bool:
    """Whether the text can be a person's id."""
    return _PRINCIPAL.fullmatch(text) is not None and text not in RESERVED


def parse(text: str, path: str = PATH) -> Practice:
    """Read `practice.toml`.

    Raises:
        BadInput: it is no TOML, of another version, or a key is missing or of the wrong type.
    """
    data = load(text, path)
    if type(data.get("vaultcli")) is not int or data["vaultcli"] != VERSION:
        raise BadInput(f"{path}: version {data.get('vaultcli')!r} is not known", hint="a newer vaultcli may read it")
    try:
        return _practice(data)
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(f"{path}: {type(error).__name__} at {error}") from None


def load(text: str, path: str) -> dict[str, Any]:
    """The tables of a TOML file of ours.

    Raises:
        BadInput: too long, nested without end, or no TOML.
    """
    if len(text) > LIMIT:
        raise BadInput(f"{path}: longer than {LIMIT >> 20} MiB")
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise BadInput(f"{path}: {str(error)[:120]}") from None


def _practice(data: Mapping[str, Any]) -> Practice:
    people = tuple(
        Person(
            id=_text(entry, "id"),
            name=_text(entry, "name"),
            credentials=_text(entry, "credentials"),
            roles=_texts(entry, "roles"),
            since=_text(entry, "since"),
            until=_text(entry, "until", ""),
            supervisor=_text(entry, "supervisor", ""),
            licence=printed(entry.get("licence")),
            npi=npi if is_npi(npi := printed(entry.get("npi"))) else "",
        )
        for entry in data.get("people", [])
    )
    if len({person.id for person in people}) != len(people):
        raise ValueError("people: an id stands twice")
    for person in people:
        if not is_principal(person.id) or any(role not in ROLES for role in person.roles):
            raise ValueError(f"people: {person.id}")
        if not person.name or any(_is_unsafe(text) for text in (person.name, person.credentials)):
            raise ValueError(f"people: name or credentials of {person.id}")
        if not all(_is_day(day) for day in (person.since, person.until or person.since)):
            raise ValueError(f"people: since or until of {person.id}")
        if person.supervisor and (person.supervisor == person.id or not is_principal(person.supervisor)):
            raise ValueError(f"people: supervisor of {person.id}")
    roles = {
        name: RoleRights(_texts(rights, "events"), _texts(rights, "meanings")) for name, rights in data.get("roles", {}).items()
    }
    hours = data.get("sign-within-hours", 72)
    if type(hours) is not int or hours < 0:
        raise TypeError("sign-within-hours")
    if not ids.is_id(_text(data, "vault")):
        raise ValueError("vault")
    name, witness, address = _text(data, "name"), _text(data, "witness", "none"), printed(data.get("address"))
    return Practice(_text(data, "vault"), name, people, roles, witness, hours, address)


def printed(value: object) -> str:
    """A line that exports print; empty where the value is none.

    Version 0.1.0 read none of these keys and let any value stand there, so a value that cannot be printed is no error.
    """
    good = isinstance(value, str) and len(value) <= LONGEST and not _is_unsafe(value)
    return value if good and isinstance(value, str) else ""


def is_npi(text: str) -> bool:
    """Whether ten digits are a National Provider Identifier: with 80840 before them they have Luhn's check digit."""
    if _NPI.fullmatch(text) is None:
        return False
    digits = [int(digit) for digit in f"80840{text}"]
    doubled = [digit if at % 2 == 0 else digit * 2 - 9 * (digit > 4) for at, digit in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0


def _is_unsafe(text: str) -> bool:
    """Whether a name would not survive git, a signature block and a reader's eyes unchanged."""
    from unicodedata import normalize

    return _UNSAFE.search(text) is not None or text != text.strip() or normalize("NFC", text) != text


def _is_day(text: str) -> bool:
    return re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is not None


def _text(entry: Mapping[str, Any], key: str, default: str | None = None) -> str:
    value = entry[key] if default is None else entry.get(key, default)
    if not isinstance(value, str):
        raise TypeError(key)
    return value


def _texts(entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = entry[key]
    if not isinstance(value, list) or any(not isinstance(item, str) for item in value):
        raise TypeError(key)
    return tuple(value)


def render(practice: Practice) -> str:
    """A fresh `practice.toml`; later edits go through `with_person` and keep the user's comments."""
    head = (
        f"vaultcli = {VERSION}\nvault = {quote(practice.vault)}\nname = {quote(practice.name)}\n"
        f"witness = {quote(practice.witness)}\nsign-within-hours = {practice.sign_within_hours}\n"
        + (f"address = {quote(practice.address)}\n" if practice.address else "")
    )
    return (
        head
        + "".join(map(_person_table, practice.people))
        + "".join(
            f"\n[roles.{name}]\nevents = {_array(rights.events)}\nmeanings = {_array(rights.meanings)}\n"
            for name, rights in practice.roles.items()
        )
    )


def _person_table(person: Person) -> str:
    lines = [
        "\n[[people]]",
        f"id = {quote(person.id)}",
        f"name = {quote(person.name)}",
        f"credentials = {quote(person.credentials)}",
        f"roles = {_array(person.roles)}",
        f"since = {quote(person.since)}",
    ]
    lines += [f"until = {quote(person.until)}"] if person.until else []
    for key in ("supervisor", "licence", "npi"):
        lines += [f"{key} = {quote(getattr(person, key))}"] if getattr(person, key) else []
    return "\n".join(lines) + "\n"


def _array(values: tuple[str, ...]) -> str:
    return "[" + ", ".join(map(quote, values)) + "]"


def quote(text: str) -> str:
    """A TOML basic string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda match: f"\\u{ord(match[0]):04x}", escaped) + '"'


def with_person(text: str, person: Person) -> str:
    """`practice.toml` with that person added or, if the id is there, brought up to date; all else keeps its bytes.

    Raises:
        BadInput: the text is not a practice file.
    """
    import tomlkit

    parse(text)
    document = tomlkit.parse(text)
    people = document.get("people")
    if people is None:
        people = tomlkit.aot()
        document.add("people", people)
    table = next((entry for entry in people if entry["id"] == person.id), None)
    if table is None:
        return _insert_person(text, person)
    for key in ("name", "credentials", "since", "until", "supervisor", "licence", "npi"):
        value = getattr(person, key)
        if value and table.get(key) != value:
            table[key] = value
    if tuple(table["roles"]) != person.roles:
        table["roles"] = list(person.roles)
    result = tomlkit.dumps(document)
    parse(result)
    return result


def with_details(text: str, *, name: str = "", address: str = "", hours: int | None = None) -> str:
    """`practice.toml` with what it says of the practice itself changed; all else keeps its bytes.

    Args:
        text: the file.
        name: of the practice; empty to leave it.
        address: as exports print it; empty to leave it.
        hours: within which a text is to be recorded after a session; None to leave it.

    Raises:
        BadInput: the text is not a practice file, or a value cannot stand in one.
    """
    import tomlkit

    parse(text)
    for what, value in (("name", name), ("address", address)):
        if value and printed(value) != value:
            hint = f"at most {LONGEST} characters on one line, none of them invisible"
            raise BadInput(f"the {what} cannot be printed", hint=hint)
    document = tomlkit.parse(text)
    for key, value in (("name", name), ("address", address)):
        if value:
            document[key] = value
    if hours is not None:
        document["sign-within-hours"] = hours
    result = tomlkit.dumps(document)
    parse(result)
    return result


def _insert_person(text: str, person: Person) -> str:
    """Put a new person before the role table, which stands last in a file that we wrote."""
    at = text.find("\n[roles.")
    addition = _person_table(person)
    result = text + addition if at < 0 else text[:at] + addition + text[at:]
    parse(result)
    return result
