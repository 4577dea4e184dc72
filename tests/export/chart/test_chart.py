"""A client's chart as it goes out: only what verified, corrections in place, withdrawn text nowhere."""

import pytest

from tests import vaults
from tests.helpers import store_object
from vaultcli.places.chart.chart import Recording


@pytest.fixture
def world(tmp_path, monkeypatch):
    made = vaults.make(tmp_path / "vault", people=(vaults.LEE, vaults.SAM))
    monkeypatch.chdir(made.vault.root)
    return made


def note(world, words: str, handle: str = "ada", *, sign: bool = True, cli=None) -> str:
    path = world.write(handle, vaults.NOTE.replace(b"She came on time", words.encode()))
    id_ = path.name[-19:-3]
    if sign:
        assert cli("sign", id_, "--yes").code == 0
    return id_


def chart_of(cli, *args: str) -> str:
    result = cli("export", "ada", "--stdout", *args)
    assert result.code == 0, result.err
    return result.out


def test_drafts_stay_out_unless_asked_for_and_are_marked_then(world, cli):
    note(world, "Signed words", cli=cli)
    note(world, "Draft words", sign=False)
    assert "Draft words" not in chart_of(cli)
    with_drafts = chart_of(cli, "--drafts")
    assert "Draft words" in with_drafts
    assert "DRAFT" in with_drafts


def test_a_correction_is_rendered_in_its_place(world, cli, editor):
    id_ = note(world, "She came late", cli=cli)
    from tests.helpers import replace

    editor.will(replace("came late", "came early"))
    assert cli("amend", id_, "--reason", "misheard").code == 0
    text = chart_of(cli)
    assert "She came <del>late</del><ins>early</ins>" in text
    assert "Reason: misheard" in text


@pytest.mark.parametrize("reason", ["wrong-client", "entered-in-error"])
def test_a_withdrawn_note_leaves_a_neutral_line_and_no_text(world, cli, tmp_path, reason):
    id_ = note(world, "Belongs elsewhere", cli=cli)
    note(world, "Belongs here", cli=cli)
    assert cli("withdraw", id_, "--reason", reason, "--yes").code == 0
    out = tmp_path / "out"
    assert cli("export", "ada", "-o", str(out)).code == 0
    everything = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    assert b"Belongs elsewhere" not in everything
    assert b"Belongs here" in everything
    assert b"A note of this date was withdrawn" in everything
    assert reason.encode() not in everything


def test_a_record_that_does_not_verify_is_not_exported(world, cli):
    note(world, "Came", cli=cli)
    with world.chart() as chart:
        head = chart.repository.head(f"client/{world.clients['ada']}")
        tree = chart.repository.commit(head).tree
        text = f"tree {tree}\nparent {head}\nauthor A <a> 1800000000 +0000\ncommitter A <a> 1800000000 +0000\n\nhello\n"
        bad = store_object(chart.repository.git, text.encode(), "commit")
        chart.repository.git.update_ref(f"refs/heads/client/{world.clients['ada']}", bad, head)
    result = cli("export", "ada", "--stdout")
    assert result.code == 10
    assert result.out == ""


def test_without_a_pin_nothing_goes_out(world, cli, tmp_path, monkeypatch):
    note(world, "Came", cli=cli)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another-machine"))
    assert cli("export", "ada", "--stdout").code == 11


def test_another_clients_words_ids_and_names_are_nowhere(world, cli, tmp_path):
    note(world, "Ada was here", cli=cli)
    other = note(world, "Bo was here", "bo", cli=cli)
    out = tmp_path / "out"
    assert cli("export", "ada", "-o", str(out)).code == 0
    everything = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file()) + str(list(out.rglob("*"))).encode()
    for trace in (b"Bo was here", b"Bo Example", other.encode(), world.clients["bo"].encode()):
        assert trace not in everything


def test_a_trainees_note_says_that_it_waits_for_its_supervisor(world, cli):
    sam = world.as_person("sam-trainee")
    from vaultcli.places.chart.chart import Chart

    with Chart(sam) as chart:
        id_ = "0000000000000abc"
        path = f"notes/2026-11-20-progress-{id_}.md"
        raw = vaults.NOTE.replace(b"{id}", id_.encode())
        chart.record(world.clients["ada"], Recording("draft", (id_,), {path: raw}), world.tick())
        from tests.work.notes.test_sign import entries, sign

        sign(chart, world, entries(chart, world))
    assert "The note still needs the co-signature of Lee Example." in chart_of(cli)
    assert cli("cosign", "--yes").code == 0
    assert "Co-signed by Lee Example" in chart_of(cli)


def test_the_folder_is_never_written_over_anything(world, cli, tmp_path):
    note(world, "Came", cli=cli)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("x")
    assert cli("export", "ada", "-o", str(tmp_path / "out")).code == 6
    assert (tmp_path / "out" / "mine").read_text() == "x"
