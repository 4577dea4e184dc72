"""The agent from outside: what commands ask it instead of a passphrase. It opens what it is asked to and gives no identity away.

`docs/spec/psychotherapy/keys.md`, rule 9. After the idle time it forgets the identities and keeps the map of clients to drawers,
which is all that writing needs; after `lock` it is gone.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from vaultcli.ground import errors
from vaultcli.ground.errors import KeyTrouble, VaultError
from vaultcli.ground.process import daemon, frames, presence
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.unlock.opener import Known
from vaultcli.record.sealed.drawer import Epoch

SERVER = "vaultcli.psychotherapy.unlock.agent_server"
IDLE = 15 * 60
"""Seconds without an opening after which the agent forgets the identities."""


_GOING = 2.0
"""Seconds that an agent which was told to go may take."""
PATIENCE = 5.0
"""Seconds that `lock` waits for an answer; one question at a time is answered, and none takes so long."""


class State(NamedTuple):
    """What an agent can do now.

    Attributes:
        reading: whether it opens notes.
        left: seconds until it will not, if nothing is opened; 0 where it does not.
        missing: what could not be done to keep its memory to itself.
    """

    reading: bool
    left: int
    missing: tuple[str, ...]


def place(vault: str) -> Path:
    """The socket of one vault's agent."""
    return daemon.folder() / f"{vault}.sock"


def start(store: Store, epoch: Epoch, idle: int = IDLE) -> None:
    """Begin an agent in the place of one that is there.

    Args:
        store: the sealed files.
        epoch: what it will open with; handed over by a pipe.
        idle: seconds.

    Raises:
        KeyTrouble: it did not start.
    """
    _end_here(store.vault)
    daemon.start(SERVER, [str(store.settings.root), str(idle)], epoch.text)


def presence_file(store: Store) -> Path:
    """What every agent of these notes holds a shared lock on while it knows a key, wherever it was begun from."""
    return store.repository.directory / "vaultcli" / "agents"


def lock(store: Store) -> bool:
    """End every agent of these notes, and whether there was one; one that does not answer is killed, for it still has the keys.

    An agent that was begun in another session, by `su`, from cron or in another terminal's environment, has its socket elsewhere.
    It is found by its lock on the repository.

    Raises:
        KeyTrouble: one still has the keys: it is somebody else's process, or cannot be seen from here.
    """
    ended = False
    with contextlib.suppress(VaultError):
        # what the vault is called cannot be read from a damaged repository; its agents are found all the same
        ended = _end_here(store.vault)
    place = presence_file(store)
    if presence.is_alone(place, _GOING if ended else 0):
        return ended
    for process in presence.processes(place):
        ended = _kill(process) or ended
    if not presence.is_alone(place, PATIENCE):
        left = ", ".join(f"process {one}" for one in presence.processes(place)) or "its process cannot be seen from here"
        hint = "`vaultcli lock` as the user who unlocked, in the container where it was; or restart the computer"
        raise KeyTrouble(f"an agent still has the keys of these notes ({left})", hint=hint)
    return ended


def forget(store: Store) -> None:
    """Make every agent forget what it opened: an epoch began, a drawer was destroyed, or the clinician's key is another one.

    Raises:
        KeyTrouble: see `lock`.
    """
    lock(store)


def _end_here(vault: str) -> bool:
    """End the agent whose socket is where this environment has it, and whether there was one."""
    try:
        connection = frames.connect(place(vault), PATIENCE)
    except (VaultError, OSError):
        return False
    with connection:
        process = frames.process_of(connection)
        try:
            frames.send(connection, {"do": "lock"})
            frames.receive(connection)
        except (OSError, frames.Broken):
            return _kill(process)
    return True


def _kill(process: int) -> bool:
    """End a process at once, if it is an agent of this user's; whether it was one."""
    try:
        if SERVER.encode() not in Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0"):
            return False
        os.kill(process, signal.SIGKILL)
    except OSError:
        return False
    return True


def state(vault: str) -> State | None:
    """What the vault's agent can do; None where there is none."""
    try:
        said, _ = _ask(vault, {"do": "state"})
        return State(bool(said["reading"]), int(said["left"]), tuple(said["missing"]))
    except (VaultError, OSError, KeyError, TypeError, ValueError):
        return None


class Agent:
    """An `Opener` that asks the agent.

    Args:
        vault: the vault's random id.
    """

    def __init__(self, vault: str) -> None:
        self._vault = vault

    def drawers(self) -> Mapping[str, Known]:
        """Every drawer that is not destroyed, by token."""
        said, _ = _ask(self._vault, {"do": "drawers"})
        known = (Known(*row) for row in said["drawers"])
        return {one.token: one._replace(signers=tuple(one.signers)) for one in known}

    def open(self, token: str, raw: bytes) -> bytes:
        """The plaintext of one sealed file of a drawer."""
        _, plain = _ask(self._vault, {"do": "open", "token": token}, raw)
        return plain

    def open_many(self, token: str, raws: Sequence[bytes]) -> list[bytes | None]:
        """The plaintexts of several sealed files of a drawer, asked for at once; None for each that does not open.

        Args:
            token: the drawer.
            raws: the files; together no longer than `frames.MOST` allows.
        """
        question = {"do": "open-many", "token": token, "sizes": [len(raw) for raw in raws]}
        said, data = _ask(self._vault, question, b"".join(raws))
        found: list[bytes | None] = []
        at = 0
        for size in said["sizes"]:
            found.append(None if size < 0 else data[at : at + size])
            at += max(size, 0)
        return found


def _ask(vault: str, question: dict[str, Any], data: bytes = b"") -> tuple[dict[str, Any], bytes]:
    try:
        with frames.connect(place(vault)) as connection:
            frames.send(connection, question, data)
            said, answer = frames.receive(connection)
    except (TimeoutError, frames.Broken, ConnectionError):
        raise KeyTrouble("the agent does not answer", hint="`vaultcli lock`, then `vaultcli unlock`") from None
    if "error" in said:
        raise _error(said)
    return said, answer


def _error(said: Mapping[str, Any]) -> VaultError:
    kind = getattr(errors, str(said["error"]), KeyTrouble)
    if not (isinstance(kind, type) and issubclass(kind, VaultError)):
        kind = KeyTrouble
    return kind(str(said.get("message", "")), hint=str(said.get("hint", "")))
