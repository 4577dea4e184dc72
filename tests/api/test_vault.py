"""The Python API: what scripts see, judge, give away and write, in a real vault."""

import datetime as dt
import json
import threading

import pytest

import vaultcli
from tests import vaults
from tests.helpers import store_object
from vaultcli import BadInput, Conflict, KeyTrouble, NotFound, NotVerified, Refused, Unpinned, Vault

NOW = dt.datetime.fromisoformat("2026-11-23T15:00:00-05:00")


@pytest.fixture
def world(tmp_path, monkeypatch):
    made = vaults.make(tmp_path / "vault", people=(vaults.LEE, vaults.SAM))
    monkeypatch.chdir(made.vault.root)
    return made


@pytest.fixture
def vault(world):
    with Vault.open(clock=lambda: NOW) as opened:
        yield opened


def written(world, handle="ada", words="She came on time", day="2026-11-20", **more):
    raw = vaults.NOTE.replace(b"She came on time", words.encode()).replace(b"date: 2026-11-20", f"date: {day}".encode())
    return world.write(handle, raw, day=day, **more)


# opening


def test_a_vault_is_found_by_its_folder_by_the_variable_and_upwards(world, monkeypatch, tmp_path):
    with Vault.open(world.vault.root) as vault:
        assert (vault.practice, vault.me, vault.path) == ("Riverside Counseling", "lee-example", world.vault.root)
    monkeypatch.chdir(world.folder("ada"))
    with Vault.open() as vault:
        assert vault.path == world.vault.root
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotFound):
        Vault.open()
    monkeypatch.setenv("VAULTCLI_VAULT", str(world.vault.root))
    with Vault.open() as vault:
        assert vault.path == world.vault.root


def test_nothing_private_is_in_what_it_prints_as(world, vault):
    written(world, words="Secret words")
    assert repr(vault) == f"<Vault {world.vault.root}>"
    note = vault.note("ada")
    for text in (repr(note), str(note), repr(list(vault.notes()))):
        assert "Secret" not in text
        assert "Ada" not in text
        assert note.id in text


# looking


def test_clients_and_a_client(vault, world):
    assert [client.handle for client in vault.clients()] == ["ada", "bo"]
    assert vault.client("Bo Ex").id == world.clients["bo"]
    with pytest.raises(NotFound):
        vault.client("nobody")


def test_notes_are_told_apart_by_client_day_type_and_state(vault, world):
    for handle, day in (("ada", "2026-11-20"), ("ada", "2026-11-18"), ("bo", "2026-11-19")):
        written(world, handle, day=day)
    days = [(note.client.handle, note.date.isoformat()) for note in vault.notes()]
    assert days == [("ada", "2026-11-18"), ("ada", "2026-11-20"), ("bo", "2026-11-19")]
    assert [note.date.day for note in vault.notes("ada", since="2026-11-19")] == [20]
    assert [note.date.day for note in vault.notes("ada", until=dt.date(2026, 11, 19))] == [18]
    assert list(vault.notes(type="intake")) == []
    vault.sign("ada@2026-11-20")
    assert [note.date.day for note in vault.notes(state="signed")] == [20]
    assert len(list(vault.notes(vault.client("bo"), state="draft"))) == 1


@pytest.mark.parametrize("asked", [{"since": "20 November"}, {"until": "2026-02-30"}, {"type": "poem"}, {"state": "final"}])
def test_what_cannot_be_asked_for_is_told_at_once(vault, asked):
    with pytest.raises(BadInput):
        vault.notes(**asked)


