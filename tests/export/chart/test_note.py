"""What an auditor looks for in a note that goes out: who, what, how long, when written and when signed, in what order."""

from __future__ import annotations

import dataclasses
import re

import pytest

from tests import vaults
from tests.export import records
from tests.export.paper.pictures_of import png
from tests.helpers import replace
from tests.work import lines
from vaultcli.export.chart import chart, note, part2, pictures, service
from vaultcli.export.document import Figure, Heading, Prose, Statement
from vaultcli.record.notes import client, fields

ID = "7n5tq2m8wkc4xe9r"


@pytest.fixture
def world(tmp_path, monkeypatch):
    made = vaults.make(tmp_path / "vault", people=(vaults.LEE, vaults.SAM), clients=("ada",))
    monkeypatch.chdir(made.vault.root)
    return made


def chart_of(cli, *args: str) -> str:
    done = cli("export", "ada", "--stdout", *args)
    assert done.code == 0, done.err
    return done.out


def blocks(source, which: int = 0):
    return chart.build(source).parts[1 + which].blocks


def rows(source, which: int = 0) -> dict[str, str]:
    return dict(next(block for block in blocks(source, which) if hasattr(block, "rows")).rows)


def test_service_place_and_minutes_are_in_words():
    found = rows(records.source(records.entry(records.text(ID), ID)))
    assert (found["service"], found["minutes"], found["place"]) == ("individual session", "53", "office")
    raw = records.text(ID, extra="participants: [mother]\n").replace(b"place: office", b"place: video")
    found = rows(records.source(records.entry(raw, ID)))
    assert (found["service"], found["place"]) == ("individual session, with mother", "telehealth, by video")
    couple = dataclasses.replace(records.source(records.entry(raw, ID)), client=dataclasses.replace(records.ADA, kind="couple"))
    assert rows(couple)["service"] == "couple session, with mother"


def test_every_type_and_place_has_words():
    assert set(service.NAMES) == set(fields.TYPES)
    assert set(service.PLACES) == set(fields.PLACES)
    assert service.name("odd-one") == "Odd one"
    assert all(place in told or place == "field" for place, told in service.PLACES.items())


def test_a_heading_says_day_time_type_and_format():
    assert blocks(records.source(records.entry(records.text(ID), ID)))[0] == Heading(
        2, "Sunday, November 22, 2026 · 14:00-14:53 · Progress note (DAP)"
    )


PLAN = b"---\ntype: treatment-plan\ndate: 2026-11-20\nid: %s\n---\n\n## Goals\n\n### g1: %s\n\n- g1.1: Six hours a night\n"


def test_goals_have_the_titles_of_the_plan_that_was_in_force_on_that_day():
    def plan(id_: str, day: str, title: str, **more):
        raw = PLAN.replace(b"2026-11-20", day.encode()) % (id_.encode(), title.encode())
        return records.entry(raw, id_, kind="treatment-plan", **more)

    named = records.entry(records.text(ID, extra="goals: [g1, g1.1, g9]\n"), ID, number=2)
    first = plan("1" * 16, "2026-11-20", "Sleep", number=1)
    later = plan("2" * 16, "2026-11-23", "Sleep better", number=3)
    found = rows(records.source(first, named, later), 1)
    assert found["goals"] == "g1 (Sleep); g1.1 (Six hours a night); g9"
    assert rows(records.source(named, later))["goals"] == "g1; g1.1; g9"
    assert rows(records.source(plan("1" * 16, "2026-11-20", "Sleep", signed=False), named), 1)["goals"] == "g1; g1.1; g9"


def test_date_of_birth_is_on_every_page(world, cli):
    lines.sign(world, "ada", "She came.")
    assert cli("client", "edit", "ada", "--born", "1990-05-30").code == 0
    assert "- born: May 30, 1990\n" in chart_of(cli)
    html = chart_of(cli, "--html")
    assert "<bdi>Ada Example</bdi> · <bdi>born May 30, 1990</bdi> · <bdi>" in html
    assert re.search(r'@top-right \{ content: "[^"]*born May 30', html)


