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
from tests.psychotherapy import handing
from vaultcli.ground.errors import KeyTrouble
from vaultcli.ground.process import frames, presence
from vaultcli.psychotherapy.handover import destroy
from vaultcli.psychotherapy.unlock import agent
from vaultcli.psychotherapy.unlock.agent import Agent


@pytest.fixture
def world(tmp_path: Path) -> Iterator[sealed.SealedWorld]:
    made = sealed.begin(tmp_path, "ada")
    yield made
    with made.store() as store:
        agent.lock(store)


def lock(world: sealed.SealedWorld) -> bool:
    with world.store() as store:
        return agent.lock(store)


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
    assert lock(world)
    assert not place.exists()
    assert agent.state(vault) is None
    assert not lock(world)
    with pytest.raises(KeyTrouble):
        Agent(vault).drawers()


def process_of(vault: str) -> int:
    with frames.connect(agent.place(vault)) as connection:
        return frames.process_of(connection)


def test_lock_ends_one_that_does_not_answer(world: sealed.SealedWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    vault = start(world)
    monkeypatch.setattr(agent, "PATIENCE", 0.2)
    os.kill(process := process_of(vault), signal.SIGSTOP)
    assert lock(world)
    until = time.monotonic() + 10
    while Path(f"/proc/{process}/maps").exists() and Path(f"/proc/{process}/maps").read_bytes() and time.monotonic() < until:
        time.sleep(0.05)
    assert agent.state(vault) is None
    assert not lock(world)


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
    lock(world)
    with pytest.raises(KeyTrouble):
        Agent(vault).open_many(known.token, raws)


def elsewhere(world: sealed.SealedWorld, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> int:
    """An agent that another session began, whose socket this one does not see; its process."""
    with monkeypatch.context() as patch:
        (tmp_path / "runtime").mkdir(mode=0o700)
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "runtime"))
        return process_of(start(world))


def has_ended(process: int) -> bool:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state in "ZX":
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("stopped", [False, True])
def test_lock_ends_one_that_was_begun_under_another_environment(
    world: sealed.SealedWorld, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stopped: bool
) -> None:
    process = elsewhere(world, monkeypatch, tmp_path)
    if stopped:
        os.kill(process, signal.SIGSTOP)
    with world.store() as store:
        assert agent.state(store.vault) is None  # the control: its socket is not seen from here
        assert not agent._end_here(store.vault)
    assert lock(world)
    assert has_ended(process)
    assert not lock(world)


def test_lock_ends_one_whose_queue_is_full(world: sealed.SealedWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    vault = start(world)
    monkeypatch.setattr(agent, "PATIENCE", 0.2)
    os.kill(process := process_of(vault), signal.SIGSTOP)
    waiting = []
    for _ in range(20):
        one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        one.setblocking(False)
        waiting.append(one)
        with contextlib.suppress(BlockingIOError), frames._Short(agent.place(vault)) as name:
            one.connect(name)
    assert lock(world)
    assert has_ended(process)


def test_one_that_cannot_be_ended_is_told(world: sealed.SealedWorld, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Somebody else's process, or one in a container."""
    elsewhere(world, monkeypatch, tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(agent, "PATIENCE", 0.1)
        patch.setattr(agent, "_kill", lambda _: False)
        with pytest.raises(KeyTrouble, match=r"an agent still has the keys of these notes \(process \d+\)"):
            lock(world)
        patch.setattr(presence, "processes", lambda _: [])
        with pytest.raises(KeyTrouble, match="its process cannot be seen from here"):
            lock(world)
    assert lock(world)


def test_nothing_but_an_agent_is_ended(world: sealed.SealedWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever else holds the file is told of and lives."""
    monkeypatch.setattr(agent, "PATIENCE", 0.1)
    with world.store() as store:
        handle = presence.enter(agent.presence_file(store))
        assert presence.processes(agent.presence_file(store)) == [os.getpid()]
        with pytest.raises(KeyTrouble):
            agent.lock(store)
        os.close(handle)
        assert not agent.lock(store)


def test_it_holds_the_repository_only_while_it_knows_a_key(world: sealed.SealedWorld) -> None:
    world.note("one\n")
    vault = start(world, idle=1)
    with world.store() as store:
        assert not presence.is_alone(agent.presence_file(store))
        until = time.monotonic() + 20
        while (state := agent.state(vault)) is not None and state.reading and time.monotonic() < until:
            time.sleep(0.1)
        assert presence.is_alone(agent.presence_file(store), 5)
    assert agent.state(vault) is not None


def test_it_forgets_when_a_newer_epoch_is_there(
    world: sealed.SealedWorld, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Also where whoever began the epoch could not tell it."""
    ada, _ = world.note("She spoke of the river.\n")
    vault = start(world)
    with world.store() as store:
        raw = store.raw(store.files(ada.token)[0].path)
    assert Agent(vault).open(ada.token, raw)
    with monkeypatch.context() as patch:
        patch.setattr(agent, "forget", lambda _: None)
        handing.destroy(world, ada, tmp_path, world.tick())
    with pytest.raises(KeyTrouble, match="reads no more: epoch 2 is in force"):
        Agent(vault).open(ada.token, raw)
    with world.store() as store:
        assert presence.is_alone(agent.presence_file(store), 5)
    assert agent.state(vault) is None


def test_it_forgets_when_the_repository_is_out_of_sight(world: sealed.SealedWorld) -> None:
    ada, _ = world.note("one\n")
    vault = start(world)
    away = world.settings.repository.rename(world.page.parent / "away")
    with pytest.raises(KeyTrouble, match="reads no more: the repository is out of sight"):
        Agent(vault).open(ada.token, b"")
    away.rename(world.settings.repository)
    assert not lock(world)


def test_without_keys_too_it_ends_when_the_repository_is_gone(world: sealed.SealedWorld) -> None:
    world.note("one\n")
    vault = start(world, idle=1)
    until = time.monotonic() + 20
    while (state := agent.state(vault)) is not None and state.reading and time.monotonic() < until:
        time.sleep(0.1)
    away = world.settings.repository.rename(world.page.parent / "away")
    with pytest.raises(KeyTrouble, match="reads no more: the repository is out of sight"):
        Agent(vault).drawers()
    assert agent.state(vault) is None
    away.rename(world.settings.repository)


def test_where_an_agent_cannot_be_ended_the_certificate_leaves_this_machine_pending(
    world: sealed.SealedWorld, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ada, _ = world.note("She spoke of the river.\n")
    with world.store() as store:
        handle = presence.enter(agent.presence_file(store))
    monkeypatch.setattr(agent, "PATIENCE", 0.1)
    step = handing.destroy(world, ada, tmp_path, world.tick())
    (machine,) = (one for one in step.rows[0].listed if one.kind == "machine")
    assert machine.state == "pending"
    assert "still has the keys" in step.trouble[0]
    os.close(handle)
    with world.store() as store, store.machine() as (entry, signer):
        step = destroy.go_on(store, world.tick(), entry, signer)
    assert {one.kind: one.state for one in step.rows[0].listed}["machine"] == "replaced"