def test_a_note_says_what_it_holds(vault, world):
    path = written(world)
    note = vault.note(path.name[-19:-3])
    assert note == vault.note("ada") == vault.note("ada@2026-11-20") == vault.note(str(path))
    assert hash(note) == hash(vault.note("ada"))
    assert (note.path, note.client.handle, note.date) == (path, "ada", dt.date(2026, 11, 20))
    assert (note.time, note.minutes) == ("09:00-09:53", 53)
    assert (note.type, note.format, note.state, note.draft, note.edited) == ("progress", "dap", "draft", True, False)
    assert (note.author, note.signed, note.lateness, note.waits_for) == ("lee-example", None, None, ())
    assert note.recorded is not None
    assert note.recorded.utcoffset() == dt.timedelta(hours=-5)
    assert note.fields["cpt"] == "90834"
    assert note.fields["diagnoses"] == ["F33.1"]
    assert [section.title for section in note.sections] == ["Data", "Assessment", "Plan"]
    assert note.section("plan").strip() == "Next week, same time."
    assert note.section("Homework") == ""
    assert note.words == 15
    assert note.text.encode() == path.read_bytes()
    assert note.body.startswith("\n## Data")


def test_a_note_is_frozen(vault, world):
    written(world)
    note = vault.note("ada")
    for name, value in (("path", None), ("state", "signed"), ("client", None)):
        with pytest.raises(AttributeError):
            setattr(note, name, value)
    with pytest.raises(TypeError):
        note.fields["cpt"] = "1"


def test_additions_signatures_and_texts(vault, world, cli, editor):
    from tests.helpers import replace

    id_ = written(world).name[-19:-3]
    first = vault.sign(id_)[0]
    editor.will(replace("came on time", "came late"))
    assert cli("amend", id_, "--reason", "misheard").code == 0
    assert cli("amend", id_, "-m", "Rang at noon.").code == 0
    note = vault.note(id_)
    assert note != first
    assert [said.kind for said in note.signatures] == ["note", "correction", "addendum"]
    assert [(one.kind, one.signature.reason) for one in note.additions] == [("correction", "misheard"), ("addendum", "")]
    assert note.additions[1].text.strip() == "Rang at noon."
    assert all(one.path.is_file() for one in note.additions)
    assert "came late" in note.text
    assert "came on time" in note.original
    assert note.signatures[0].lateness == note.lateness == 77
    assert note.signatures[0].clock == "set"
    assert note.as_dict() == json.loads(vault.export(note, "jsonl"))


def test_a_withdrawn_note_gives_no_words_unless_its_original_is_asked_for(vault, world, cli):
    id_ = written(world, words="Somebody else").name[-19:-3]
    vault.sign(id_)
    assert cli("withdraw", id_, "--reason", "wrong-client", "--yes").code == 0
    note = vault.note(id_)
    assert (note.state, note.text, note.body, dict(note.fields), note.sections, note.words) == ("withdrawn", "", "", {}, (), 0)
    assert "Somebody else" in note.original
    assert "Somebody" not in json.dumps(note.as_dict())


def test_a_draft_that_cannot_be_read_is_still_a_note(vault, world):
    world.write("ada", b"---\nformat: [dap\n---\n\nHalf a thought.\n")
    note = vault.note("ada")
    assert (note.date, note.minutes, dict(note.fields)) == (dt.date(2026, 11, 20), None, {})
    assert "Half a thought." in note.text


def test_search_leaves_withdrawn_notes_out(vault, world, cli):
    id_ = written(world, words="Spoke of the heron").name[-19:-3]
    vault.sign(id_)
    assert cli("withdraw", id_, "--reason", "wrong-client", "--yes").code == 0
    assert vault.search("heron") == []
    assert [note.state for note in vault.notes(since="2026-11-01")] == ["withdrawn"]


def test_search_finds_words_in_texts_that_stand_and_in_drafts(vault, world):
    signed = written(world, words="Spoke of the heron")
    vault.sign(signed.name[-19:-3])
    draft = written(world, "bo", words="A heron again", day="2026-11-21")
    found = vault.search("heron")
    assert [(match.handle, match.state, match.kind, match.path) for match in found] == [
        ("bo", "draft", "note", draft),
        ("ada", "signed", "note", signed),
    ]
    assert [(one.section, "heron" in one.text) for one in found[0].passages] == [("Data", True)]
    assert signed.read_text().splitlines()[found[1].passages[0].line - 1].startswith("Spoke of the heron")
    assert vault.note(found[1].id).path == signed
    assert [match.handle for match in vault.search("heron", client="ada")] == ["ada"]
    assert vault.search("heron", since="2026-11-22") == []
    assert [match.handle for match in vault.search("hero*", "of the heron")] == ["ada"]
    for text in (repr(found), str(found[0].passages)):
        assert "heron" not in text
        assert "ada" not in text.replace(str(world.vault.root), "")
    with pytest.raises(BadInput):
        vault.search("...")


