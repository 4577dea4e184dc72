"""The agent opens what it is asked to, gives no identity away, forgets in time, and answers nobody else."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import sealed
from vaultcli.ground.errors import KeyTrouble
from vaultcli.ground.process import frames
from vaultcli.psychotherapy.unlock import agent
from vaultcli.psychotherapy.unlock.agent import Agent


@pytest.fixture
def world(tmp_path: Path) -> Iterator[sealed.SealedWorld]:
    made = sealed.begin(tmp_path, "ada")
    yield made
    with made.store() as store:
        agent.lock(store.vault)


def start(world: sealed.SealedWorld, idle: int = 900) -> str:
    with world.store() as store:
        agent.start(store, world.keys(store).epoch, idle)
        return store.vault


def test_it_opens_notes_without_a_passphrase(world: sealed.SealedWorld) -> None:
    known, id_ = world.note("She spoke of the river.\n")
    vault = start(world)
    opener = Agent(vault)
    assert opener.drawers() == {known.token: known}
    with world.store() as store:
        found = sealed.opened(store, opener, known, id_)
    assert (found.contents.text, found.problem) == (b"She spoke of the river.\n", "")
    state = agent.state(vault)
    assert state is not None
    assert state.reading


def test_it_learns_of_drawers_made_after_it_began(world: sealed.SealedWorld) -> None:
    vault = start(world)
    known, _ = world.note("one\n")
    assert known.token in Agent(vault).drawers()


def test_after_the_idle_time_it_keeps_the_map_and_reads_no_more(world: sealed.SealedWorld) -> None:
    known, id_ = world.note("one\n")
    vault = start(world, idle=1)
    deadline = time.monotonic() + 20
    while (state := agent.state(vault)) is not None and state.reading and time.monotonic() < deadline:
        time.sleep(0.1)
    assert Agent(vault).drawers() == {known.token: known}
    with world.store() as store, pytest.raises(KeyTrouble, match="reads no more"):
        sealed.opened(store, Agent(vault), known, id_)


def test_lock_ends_it_and_takes_its_socket_away(world: sealed.SealedWorld) -> None:
    vault = start(world)
    place = agent.place(vault)
    assert place.exists()
    assert agent.lock(vault)
    assert not place.exists()
    assert agent.state(vault) is None
    assert not agent.lock(vault)
    with pytest.raises(KeyTrouble):
        Agent(vault).drawers()


def process_of(vault: str) -> int:
    with frames.connect(agent.place(vault)) as connection:
        return frames.process_of(connection)


def test_lock_ends_one_that_does_not_answer(world: sealed.SealedWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    vault = start(world)
    monkeypatch.setattr(agent, "PATIENCE", 0.2)
    os.kill(process := process_of(vault), signal.SIGSTOP)
    assert agent.lock(vault)
    until = time.monotonic() + 10
    while Path(f"/proc/{process}/maps").exists() and Path(f"/proc/{process}/maps").read_bytes() and time.monotonic() < until:
        time.sleep(0.05)
    assert agent.state(vault) is None
    assert not agent.lock(vault)


def test_its_memory_is_locked_also_what_came_after_its_beginning(world: sealed.SealedWorld) -> None:
    known, _ = world.note("one " * 100_000)
    vault = start(world)
    state = agent.state(vault)
    assert state is not None
    if any("swapped" in said for said in state.missing):
        pytest.skip("this user may not lock so much memory, and is told so")
    with world.store() as store:
        Agent(vault).open(known.token, store.raw(store.files(known.token)[0].path))
    ours = Path(f"/proc/{process_of(vault)}/smaps").read_text().split("VmFlags:")[1:]
    assert ours
    open_ = [flags for flags in (part.splitlines()[0].split() for part in ours) if "wr" in flags and "lo" not in flags]
    assert not [flags for flags in open_ if "sh" not in flags and "dd" not in flags]


def test_a_second_unlock_replaces_the_first(world: sealed.SealedWorld) -> None:
    world.note("one\n")
    assert start(world) == start(world)
    assert len(Agent(start(world)).drawers()) == 1


def test_nothing_it_answers_holds_a_secret(world: sealed.SealedWorld) -> None:
    known, _ = world.note("one\n")
    vault = start(world)
    for question in ("state", "drawers", "open", "identity", "keys", "lock"):
        with frames.connect(agent.place(vault)) as connection:
            frames.send(connection, {"do": question, "token": known.token})
            said, data = frames.receive(connection)
            assert b"AGE-SECRET" not in str(said).encode() + data


def test_what_is_no_question_does_not_end_it(world: sealed.SealedWorld) -> None:
    vault = start(world)
    sizes = (b'{"size": -1}\n', b'{"size": 99999999999}\n', b'{"do": 5, "size": 0}\n')
    for raw in (b"", b"x", b"{}\n", *sizes, b"[" * 70_000 + b"\n", b"[" * 60_000 + b"\n"):
        with frames.connect(agent.place(vault)) as connection, contextlib.suppress(ConnectionError):
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
    assert agent.state(vault) is not None


def test_its_folder_and_socket_are_this_users_alone(world: sealed.SealedWorld) -> None:
    place = agent.place(start(world))
    assert place.parent.stat().st_mode & 0o077 == 0
    assert place.stat().st_mode & 0o077 == 0


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc: the agent's own process was not looked into")
def test_neither_arguments_environment_nor_memory_files_show_the_secret(world: sealed.SealedWorld) -> None:
    vault = start(world)
    with world.store() as store:
        secret = world.keys(store).epoch.key.secret.encode()
    pids = subprocess.run(["pgrep", "-f", f"{agent.SERVER} {world.settings.root}"], capture_output=True, text=True).stdout.split()
    assert pids, vault
    for pid in pids:
        for name in ("cmdline", "environ"):
            assert secret not in Path(f"/proc/{pid}/{name}").read_bytes()
        limits = Path(f"/proc/{pid}/limits").read_text()
        assert "Max core file size        0 " in limits
        if os.getuid():
            with pytest.raises(PermissionError):
                os.open(f"/proc/{pid}/mem", os.O_RDONLY)


def test_many_files_are_opened_at_one_question_and_those_that_do_not_open_are_told(world: sealed.SealedWorld) -> None:
    known, _ = world.note("one\n")
    world.note("two\n", known=known)
    vault = start(world)
    with world.store() as store:
        raws = [store.raw(at.path) for at in store.files(known.token)]
        alone = [Agent(vault).open(known.token, raw) for raw in raws]
        assert Agent(vault).open_many(known.token, [raws[0], b"no age file", raws[1]]) == [alone[0], None, alone[1]]
    assert Agent(vault).open_many(known.token, []) == []
    with frames.connect(agent.place(vault)) as connection:
        frames.send(connection, {"do": "open-many", "token": known.token, "sizes": [-1, "x"]})
        assert frames.receive(connection)[0]["error"] == "KeyTrouble"
    agent.lock(vault)
    with pytest.raises(KeyTrouble):
        Agent(vault).open_many(known.token, raws)
