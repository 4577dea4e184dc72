"""The note commands as a user types them, in a vault whose identity costs no time to open."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import helpers, sealed
from tests.helpers import Result, run_here
from tests.sealed import SealedWorld
from vaultcli.ground.age import seal as age
from vaultcli.ground.process import marks
from vaultcli.places.sealed import log_state
from vaultcli.psychotherapy.notes import access_log, recovery_copies, write
from vaultcli.psychotherapy.unlock import agent

CANARY = "The heron waited by the frozen canal."


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SealedWorld]:
    made = sealed.begin(tmp_path, "ada", "bo")
    monkeypatch.chdir(made.world.vault.root)
    yield made
    with made.store() as store:
        agent.lock(store)


def run(*args: str, stdin: str = "", code: int = 0, **env: str) -> Result:
    words = list(args)
    if "-m" in words and words[at := words.index("-m") + 1] != "-":
        # a note's words are never on the command line
        words[at], stdin = "-", f"{words[at]}\n"
    done = run_here(["psychotherapy", *words], stdin=stdin, env=env)
    assert done.code == code, done
    return done


def id_of(done: Result) -> str:
    return done.out.split()[2].rstrip(",")


def commits(world: SealedWorld) -> int:
    with world.store() as store:
        return len(store.repository.git.rev_list(store.head))


def test_a_clients_first_note_and_drawer_are_one_commit(world: SealedWorld) -> None:
    before = commits(world)
    done = run("new", "ada", "--session", "14", "--date", "2026-11-20", "-m", CANARY)
    assert done.out == f"sealed ada {id_of(done)} (7 words) for Ada Example\n"
    assert commits(world) == before + 1
    with world.store() as store:
        (known,) = world.keys(store).drawers().values()
        assert (known.kind, known.client, known.name) == ("client", world.world.clients["ada"], "Ada Example")
    shown = run("show", "ada").out
    assert CANARY in shown
    assert "PSYCHOTHERAPY NOTES" in shown
    assert "2026-11-20 · individual · 14" in shown


def test_a_second_note_goes_into_the_same_drawer(world: SealedWorld) -> None:
    run("new", "ada", "-m", "one")
    run("new", "ada", "-m", "-", stdin="two\n")
    with world.store() as store:
        assert [one.kind for one in world.keys(store).drawers().values()] == ["client"]
    assert len(json.loads(run("list", "ada", "--json").out)["notes"]) == 2
    assert run("list").out == "ada  Ada Example  2 files\n"


def test_an_unchanged_note_is_not_sealed_anew(world: SealedWorld) -> None:
    run("new", "ada", "-m", "one")
    raw = run("show", "ada", "--raw").out
    before = commits(world)
    done = run("edit", "ada", "-m", "-", stdin=raw)
    assert done.out.startswith("unchanged ada")
    assert commits(world) == before


def test_versions_stay_and_are_compared(world: SealedWorld) -> None:
    made = run("new", "ada", "-m", "The river was wide.")
    text = run("show", "ada", "--raw").out
    run("edit", "ada", "-m", "-", stdin=text.replace("wide", "narrow"))
    assert "[-wide-]{+narrow+}" in run("diff", "ada").out
    assert "wide" in run("show", "ada", "--version", "1").out
    rows = json.loads(run("log", id_of(made), "--json").out)["versions"]
    assert [row["version"] for row in rows] == [2, 1]
    done = run("show", "ada", "--version", "3", code=3)
    assert "there is no version 3" in done.err


def test_a_text_of_which_little_is_left_asks(world: SealedWorld) -> None:
    run("new", "ada", "-m", "word " * 40)
    done = run("edit", "ada", "-m", "gone", code=4)
    assert "1 of 40 words are left" in done.err
    run("edit", "ada", "-m", "gone", "--anyway")


def test_nothing_written_records_nothing(world: SealedWorld) -> None:
    before = commits(world)
    run("new", "ada", "-m", " ", code=5)
    done = run("new", "ada", "-m", "<!-- nothing -->")
    assert done.out == "nothing was written; nothing was recorded\n"
    assert commits(world) == before


def test_additions_and_attachments_belong_to_their_note(world: SealedWorld, tmp_path: Path) -> None:
    note = id_of(run("new", "ada", "-m", "one"))
    scan = tmp_path / "scan.png"
    scan.write_bytes(b"\x89PNG\r\n\x1a\n" + os.urandom(100))
    run("add", "ada", "-m", "A later thought.")
    done = run("attach", note[:6], str(scan), "-m", "her drawing")
    assert "still on the disk in the clear" in done.err
    shown = run("show", "ada").out
    assert "A later thought." in shown
    assert "attachment · scan.png, 108 bytes" in shown
    attached = json.loads(run("list", "ada", "--json").out)["notes"][0]["attachments"][0]
    raw = subprocess.run(["vaultcli", "psychotherapy", "show", attached, "--raw"], capture_output=True, check=True).stdout
    assert raw == scan.read_bytes()


def test_search_finds_words_and_tells_nobody_which(world: SealedWorld) -> None:
    run("new", "ada", "-m", "His résumé went\nout to the river.")
    run("new", "bo", "-m", "No water anywhere.")
    found = json.loads(run("search", "RESUME went", "--json").out)
    assert (found["found"], found["hits"][0]["places"][0]["found"]) == (1, ["résumé went"])
    run("search", "resume", "water", code=1)
    run("search", "resume", "--client", "bo", code=1)
    assert "Bo Example" in run("search", "wat*").out
    events = json.loads(run("log", "--access", "--json").out)["events"]
    assert [one["event"] for one in events] == ["search"] * 4
    assert "resume" not in json.dumps(events)


def test_two_commands_do_not_write_one_note(world: SealedWorld) -> None:
    note = id_of(run("new", "ada", "-m", "one"))
    with world.store() as store, marks.mark(recovery_copies.mark(store, note)) as free:
        assert free
        done = run("edit", "ada", "-m", "two words more", code=6)
    assert "open in another `vaultcli`" in done.err


def test_names_come_from_the_drawers_where_there_is_no_chart(world: SealedWorld) -> None:
    run("new", "ada", "-m", "one")
    world.world.vault.chart.rename(world.world.vault.chart.with_name("elsewhere"))
    assert "one" in run("show", "Ada Example").out


# what stock age sealed


def recipient(world: SealedWorld) -> tuple[str, str]:
    with world.store() as store:
        known = next(one for one in world.keys(store).drawers().values() if one.kind == "client")
        return known.token, known.recipient


def test_what_stock_age_sealed_is_taken_in_unsigned_and_confirmed(world: SealedWorld) -> None:
    run("new", "ada", "-m", "one")
    token, key = recipient(world)
    folder = world.settings.repository / token
    subprocess.run(["age", "-r", key, "-o", str(folder / "mine.age")], input=b"Typed elsewhere.\n", check=True)
    (folder / "plain.md").write_text("in the clear")
    done = run("save", code=1)
    assert "unsigned" in done.out
    assert f"{token}/plain.md" in done.err
    assert not (folder / "mine.age").exists()
    taken = id_of(done)
    assert "unsigned" in run("show", taken).out
    run("confirm", taken)
    assert "unsigned" not in run("show", taken).out
    run("confirm", taken, code=5)


def test_a_note_sealed_anew_in_its_place_becomes_its_next_version(world: SealedWorld) -> None:
    note = id_of(run("new", "ada", "-m", "one"))
    token, key = recipient(world)
    place = world.settings.repository / token / f"{note}.age"
    place.unlink()
    subprocess.run(["age", "-r", key, "-o", str(place)], input=b"Typed elsewhere.\n", check=True)
    run("save")
    assert "Typed elsewhere." in run("show", note).out
    assert len(json.loads(run("log", note, "--json").out)["versions"]) == 2


# recovery copies


def test_a_recovery_copy_of_a_first_note_is_found_and_recorded(world: SealedWorld) -> None:
    """The process that wrote was killed: neither drawer nor note is recorded."""
    with world.store() as store:
        target = write.first(store, world.world.clients["ada"], "Ada Example", world.tick())
        write.keep(store, target, b"Half a sentence\n", world.tick())
    done = run("list")
    assert "a recovery copy of what was being written" in done.err
    assert "of a new note" in run("recover").out
    run("recover", target.id[:5])
    assert "Half a sentence" in run("show", "ada").out
    assert "recovery" not in run("list").err


def test_a_recovery_copy_is_discarded_by_name(world: SealedWorld) -> None:
    run("new", "ada", "-m", "one")
    with world.store() as store:
        (known,) = world.keys(store).drawers().values()
        target = write.fresh(known)
        write.keep(store, target, b"Half a sentence\n", world.tick())
    run("recover", target.id, "--discard", "--anyway")
    assert run("recover").out == "no recovery copies\n"


# nowhere else


def everything(*tops: Path) -> Iterator[tuple[Path, bytes]]:
    for top in tops:
        for path in top.rglob("*"):
            if path.is_file() and not path.is_symlink():
                yield path, path.read_bytes()


def objects(repository: Path) -> bytes:
    done = subprocess.run(
        ["git", "cat-file", "--batch-all-objects", "--batch"], cwd=repository, capture_output=True, check=True
    )
    return done.stdout


def state_of(folder: Path) -> str:
    digest = hashlib.sha256()
    for path, raw in sorted(everything(folder)):
        digest.update(str(path).encode() + raw)
    return digest.hexdigest()


def test_the_text_is_nowhere_and_the_chart_untouched(world: SealedWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temp"))
    (tmp_path / "temp").mkdir()
    chart = world.world.vault.chart
    before = state_of(chart)
    run("new", "ada", "-m", "-", stdin=CANARY + "\n")
    text = run("show", "ada", "--raw").out
    run("edit", "ada", "-m", "-", stdin=text + "More of it.\n")
    run("add", "ada", "-m", "-", stdin=CANARY + "\n")
    # the editor's own file must not hold what is looked for
    run("new", "bo", EDITOR=script(tmp_path, r"""printf 'Another \150eron.\n' >> "$1" """))
    run("new", "bo", code=13, EDITOR=script(tmp_path, r"""printf 'Half a \150eron.\n' >> "$1" """, "exit 1"))
    assert "Another heron" in run("show", "bo").out
    assert CANARY in run("show", "ada").out
    assert "heron" in run("search", "heron").out
    run("diff", "ada")
    run("log", "ada")
    run("list", "ada")
    assert run_here(["lock"]).code == 0
    assert state_of(chart) == before
    home = Path(os.environ["HOME"])
    files = [(path, raw) for path, raw in everything(tmp_path, home) if chart not in path.parents]
    assert [path for path, raw in files if b"heron" in raw or b"Ada Example" in raw] == []
    assert b"heron" not in objects(world.settings.repository) + objects(chart)
    # the same search finds what is in the clear
    (tmp_path / "control").write_text(CANARY)
    assert any(b"heron" in raw for _, raw in everything(tmp_path))


# the access log


def test_openings_are_logged_before_they_are_shown_and_recorded_at_lock(world: SealedWorld) -> None:
    run("new", "ada", "-m", "one")
    run("show", "ada")
    run("show", "ada")
    run("edit", "ada", "-m", "one two three")
    run("show", "ada")
    events = json.loads(run("log", "--access", "--json").out)
    assert [(one["n"], one["event"], one["recorded"]) for one in events["events"]] == [
        (1, "show", True),
        (2, "show", True),
        (3, "edit", True),
        (4, "show", False),
    ]
    assert events["findings"] == []
    assert run_here(["lock"]).out == "nothing was unlocked\nrecorded the access log\n"
    events = json.loads(run("log", "--access", "--json").out)
    assert all(one["recorded"] for one in events["events"])


@pytest.mark.parametrize("how", ["deleted", "rolled back", "edited", "emptied"])
def test_what_waits_is_missed_when_somebody_takes_it_away(world: SealedWorld, how: str) -> None:
    run("new", "ada", "-m", "one")
    run("show", "ada")
    with world.store() as store:
        clone = store.repository.clone_id
    old = log_state.load(clone)
    assert old is not None
    run("show", "ada")
    now = log_state.load(clone)
    assert now is not None
    if how == "deleted":
        log_state.place(clone).unlink()
    elif how == "rolled back":
        run_here(["lock"])
        log_state.put(clone, old)
    elif how == "edited":
        log_state.put(clone, log_state.Memory(**{**vars(now), "piece": now.piece[:-1] + b"x"}))
    else:
        log_state.put(clone, log_state.Memory(now.token, now.number, now.n, now.header, last=now.last))
    with world.store() as store:
        before = access_log.check(store, world.keys(store))
    if how != "emptied":
        assert before, how
    # it is not forgotten when the log goes on
    run("show", "ada")
    run_here(["lock"])
    done = run("log", "--access", code=1)
    assert "access-log" in done.err


def test_two_openings_at_once_are_two_events(world: SealedWorld) -> None:
    run("new", "ada", "-m", "one")
    run("show", "ada")
    command = [str(helpers.SCRIPTS / "vaultcli"), "psychotherapy", "show", "ada"]
    several = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [one.wait() for one in several] == [0, 0, 0]
    told = json.loads(run("log", "--access", "--json").out)
    assert [one["n"] for one in told["events"]] == [1, 2, 3, 4]
    assert told["findings"] == []


# the agent


def unlocked(world: SealedWorld, *args: str) -> None:
    done = run_here(["unlock", *args])
    assert done.code == 0, done


def test_with_the_agent_nothing_asks_and_after_its_time_only_new_notes_can_be_written(world: SealedWorld) -> None:
    run("new", "ada", "-m", "one")
    unlocked(world, "--for", "1h")
    assert "one" in run("show", "ada").out
    (world.settings.keys / world.settings.identity).rename(world.settings.keys / "away")
    assert "one" in run("search", "one").out
    run("new", "ada", "-m", "two")
    assert run_here(["lock"]).out == "locked\n"  # the log went with the note
    assert "not there" in run("show", "ada", code=7).err


def test_an_agent_that_reads_no_more_still_knows_where_a_note_goes(world: SealedWorld) -> None:
    import time

    run("new", "ada", "-m", "one")
    unlocked(world, "--for", "1s")
    with world.store() as store:
        deadline = time.monotonic() + 20
        while (state := agent.state(store.vault)) is not None and state.reading and time.monotonic() < deadline:
            time.sleep(0.1)
    (world.settings.keys / world.settings.identity).rename(world.settings.keys / "away")
    run("new", "ada", "-m", "two")
    run("show", "ada", code=7)
    run_here(["lock"])
    (world.settings.keys / "away").rename(world.settings.keys / world.settings.identity)
    assert len(json.loads(run("list", "ada", "--json").out)["notes"]) == 2


@pytest.mark.parametrize(
    ("text", "good"), [("90s", True), ("15", True), ("0m", False), ("13h", False), ("soon", False), ("-5m", False)]
)
def test_for_takes_a_time(world: SealedWorld, text: str, good: bool) -> None:
    assert (run_here(["unlock", f"--for={text}"]).code == 0) is good


# an editor


def script(tmp_path: Path, *lines: str) -> str:
    """An editor that runs these lines on the file, `$1`; it may write nowhere else."""
    made = tmp_path / "ed"
    made.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    made.chmod(0o755)
    return str(made)


def test_an_editor_writes_in_memory_and_prompts_are_taken_out(world: SealedWorld, tmp_path: Path) -> None:
    done = run("new", "ada", EDITOR=script(tmp_path, f'echo "{CANARY}" >> "$1"'))
    assert done.out.startswith("sealed ada")
    shown = run("show", "ada").out
    assert CANARY in shown
    assert "<!--" not in shown
    assert "## For supervision" in shown
    with world.store() as store:
        assert recovery_copies.waiting(store) == []


def test_an_editor_that_writes_nothing_records_nothing(world: SealedWorld, tmp_path: Path) -> None:
    before = commits(world)
    done = run("new", "ada", EDITOR=script(tmp_path, "exit 0"))
    assert done.out == "nothing was written; nothing was recorded\n"
    assert "ended at once" in done.err
    assert commits(world) == before


def test_an_edit_in_an_editor_is_the_next_version(world: SealedWorld, tmp_path: Path) -> None:
    run("new", "ada", "-m", "one")
    run("edit", "ada", EDITOR=script(tmp_path, 'echo two >> "$1"'))
    assert "{+two" in run("diff", "ada").out


def test_an_editor_that_fails_after_a_save_loses_nothing(world: SealedWorld, tmp_path: Path) -> None:
    done = run("new", "ada", code=13, EDITOR=script(tmp_path, f'echo "{CANARY}" >> "$1"', "exit 1"))
    assert "psychotherapy recover" in done.err
    with world.store() as store:
        (one,) = recovery_copies.waiting(store)
    run("recover", one.id)
    assert CANARY in run("show", "ada").out


def test_no_editor_opens_where_the_recipient_is_not_the_pinned_one(world: SealedWorld, tmp_path: Path) -> None:
    """The drawer opens, and this machine remembers another recipient for it: nothing is asked and nothing typed."""
    from vaultcli.places.sealed import pins

    run("new", "ada", "-m", "one")
    with world.store() as store:
        token = next(one.token for one in world.keys(store).drawers().values() if one.kind == "client")
        pins.put(pins.Pins(**{**vars(store.pins), "drawers": {token: (age.generate().recipient,)}}))
    opened = tmp_path / "opened"
    done = run("new", "ada", code=4, EDITOR=script(tmp_path, f"touch {opened}"))
    assert "another recipient" in done.err
    assert not opened.exists()


def test_a_first_note_that_was_given_up_leaves_no_trace_of_its_drawer(world: SealedWorld) -> None:
    run("new", "ada", "-m", "-", stdin="<!-- nothing -->")
    with world.store() as store:
        assert not store.pins.drawers
    assert run("verify").code == 0
    run("new", "ada", "-m", "-", stdin="one")
    with world.store() as store:
        assert set(store.pins.drawers) == set(store.drawers())


def test_no_command_that_opens_notes_leaves_a_core_file(world: SealedWorld) -> None:
    before = resource.getrlimit(resource.RLIMIT_CORE)
    run("list")
    assert max(resource.getrlimit(resource.RLIMIT_CORE)) <= 1, before


WRITING = (
    ("new", "{}", "-m", "two"),
    ("edit", "{}", "-m", "two"),
    ("add", "{}", "-m", "two"),
    ("attach", "{}", "page.txt"),
    ("confirm", "{}"),
    ("edit", "{}~0", "-m", "two"),
    ("share", "{}", "--with", "id.pub", "--basis", "supervision", "-o", "../out.age", "--yes"),
    ("revoke", "{}", "--with", "id.pub", "--yes"),
    ("destroy", "{}", "--certificate", "../c.toml", "--yes-destroy", "ada"),
)


@pytest.mark.parametrize("words", WRITING, ids=lambda words: " ".join(words[:2]))
def test_what_writes_hands_over_or_destroys_takes_no_part_of_a_name(world: SealedWorld, words: tuple[str, ...]) -> None:
    run("new", "ada", "-m", "one")
    Path("page.txt").write_text("a page\n")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "id"], check=True)
    before = commits(world)
    for part in ("da Exam", "ad", "Ada Example"):
        done = run(*(word.format(part) for word in words), code=3)
        assert f"no client is called {part}; did you mean\n  ada  Ada Example" in done.err
    assert commits(world) == before
    assert not list(world.world.vault.root.parent.glob("*.age"))
    # the control: reading takes it
    assert "one" in run("show", "da Exam").out


def test_whose_note_it_is_is_told_before_and_after(world: SealedWorld) -> None:
    done = run("new", "ada", "-m", "one")
    assert done.err.startswith("for Ada Example\n")
    assert done.out.endswith(" for Ada Example\n")
