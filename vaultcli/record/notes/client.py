"""The register: who a client is, and the defaults of their notes.

One file a line of history, `client.md`; Markdown with flat front matter like a note. Format: `docs/spec/client.md`, version 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vaultcli.ground import frontmatter, ids
from vaultcli.ground.errors import BadInput
from vaultcli.ground.patterns import pattern

PATH = "client.md"
GROUP = "group"
KINDS = ("individual", "couple", "family", GROUP)
_HANDLE = pattern(r"[a-z0-9][a-z0-9-]{0,39}")
_DAY = pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

FIELDS = (
    "name",
    "handle",
    "kind",
    "members",
    "born",
    "phone",
    "email",
    "address",
    "emergency",
    "guardians",
    "slot",
    "place",
    "platform",
    "telehealth-consent",
    "format",
    "cpt",
    "diagnoses",
    "part2",
    "opened",
    "closed",
    "hold",
    "hold-ended",
    "retain-until",
    "id",
)
"""The lines of an entry in their order; a line stands only where it is used."""


@dataclass(frozen=True)
class Client:
    """One entry of the register.

    Args:
        id: random; the name of the line of history.
        name: as the clinician writes it.
        handle: the short name for the keyboard, unique in the vault.
        kind: individual, couple, family or group.
        fields: every line of the front matter, as typed.
        about: the prose below it.
        newest: whether this is the entry that was recorded last; false where that one cannot be read.
    """

    id: str
    name: str
    handle: str
    kind: str = "individual"
    fields: Mapping[str, object] = field(default_factory=dict)
    about: str = ""
    newest: bool = True

    @property
    def keys(self) -> tuple[str, ...]:
        """What names the client whole, to `find_client`."""
        return self.handle, self.id

    @property
    def branch(self) -> str:
        """The client's line of history."""
        return f"client/{self.id}"

    @property
    def closed(self) -> str:
        """The day the chart was closed, or empty."""
        return self.text("closed")

    def text(self, name: str) -> str:
        """A line's text; a list's items joined by commas; empty where there is none."""
        value = self.fields.get(name, "")
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

    def items(self, name: str) -> list[str]:
        """A line's items, one or many."""
        value = self.fields.get(name, "")
        return [str(item) for item in value] if isinstance(value, list) else [str(value)] if value else []


def is_handle(text: str) -> bool:
    """Whether the text can be a handle."""
    return _HANDLE.fullmatch(text) is not None


def parse(raw: bytes, path: str = PATH) -> Client:
    """Read a register entry.

    Raises:
        BadInput: no text, no front matter, or name, handle, kind or id is missing or malformed; names file and line.
    """
    frontmatter.check_not_utf16(raw, path)
    if b"\0" in raw:
        line = 1 + raw.count(b"\n", 0, raw.index(0))
        raise BadInput(f"{path}:{line}: has the control character U+0000")
    front = frontmatter.parse(raw, path)
    fields = dict(front)
    client = Client(
        id=_text(fields, "id"),
        name=_text(fields, "name"),
        handle=_text(fields, "handle"),
        kind=_text(fields, "kind") or "individual",
        fields=fields,
        about=_about(raw, path),
    )
    for name, good, says in (
        ("id", ids.is_id(client.id), "16 letters and digits, as `vaultcli client add` made them"),
        ("name", bool(client.name.strip()), "a name"),
        ("handle", is_handle(client.handle), "up to 40 small letters, digits and hyphens, such as ada or dee-eli"),
        ("kind", client.kind in KINDS and isinstance(fields.get("kind", ""), str), f"one of {', '.join(KINDS)}"),
        ("members", _are_members(client), "a list of clients' ids, and only in a group's entry"),
        ("born", _is_day(fields, "born"), "a day such as 2001-05-30"),
        ("closed", _is_day(fields, "closed"), "a day such as 2001-05-30"),
        ("retain-until", _is_day(fields, "retain-until"), "a day such as 2001-05-30"),
    ):
        if not good:
            line = front.line(name) if name in front else 1
            raise BadInput(f"{path}:{line}: {name} is {'not' if fields.get(name) else 'missing; it is'} {says}")
    return client


def _about(raw: bytes, path: str) -> str:
    body = frontmatter.split(raw, path).body
    try:
        return body.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        line = 1 + raw.count(b"\n", 0, len(raw) - len(body) + error.start)
        raise BadInput(f"{path}:{line}: is not UTF-8", hint="save the file as UTF-8") from None


def _are_members(client: Client) -> bool:
    return not client.fields.get("members") or (
        client.kind == GROUP and isinstance(client.fields["members"], list) and all(map(ids.is_id, client.items("members")))
    )


def _is_day(fields: Mapping[str, object], name: str) -> bool:
    return not fields.get(name) or _DAY.fullmatch(_text(fields, name)) is not None


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name, "")
    return value if isinstance(value, str) else ""


def draft(fields: Mapping[str, str | list[str]], about: str = "") -> bytes:
    """A fresh entry with the given lines, in the register's order.

    Raises:
        BadInput: what `parse` finds wrong with it.
    """
    raw = b"---\n---\n"
    for name in FIELDS:
        value = fields.get(name)
        if value:
            raw = frontmatter.set_field(raw, name, value, path=PATH)
    if about:
        raw += b"\n" + about.strip().encode() + b"\n"
    parse(raw)
    return raw


def edited(raw: bytes, changes: Mapping[str, str | list[str]]) -> bytes:
    """The entry with some lines changed and every other byte kept; an empty value removes its line."""
    for name, value in changes.items():
        present = name in frontmatter.parse(raw, PATH)
        if value:
            raw = frontmatter.set_field(raw, name, value, path=PATH)
        elif present:
            raw = frontmatter.remove_field(raw, name, path=PATH)
    parse(raw)
    return raw
