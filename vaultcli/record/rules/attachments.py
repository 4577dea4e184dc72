"""What must hold of attachments in one commit: a descriptor and its bytes come together, and are meant for each other.

Numbers are those of `docs/spec/verify.md`, part 3.
"""

from __future__ import annotations

from collections.abc import Mapping

from vaultcli.record.notes import attachment, names
from vaultcli.record.notes.place import Place
from vaultcli.record.rules.judge import Judge, note_of

NO_FORM = "its lines are not those of an attachment's descriptor"
NO_BYTES = "comes without the file that it describes"
NO_DESCRIPTOR = "comes without a note that describes it"
OTHER_BYTES = "is not the file that its descriptor names by size and SHA-256"
OTHER_FILE = "speaks of another file than the note that it corrects"


def together(judge: Judge, files: Mapping[str, str]) -> None:
    """3.20: every descriptor that a commit brings comes with its bytes, and all bytes with their descriptor.

    Args:
        judge: of the commit.
        files: path to blob id, of the new files that were not refused yet.
    """
    stored = {path for path in files if attachment.id_of(path)}
    descriptors = [path for path in files if attachment.describes(path)]
    if not stored and not descriptors:
        return
    described = set()
    for path in sorted(descriptors):
        said, name = attachment.read(judge.read(files[path])), names.parse(path)
        if said is None or name is None or said.id != name.id:
            judge.report("attachment", NO_FORM, path)
        elif said.path not in stored:
            judge.report("attachment", NO_BYTES, path)
        else:
            described.add(said.path)
            _weigh(judge, said, files[said.path])
    for path in sorted(stored - described):
        judge.report("attachment", NO_DESCRIPTOR, path)


def _weigh(judge: Judge, said: attachment.Attachment, oid: str) -> None:
    weight = judge.weigh(oid)
    if weight is not None and weight != (said.size, said.sha256):
        judge.report("attachment-bytes", OTHER_BYTES, said.path)


def correction(judge: Judge, at: Place, raw: bytes) -> None:
    """3.21: a correction of a descriptor speaks of the same bytes."""
    own = note_of(at.path)
    there = judge.line.files.get(own) if attachment.describes(own) else None
    if there is not None and not attachment.keeps_the_bytes(judge.read(there), raw):
        judge.report("attachment", OTHER_FILE, at.path)