def test_address_licence_and_npi_are_printed_when_the_practice_sets_them(world, cli):
    lines.sign(world, "ada", "She came.")
    assert "NPI" not in chart_of(cli)
    assert cli("people", "practice", "--address", "12 Willow Street, Portland, OR 97201").code == 0
    assert cli("people", "practice", "--person", "lee-example", "--licence", "PSY 12345 (CA)", "--npi", "1234567893").code == 0
    assert cli("people", "practice", "--person", "sam-trainee", "--licence", "none of this chart").code == 0
    text = chart_of(cli)
    assert "- address: 12 Willow Street, Portland, OR 97201\n" in text
    assert "| Lee Example | PhD, licensed psychologist | PSY 12345 (CA) | 1234567893 |" in text
    assert "none of this chart" not in text


# when it was written


def test_a_signature_alone_that_comes_late_is_no_late_entry(world, cli):
    world.write("ada", vaults.NOTE)
    assert cli("sign", "--yes").code == 0
    text = chart_of(cli)
    assert "Written November 20, 2026, signed November 23, 2026." in text
    assert "Late entry" not in text


def test_a_text_that_history_has_late_is_a_late_entry(world, cli):
    world.write("ada", vaults.NOTE.replace(b"2026-11-20", b"2026-11-16"), day="2026-11-16")
    assert cli("sign", "--yes").code == 0
    text = chart_of(cli)
    assert re.search(r"^> Late entry: first recorded November 20, 2026, .*, 3 days after the session ended\.$", text, re.M)
    assert "Written" not in text


def test_what_was_finished_late_is_told_apart_from_what_was_begun_late(world, cli, editor):
    world.write("ada", vaults.NOTE)
    editor.will(replace("spoke of work", "spoke of work and of her mother"))
    assert cli("edit", "ada", "--draft").code == 0
    assert cli("sign", "--yes").code == 0
    (told,) = re.findall(r"^> (Late entry: .*)$", chart_of(cli), re.MULTILINE)
    assert told.startswith("Late entry: begun November 20, 2026, 09:0")
    assert "; the text that was signed was first recorded November 23, 2026, 15:00:0" in told
    assert told.endswith(" -05:00, 3 days after the session ended.")


def test_the_practices_own_deadline_counts(world, cli):
    world.write("ada", vaults.NOTE.replace(b"2026-11-20", b"2026-11-16"), day="2026-11-16")
    assert cli("people", "practice", "--sign-within-hours", "120").code == 0
    assert cli("sign", "--yes").code == 0
    assert "Late entry" not in chart_of(cli)


def test_nobody_is_asked_for_an_old_time(world, cli, tmp_path):
    (tmp_path / "2019-03-01.txt").write_text("She came.\n")
    assert cli("import", "ada", tmp_path / "2019-03-01.txt", "--yes").code == 0
    assert cli("sign", "ada", "--yes").code == 0
    text = chart_of(cli)
    assert "Late entry" not in text
    assert "Written" not in text


# order


def test_notes_stand_by_the_time_of_their_sessions(world, cli):
    for time, words in (("15:00-15:53", "Third."), ("09:00-09:53", "Second."), ("08:00-08:53", "First.")):
        world.write("ada", vaults.NOTE.replace(b"09:00-09:53", time.encode()).replace(b"She came on time", words.encode()))
    assert cli("sign", "--yes").code == 0
    text = chart_of(cli)
    assert text.index("First.") < text.index("Second.") < text.index("Third.")
    titles = re.findall(r"^## .* · (\d\d:\d\d)", text, re.MULTILINE)
    assert titles == ["08:00", "09:00", "15:00"]


