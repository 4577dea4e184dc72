"""Attachments: files without their description, descriptions without their file, and other bytes than were signed."""

from __future__ import annotations

from dataclasses import replace

from tests.verify.tampering import Where, tampering
from tests.verify.tampering.exceptions import _succeed
from tests.verify.tampering.site import Site
from tests.world import LEE, PDF, id_of

OTHER = PDF.replace(b"1 0 obj", b"2 0 obj")
"""Another file of the same length."""
assert len(OTHER) == len(PDF)


def _attach(site: Site, *, raw: bytes = PDF, stored: str = "", text: bytes = b"", event: str = "attach") -> tuple[str, str]:
    """Record an attachment with other bytes, another path or another description than it should have."""
    ada = site.ada
    path, honest, own = ada.attachment()
    files = {**ada.signed(path, text or honest), stored.replace("ID", id_of(path)) or own: raw}
    ada.commit(event, files, id_of(path))
    site.save()
    return path, own


@tampering("attachment-bytes", stock=(True, True))
def other_bytes_of_the_same_length(site: Site) -> Where:
    """Attaches another file of the same length than the one whose SHA-256 was signed."""
    _, stored = _attach(site, raw=OTHER)
    return stored, site.ada.commits[-1]


@tampering("attachment-bytes", stock=(True, True))
def attachment_cut_short(site: Site) -> Where:
    """Attaches the first half of the file that was signed."""
    _, stored = _attach(site, raw=PDF[: len(PDF) // 2])
    return stored, site.ada.commits[-1]


@tampering("attachment", stock=(True, True))
def descriptor_without_its_file(site: Site) -> Where:
    """Records the signed description of a file, and no file."""
    path, text, _ = site.ada.attachment()
    site.ada.commit("attach", site.ada.signed(path, text), id_of(path))
    site.save()
    return path, site.ada.commits[-1]


@tampering("attachment", "message-ids", stock=(True, True))
def file_without_a_descriptor(site: Site) -> Where:
    """Slips in a file that no note describes."""
    stored = f"attachments/{site.world.id()}.pdf"
    site.ada.commit("attach", {stored: PDF}, id_of(site.single))
    site.save()
    return stored, site.ada.commits[-1]


@tampering("attachment", "message-ids", stock=(True, True))
def second_file_for_a_descriptor(site: Site) -> Where:
    """Adds a second file with the id of an attachment, by another ending."""
    path, stored = site.ada.attach()
    site.save()
    second = stored.replace(".pdf", ".jpg")
    site.ada.commit("attach", {second: OTHER}, id_of(path))
    site.save()
    return second, site.ada.commits[-1]


@tampering("attachment", stock=(True, True))
def two_descriptors_of_one_file(site: Site) -> Where:
    """Attaches a file twice by two descriptions, of which the second names the first one's file."""
    ada = site.ada
    first, text, stored = ada.attachment()
    second, other, own = ada.attachment()
    files = {**ada.signed(first, text), **ada.signed(second, other.replace(own.encode(), stored.encode())), stored: PDF}
    ada.commit("attach", files, id_of(first), id_of(second))
    site.save()
    return second, ada.commits[-1]


@tampering("attachment", stock=(True, True))
def descriptor_in_another_form(site: Site) -> Where:
    """Signs a description with a line that no description has, which another reader may take for the file's SHA-256."""
    path, raw, stored = site.ada.attachment()
    raw = raw.replace(b"\nid: ", b"\nSHA256: " + b"0" * 64 + b"\nid: ", 1)
    site.ada.commit("attach", {**site.ada.signed(path, raw), stored: PDF}, id_of(path))
    site.save()
    return path, site.ada.commits[-1]


@tampering("event", stock=(True, True))
def attachment_recorded_as_a_note(site: Site) -> Where:
    """Records an attachment by the event for ordinary notes."""
    path, _ = _attach(site, event="sign")
    return path, site.ada.commits[-1]


@tampering("attachment", "event")
def draft_of_a_descriptor(site: Site) -> Where:
    """Records the description of a file as a draft, to be filled later."""
    path, text, _ = site.ada.attachment()
    site.ada.commit("draft", {path: text}, id_of(path))
    site.save()
    return path, site.ada.commits[-1]


@tampering("event")
def ordinary_note_attached(site: Site) -> Where:
    """Records an ordinary note by the event for attachments."""
    path, raw = site.ada.note()
    site.ada.commit("attach", site.ada.signed(path, raw), id_of(path))
    site.save()
    return path, site.ada.commits[-1]


@tampering("note-changed", "event", "message-ids", stock=(True, True))
def attached_file_changed(site: Site) -> Where:
    """Puts another file in the place of an attached one in a new, well-signed commit."""
    path, stored = site.ada.attach()
    site.save()
    site.ada.commit("attach", {stored: OTHER}, id_of(path))
    site.save()
    return stored, site.ada.commits[-1]


@tampering("vanished", stock=(True, True))
def attached_file_removed(site: Site) -> Where:
    """Removes an attached file in a new, well-signed commit, and leaves its description."""
    _, stored = site.ada.attach()
    site.save()
    site.ada.commit("register", {"client.md": site.ada.texts["client.md"] + b"\nMoved.\n", stored: None})
    site.save()
    return stored, site.ada.commits[-1]


@tampering("path", "attachment", stock=(True, True))
def attachment_that_a_double_click_runs(site: Site) -> Where:
    """Attaches a file under a name with an ending of its own making."""
    path, _ = _attach(site, stored="attachments/ID.PDF.exe")
    return f"attachments/{id_of(path)}.PDF.exe", site.ada.commits[-1]


@tampering("path", "attachment", stock=(True, True))
def attachment_in_a_folder_that_differs_by_case(site: Site) -> Where:
    """Attaches a file in a folder that some file systems take for the right one."""
    path, _ = _attach(site, stored="Attachments/ID.pdf")
    return f"Attachments/{id_of(path)}.pdf", site.ada.commits[-1]


@tampering("attachment", stock=(True, True))
def correction_that_speaks_of_another_file(site: Site) -> Where:
    """Corrects the description of a file so that it names another SHA-256."""
    ada = site.ada
    path, _ = ada.attach()
    site.save()
    _, raw, _ = ada.attachment(OTHER)
    own = ada._unsigned(path).split(b"---\n")[1]
    other = next(one for one in raw.split(b"\n") if one.startswith(b"sha256: "))
    mine = next(one for one in own.split(b"\n") if one.startswith(b"sha256: "))
    text = b"---\n" + own.replace(mine, other) + f"corrects: {ada.sha256(path)}\nreason: a slip\n---\n".encode()
    id_ = site.world.id()
    added = f"{path.removesuffix('.md')}.correction-{id_}.md"
    ada.commit("amend", ada.signed(added, text), id_)
    site.save()
    return added, ada.commits[-1]


@tampering("overwritten", stock=(True, True))
def attached_file_exchanged_in_the_folder(site: Site) -> Where:
    """Exchanges an attached file in the folder, where people open it."""
    _, stored = site.ada.attach()
    site.save()
    (site.ada.folder / stored).write_bytes(OTHER)
    return f"clients/{site.ada.id}/{stored}"


@tampering("succession", "attachment-bytes")
def kept_attachment_exchanged(site: Site) -> Where:
    """Succeeds a line and exchanges an attached file that it says to take over."""
    _, stored = site.ada.attach()
    site.save()
    return stored, _succeed(site, lambda said: said, {stored: OTHER})


@tampering("role", "meaning")
def attachment_by_a_biller(site: Site) -> Where:
    """Attaches a file in the name of a person who may not sign notes."""
    world = site.world
    people = tuple(replace(one, roles=("biller",)) if one.id == LEE.id else one for one in world.practice.people)
    world.policy(practice=replace(world.practice, people=people))
    site.ada.attach()
    site.save()
    return site.ada.branch, site.ada.commits[-1]
