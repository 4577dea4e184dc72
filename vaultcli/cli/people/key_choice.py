"""Where a personal key comes from: by option, by question, else a new one with the passphrase that was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultcli.cli.ui import prompt, terminal

if TYPE_CHECKING:
    from vaultcli.work.people.keys import KeyChoice


def key_choice(given: dict[str, object], *, asking: bool) -> KeyChoice:
    """Where the personal key comes from: by option, by question, else a new one."""
    from vaultcli.work.people.keys import NEW, KeyChoice

    where = str(given["key"] or "")
    if not where and asking:
        where = _which_key()
    file = given["passphrase_file"]
    words = file.readline().rstrip("\r\n") if file is not None else None  # type: ignore[attr-defined]
    if where in ("", NEW) and words is None and asking and terminal.is_interactive():
        words = _new_passphrase()
    return KeyChoice(where or NEW, words)


def _which_key() -> str:
    ways = ["[m]ake one", "use a [f]ile", "use your [a]gent's", "use a FIDO [t]oken"]
    kind = prompt.ask("your signing key:", ways, default="m")
    if kind == "f":
        return prompt.ask_line("private key file")
    return {"m": "new", "a": "agent", "t": "token"}[kind]


def _new_passphrase() -> str | None:
    while True:
        words = prompt.ask_hidden("passphrase for the new key (Enter for none)")
        if not words or words == prompt.ask_hidden("again"):
            return words or None
        terminal.warn("the two differ")