def test_an_addendum_stands_below_the_signature_of_the_original_with_its_own(world, cli, editor):
    world.write("ada", vaults.NOTE)
    assert cli("sign", "--yes").code == 0
    assert cli("amend", "ada", "-m", "Rang at noon.", "--reason", "forgot").code == 0
    editor.will(replace("on time", "late"))
    assert cli("amend", "ada", "--reason", "a slip").code == 0
    assert cli("amend", "ada", "-m", "And again at one.", "--kind", "late-entry").code == 0
    text = chart_of(cli)
    told = [
        "> Signed electronically by Lee Example",
        "### Addendum · November 23, 2026",
        "Rang at noon.",
        "> Addendum signed electronically by Lee Example",
        "> Correction, struck and inserted above, signed electronically by Lee Example",
        "### Late entry · November 23, 2026",
        "And again at one.",
        "> Late entry signed electronically by Lee Example",
    ]
    places = [text.index(one) for one in told]
    assert places == sorted(places)
    assert "It stands under the text as first written: with what is marked struck" in text


def test_what_a_cosigner_wrote_is_seen():
    raw = f"---\ncovers: [{'3' * 64}]\nid: 9n5tq2m8wkc4xe9r\n---\n\nRead with Sam; plan agreed.\n".encode()
    added = records.addition("cosignature", "9n5tq2m8wkc4xe9r", ID, raw, 2)
    signed = records.entry(records.text(ID), ID, added, by="sam-trainee", cosigner="lee-example")
    found = blocks(records.source(signed))
    at = next(number for number, block in enumerate(found) if isinstance(block, Statement) and block.kind == "cosignature")
    assert isinstance(found[at - 1], Prose)
    assert found[at - 1].spans[0].text == "Read with Sam; plan agreed."


def test_a_reason_that_is_written_from_right_to_left_has_a_line_of_its_own():
    raw = records.text(ID, extra=f"corrects: {'3' * 64}\nreason: לא לקחת Prozac\n", words="Four.")
    added = records.addition("correction", "8n5tq2m8wkc4xe9r", ID, raw, 2, reason="לא לקחת Prozac")
    found = blocks(records.source(records.entry(records.text(ID), ID, added)))
    (said,) = [block for block in found if isinstance(block, Statement) and block.kind == "correction"]
    assert said.text.endswith(" Reason:")
    assert said.words == "לא לקחת Prozac"


def test_an_attested_note_says_that_it_was_not_signed(world, cli):
    world.write("ada", vaults.NOTE)
    assert cli("attest", "ada", "--yes").code == 0
    text = chart_of(cli)
    assert "> This note was not signed. Its author attested it on November 23, 2026, as stands below." in text
    assert "### Attestation · November 23, 2026" in text
    assert "> Attestation signed electronically by Lee Example" in text


def test_a_heading_that_was_signed_empty_says_that_nothing_was_written():
    raw = records.text(ID, words="Sleeps.\n\n## Plan")
    from vaultcli.export import html, markdown

    made = chart.build(records.source(records.entry(raw, ID)))
    assert b"### Plan: nothing written\n" in markdown.write(made)
    assert b'Plan<span class="ours">: nothing written</span></h3>' in html.write(made)


# notices


@pytest.mark.parametrize("where", ["register", "note"])
def test_the_notice_of_part_2_goes_along(where):
    entry = records.entry(records.text(ID, extra="part2: true\n" if where == "note" else ""), ID)
    source = records.source(entry)
    if where == "register":
        source = dataclasses.replace(source, client=client.parse(client.edited(ADA, {"part2": "true"})))
    made = chart.build(source)
    assert made.notice == "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
    assert Statement("notice", part2.NOTICE, part2.SOURCE) in made.parts[0].blocks


ADA = f"---\nname: Ada Example\nhandle: ada\nid: {records.CLIENT}\n---\n".encode()


def test_no_notice_without_part_2():
    made = chart.build(records.source(records.entry(records.text(ID), ID)))
    assert made.notice == ""
    assert "42 CFR" not in str(made)


# the author's machine