# judging and giving away


def test_verify_all_one_client_one_note(vault, world):
    written(world)
    vault.sign("ada")
    assert vault.verify().word == "verified"
    assert vault.verify("ada", cold=True).exit_code == 0
    assert "Lee Example" in vault.verify_note("ada").who
    with pytest.raises(NotFound):
        vault.verify("nobody")


def test_what_was_tampered_with_is_found_and_not_exported(vault, world):
    written(world)
    note = vault.sign("ada")[0]
    # a commit of plain git, that nobody signed; a line that is only missing would be brought back
    with world.chart() as chart:
        line = chart.line(world.clients["ada"])
        tree = chart.repository.commit(line.head).tree
        raw = f"tree {tree}\nparent {line.head}\nauthor A <a> 1800000000 +0000\ncommitter A <a> 1800000000 +0000\n\nsave\n"
        oid = store_object(chart.repository.git, raw.encode(), "commit")
        chart.repository.git.update_ref(f"refs/heads/client/{world.clients['ada']}", oid, line.head)
    assert vault.verify().findings
    with pytest.raises(NotVerified), Vault.open() as again:
        again.export(note, "jsonl")


@pytest.mark.parametrize("name", ["markdown", "jsonl", "csv"])
def test_exports_are_those_of_the_command(vault, world, cli, monkeypatch, name):
    written(world)
    written(world, words="Still a draft", day="2026-11-21")
    vault.sign("ada@2026-11-20")
    monkeypatch.setenv("VAULTCLI_CLOCK", NOW.isoformat())
    # the command's own clock goes on by a second at each call; the second one is the export's
    with Vault.open(clock=lambda: NOW + dt.timedelta(seconds=1)) as second:
        mine = second.export("ada", name)
    assert mine.decode() == cli("export", "ada", f"--{name}", "--stdout").out
    assert b"Still a draft" not in mine
    assert (b"Still a draft" in vault.export("ada", name, drafts=True)) is (name != "csv")
    assert b"came on time" not in vault.export("ada", name, since="2026-11-21")


def test_everybody_at_once_comes_by_day_as_sessions_and_by_client_as_notes(vault, world):
    for handle in ("ada", "bo"):
        written(world, handle)
        vault.sign(handle)
    pieces = list(vault.export_all("csv"))
    rows = b"".join(pieces).decode().splitlines()
    assert len(rows) == 3
    assert rows[1:] == sorted(rows[1:], key=lambda row: (row.split(",")[4], row.split(",")[5], row.split(",")[1]))
    lines = b"".join(vault.export_all()).splitlines()
    assert [json.loads(line)["client"] for line in lines] == sorted(world.clients.values())


