"""A request for enrolment: the keys of a new machine or person, on their way to whoever may change the policy.

Nothing in it is secret. Whoever admits it compares the fingerprints with the person, by telephone or face to face.
Format: `docs/spec/enrolment.md`, version 1.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vaultcli.ground.errors import BadInput
from vaultcli.record.practice import keyring
from vaultcli.record.practice.keyring import Entry, Keyring
from vaultcli.record.practice.practice import is_principal, quote

VERSION = 1


@dataclass(frozen=True)
class Request:
    """What a machine asks for.

    Args:
        genesis: of the vault, `sha256:HEX`.
        principal: whose keys these are.
        name: as it would stand in signatures; empty for a person who is in the practice already.
        credentials: likewise.
        entries: the keys, each vouched for by a key that this person has.
    """

    genesis: str
    principal: str
    name: str
    credentials: str
    entries: tuple[Entry, ...]


def render(request: Request) -> str:
    """The request's file: a head, and the keys exactly as `signers.toml` has them."""
    head = f"vaultcli-enrolment = {VERSION}\ngenesis = {quote(request.genesis)}\nprincipal = {quote(request.principal)}\n"
    head += f"name = {quote(request.name)}\ncredentials = {quote(request.credentials)}\n\n"
    return head + keyring.render(Keyring(request.entries))


def parse(text: str, path: str) -> Request:
    """Read a request.

    Raises:
        BadInput: it is none, of another version, or a key in it is malformed, revoked, another person's, or has a role.
    """
    head, found, rest = text.partition("\n\n")
    try:
        data = tomllib.loads(head)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{path}: {error}") from None
    if not found or data.get("vaultcli-enrolment") != VERSION:
        raise BadInput(f"{path}: not a request for enrolment", hint="`vaultcli init --adopt` on the other machine writes one")
    genesis, principal, name, credentials = (_text(data, key, path) for key in ("genesis", "principal", "name", "credentials"))
    request = Request(genesis, principal, name, credentials, keyring.parse(rest, path).entries)
    strange = [
        entry
        for entry in request.entries
        if entry.principal != request.principal or entry.revoked or entry.roles or entry.kind == keyring.RECOVERY
    ]
    if strange or not request.entries or not is_principal(request.principal):
        raise BadInput(f"{path}: a request holds one person's keys, without roles")
    return request


def _text(data: Mapping[str, Any], key: str, path: str) -> str:
    value = data.get(key)
    if not isinstance(value, str):
        raise BadInput(f"{path}: {key} is missing or no text")
    return value