def test_no_path_of_the_authors_machine_goes_out(world, cli, tmp_path):
    folder = tmp_path / "old notes" / "ada" / "2019"
    folder.mkdir(parents=True)
    (folder / "2019-03-01.txt").write_text("She came.\n")
    (tmp_path / "scan.png").write_bytes(png(40, 30))
    assert cli("import", "ada", tmp_path / "old notes", "--yes").code == 0
    assert cli("attach", "ada", tmp_path / "scan.png", "--kind", "scan").code == 0
    assert cli("sign", "ada", "--yes").code == 0
    out = tmp_path / "out"
    assert cli("export", "ada", "--pdf", "--html", "--markdown", "-o", out).code == 0
    pages = b"".join(path.read_bytes() for path in out.iterdir() if path.is_file())
    everything = pages + b"".join(path.read_bytes() for path in (out / "signed").iterdir())
    for trace in (tmp_path, world.vault.root, "/root", "/tmp/", "/home/", "/dev/shm"):
        assert str(trace).encode() not in everything
    assert b"old notes/ada" not in pages
    assert b"imported from: 2019-03-01.txt" in pages


# pictures


def attached(data: bytes, name: str = "front page.png", media: str = "image/png"):
    head = f'type: attachment\ndate: 2026-11-22\nkind: scan\nfile: "{name}"\nmedia-type: {media}\nbytes: {len(data)}\n'
    tail = f"sha256: {'6' * 64}\nstored: attachments/{ID}.png\nid: {ID}\n"
    return records.entry(f"---\n{head}{tail}---\n\nFrom the clinic.\n".encode(), ID, kind="attachment")


def test_a_scan_is_shown_with_its_note():
    data = png(40, 30)
    source = dataclasses.replace(records.source(attached(data)), read=lambda _: data)
    found = blocks(source)
    assert [type(block).__name__ for block in found] == ["Heading", "Fields", "Figure", "Prose", "Statement"]
    assert found[2] == Figure(data, "image/png", "Scan: front page.png", f"attachments/2026-11-22-scan-{ID}.png")


@pytest.mark.parametrize(
    ("data", "media"),
    [(b"%PDF-1.4", "application/pdf"), (b"<svg/>", "image/png"), (b"GIF89a", "image/gif"), (b"\xff\xd8junk", "image/jpeg")],
)
def test_what_is_no_picture_or_says_no_size_is_not(data, media):
    source = dataclasses.replace(records.source(attached(data, media=media)), read=lambda _: data)
    assert not pictures.of(source)


def test_what_is_too_large_is_not(monkeypatch):
    data = png(40, 30)
    source = dataclasses.replace(records.source(attached(data)), read=lambda _: data)
    for limit, value in (("PIXELS", 1199), ("LARGEST", len(data) - 1), ("TOGETHER", len(data) - 1)):
        with monkeypatch.context() as patch:
            patch.setattr(pictures, limit, value)
            assert not pictures.of(source)
    assert pictures.of(source)


def test_nothing_of_a_withdrawn_picture_is_shown():
    data = png(40, 30)
    gone = f"---\nwithdraws: {'5' * 64}\nreason: wrong-client\nid: an5tq2m8wkc4xe9r\n---\n".encode()
    entry = dataclasses.replace(
        attached(data), additions=(records.addition("withdrawal", "an5tq2m8wkc4xe9r", ID, gone, 2, reason="wrong-client"),)
    )
    assert not pictures.of(dataclasses.replace(records.source(entry), read=lambda _: data))


def test_a_scan_is_in_every_page(world, cli, tmp_path):
    (tmp_path / "scan.png").write_bytes(png(40, 30))
    assert cli("attach", "ada", tmp_path / "scan.png", "--kind", "scan").code == 0
    out = tmp_path / "out"
    assert cli("export", "ada", "--pdf", "--html", "--markdown", "-o", out).code == 0
    (file,) = (out / "attachments").iterdir()
    assert f"![Scan: scan.png](attachments/{file.name})" in (out / "chart.md").read_text()
    assert '<img alt="Scan: scan.png" src="data:image/png;base64,' in (out / "chart.html").read_text()


def test_titles_of_notes_that_cannot_be_read():
    found = records.entry(b"---\nformat: [dap\n---\nHalf *a* thought.\n", ID, signed=False)
    made = note.part(records.source(found, drafts=True), found, (), {})
    assert made.title == "Sunday, November 22, 2026 · Progress note"
