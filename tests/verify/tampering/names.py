"""Names, places and modes of files: what does not belong on a line though every signature is good."""

from __future__ import annotations

from tests.verify.tampering import Where, tampering
from tests.verify.tampering.site import Site
from tests.world import id_of


def _draft(site: Site, path: str, raw: bytes = b"---\nid: x\n---\n", *, mode: str = "100644", id_: str = "") -> Where:
    site.ada.commit("draft", {path: raw}, id_ or id_of(path), mode=mode)
    site.save()
    return path, site.ada.commits[-1]


@tampering("path", "event", "message-ids", stock=(True, True))
def repository_within(site: Site) -> Where:
    """Records another repository's commit in a note's place, whose words nobody has signed."""
    path, _ = site.ada.note()
    files = {**site.world.branches[site.ada.branch].files, path: ("160000", site.genesis)}
    site.ada.commit("draft", {}, id_of(path), tree=site.world.tree(files))
    site.save()
    return path, site.ada.commits[-1]


@tampering("path", "event", "message-ids", stock=(True, True))
def note_that_is_a_link(site: Site) -> Where:
    """Records a note that is a symbolic link to a file outside the record."""
    return _draft(site, site.ada.note()[0], b"/etc/passwd", mode="120000")


@tampering("path", "event", "message-ids", stock=(True, True))
def note_that_runs(site: Site) -> Where:
    """Records a note as a program."""
    return _draft(site, *site.ada.note(), mode="100755")


@tampering("path", "event", "message-ids", stock=(True, True))
def note_in_other_letters(site: Site) -> Where:
    """Records a second note whose name differs from a signed one's only in case."""
    return _draft(site, site.single.replace("progress", "Progress"), id_=id_of(site.single))


@tampering("path", "event", "message-ids", stock=(True, True))
def note_with_composed_letters(site: Site) -> Where:
    """Records a note under a name that two programs would compose differently."""
    return _draft(site, "notes/2026-11-02-progre\u0301s-0000000000000099.md", id_="0000000000000099")


@tampering("path", "event", "message-ids", stock=(True, True))
def note_that_turns_its_name_around(site: Site) -> Where:
    """Records a note whose name shows another one, by a letter that turns the direction of writing."""
    return _draft(site, "notes/2026-11-02-\u202eprogress-0000000000000099.md", id_="0000000000000099")


@tampering("path", "event", "message-ids", stock=(True, True))
def note_in_a_folder_of_its_own(site: Site) -> Where:
    """Records a note one folder deeper, where no list looks."""
    return _draft(site, site.ada.note()[0].replace("notes/", "notes/more/"))


@tampering("path", "event", "message-ids", stock=(True, True))
def hidden_file(site: Site) -> Where:
    """Records a file that folders do not show."""
    return _draft(site, "notes/.draft.md", id_="0000000000000099")


@tampering("path", "event", "message-ids", stock=(True, True))
def people_mapped(site: Site) -> Where:
    """Records a `.mailmap`, by which `git log` shows another author."""
    return _draft(site, ".mailmap", b"Sam Sample <sam-sample> Lee Example <lee-example>\n", id_="0000000000000099")


@tampering("path", "event", "message-ids", stock=(True, True))
def attributes_below_the_notes(site: Site) -> Where:
    """Records further attributes in the notes' folder, which change bytes on their way."""
    return _draft(site, "notes/.gitattributes", b"* text eol=crlf\n", id_="0000000000000099")


@tampering("path", "event", "message-ids", stock=(True, True))
def signature_of_another_form(site: Site) -> Where:
    """Records a signature of another program beside a note."""
    return _draft(site, f"{site.single}.asc", b"-----BEGIN PGP SIGNATURE-----\n", id_=id_of(site.single))