def test_exports_refuse_what_the_command_refuses(vault, world, monkeypatch, tmp_path):
    written(world)
    with pytest.raises(BadInput):
        vault.export("ada", "docx")
    with pytest.raises(BadInput):
        vault.export_all("markdown")
    with pytest.raises(Refused):
        vault.export(vault.note("ada"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another-machine"))
    with pytest.raises(Unpinned):
        vault.export("ada")


# writing


def test_a_draft_from_text_is_recorded_with_the_clients_defaults(vault, world):
    note = vault.new("ada", "Rang at noon.\n", time="12:00-12:10", type="contact")
    assert (note.state, note.type, note.date, note.fields["place"]) == ("draft", "contact", NOW.date(), "office")
    assert note.body.strip() == "Rang at noon."
    assert note.path.read_text() == note.text
    assert vault.new("ada", time="14:00-14:53", date="2026-11-22").section("Data") != ""


@pytest.mark.parametrize("asked", [{"time": "noon"}, {"type": "poem"}, {"format": "poem"}, {"date": "22 November"}])
def test_a_draft_that_is_refused_leaves_nothing_behind(vault, world, asked):
    with pytest.raises((BadInput, NotFound)):
        vault.new("ada", "Words.", **asked)
    assert world.notes("ada") == []
    with pytest.raises(BadInput):
        vault.new("ada", "nul \0 byte")
    assert world.notes("ada") == []


def test_a_draft_that_cannot_be_recorded_leaves_nothing_behind(vault, world):
    (world.vault.keys / "machine").rename(world.vault.keys / "elsewhere")
    with pytest.raises(KeyTrouble):
        vault.new("ada", "Words.")
    assert world.notes("ada") == []


def test_sign_many_notes_of_many_clients(vault, world):
    for handle in ("ada", "bo", "ada"):
        written(world, handle)
    signed = vault.sign(vault.notes())
    assert [note.client.handle for note in signed] == ["ada", "ada", "bo"]
    assert {note.state for note in signed} == {"signed"}
    assert vault.verify().word == "verified"
    assert vault.sign([]) == []


def test_nothing_is_signed_where_one_cannot_be(vault, world):
    written(world)
    empty = vault.new("bo", time="14:00-14:53")
    with pytest.raises(Refused):
        vault.sign([vault.note("ada"), empty])
    assert not list(vault.notes(state="signed"))


def test_what_changed_since_it_was_read_is_not_signed(vault, world):
    path = written(world)
    note = vault.note("ada")
    path.write_text(path.read_text().replace("on time", "late"))
    with pytest.raises(Conflict):
        vault.sign(note)
    assert vault.note("ada").edited
    assert vault.save().recorded == (path,)
    assert vault.sign(vault.note("ada"))[0].state == "signed"


def test_a_finished_note_is_not_signed_again(vault, world):
    written(world)
    note = vault.sign("ada")[0]
    with pytest.raises(Refused):
        vault.sign(note)


def test_a_passphrase_is_asked_for_once_and_never_without_a_callback(world, monkeypatch):
    import subprocess

    key = world.vault.keys / "personal"
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", "correct horse", "-f", str(key)], check=True)
    for handle in ("ada", "bo"):
        written(world, handle)
    with Vault.open() as vault, pytest.raises(KeyTrouble):
        vault.sign(vault.notes())
    asked = []

    def passphrase(question):
        asked.append(question)
        return "correct horse"

    with Vault.open(passphrase=passphrase) as vault:
        assert len(vault.sign(vault.notes())) == 2
    assert len(asked) == 1


def test_save_says_what_it_left_alone(vault, world):
    signed = written(world)
    vault.sign("ada")
    signed.write_text("---\nid: x\n---\nother words\n")
    stranger = world.folder("ada") / "notes" / "shopping.txt"
    stranger.write_text("milk")
    draft = written(world, "bo", record=False)
    saved = vault.save()
    assert saved.recorded == (draft,)
    assert len(saved.problems) == 2
    assert any(one.startswith(f"{signed}: ") for one in saved.problems)
    assert any(one.startswith(f"{stranger}: ") for one in saved.problems)
    assert "other words" not in str(saved)
    assert vault.save("bo").recorded == ()


def test_two_threads_with_a_vault_each(world):
    failed = []

    def work(handle):
        try:
            with Vault.open(world.vault.root, clock=lambda: NOW) as vault:
                for number in range(3):
                    vault.sign(vault.new(handle, f"Call {number}.\n", type="contact"))
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(handle,)) for handle in ("ada", "bo")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with Vault.open(world.vault.root, clock=lambda: NOW) as vault:
        assert len(list(vault.notes(state="signed"))) == 6
        assert [one.text() for one in vault.verify(cold=True).findings] == []


# the package


def test_every_public_name_is_there_and_described():
    for name in vaultcli.__all__:
        assert getattr(vaultcli, name) is not None
        assert name in dir(vaultcli)
    assert all(getattr(vaultcli, name).__doc__ for name in vaultcli.__all__ if name != "__version__")
    assert issubclass(NotVerified, vaultcli.VaultError)
    with pytest.raises(AttributeError):
        vaultcli.nothing  # noqa: B018
