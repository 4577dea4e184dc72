"""The page by which a stranger checks an export with stock tools, and what such a check can and cannot say.

It is one page however many notes there are: the commands go through the files of a folder, a list names each file's SHA-256,
and the page names the list's, the number of signed files, and the newest of them.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping

from vaultcli.export.chart import wording
from vaultcli.export.document import Block, Commands, Heading, Paragraph, Table
from vaultcli.export.source import Source
from vaultcli.record.history.line import SignedFile
from vaultcli.record.notes import attachment
from vaultcli.record.notes.attachment import Attachment
from vaultcli.record.view.entry import Entry

FOLDER = "signed"
SIGNERS = "allowed_signers"
ATTACHMENTS = attachment.FOLDER
SUMS = "SHA256SUMS"
"""The list of every file that goes along with the pages, in the form that `sha256sum -c` reads."""
_VERIFY = (
    """said() { sed -n "/^signed:/,/^---/s/^  $1: //p" "$2" | head -n 1 | tr -d '\\r'; }""",
    f"""for s in *.sig; do f="${{s%.sig}}"; ssh-keygen -Y verify -f {SIGNERS} -I "$(said by "$f")" \\""",
    """  -n "$(said kind "$f")@vaultcli.v1" -s "$s" < "$f" || echo "NOT GOOD: $f"; done""",
)
"""For a POSIX shell, inside the folder of signed files: each with the signer and the kind that its own block names."""


def signed_files(source: Source) -> list[SignedFile]:
    """Every signed file that goes along, in the order of the chain; nothing of a note that was withdrawn."""
    found = []
    for entry in source.entries:
        if entry.withdrawal is None:
            found += [entry.signed] if entry.signed else []
            found += [one.file for one in entry.additions]
    return sorted(found, key=lambda one: one.block.number)


def attested(source: Source) -> list[Entry]:
    """The notes that were never signed and go along because their author attested them: an attestation names their bytes."""
    return [entry for entry in source.entries if entry.attestation is not None and entry.signed is None and not entry.withdrawal]


def attached(source: Source) -> list[Attachment]:
    """The files whose bytes go along: those that a note of this export describes and that were not withdrawn."""
    kept = [entry for entry in source.entries if entry.withdrawal is None and entry.signed is not None]
    return [file for entry in kept if (file := entry.attachment) is not None]


def sums(digests: Mapping[str, str]) -> bytes:
    """The list of files.

    Args:
        digests: path in the export's folder to SHA-256.
    """
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(digests.items())).encode()


def listed(source: Source) -> bytes:
    """The list of the files that go along with this export, but the signatures, which ssh-keygen reads."""
    return sums(
        {f"{FOLDER}/{SIGNERS}": hashlib.sha256(source.allowed_signers.encode()).hexdigest()}
        | {f"{FOLDER}/{_name(one.path)}": one.sha256 for one in signed_files(source)}
        | {f"{FOLDER}/{entry.name.file}": hashlib.sha256(entry.raw).hexdigest() for entry in attested(source)}
        | {f"{ATTACHMENTS}/{file.released_as}": file.sha256 for file in attached(source)}
    )


def page(source: Source) -> list[Block]:
    """The verification page."""
    files, verdict = signed_files(source), source.verdict
    return [
        Heading(2, "How to check this export"),
        Paragraph(f"When it was made, {source.tool} verified the record and found:"),
        Paragraph(f"Who: {verdict.who}"),
        Paragraph(f"When: {verdict.when}"),
        Paragraph(f"Unchanged: {verdict.unchanged}"),
        *(Paragraph(f"Excused by a signed exception: {one}") for one in verdict.excused),
        *(Paragraph(f"Succession: {one}") for one in verdict.successions),
        *(_signed(source, files) if files else [Paragraph("This export holds no signed file.")]),
        Paragraph(_completeness(source)),
        Paragraph(
            "Only the files that have a signature beside them are signed. Words inside a note are its author's, also where they "
            "look like a line of this export. The times are those of the clocks on the signers' machines; no outside clock "
            "confirms them. Between the commit before it and the one after, the author's clock is the only witness of a time."
        ),
        Paragraph(f"Vault {source.genesis}. Newest commit of this record: {source.head}."),
    ]


def _signed(source: Source, files: list[SignedFile]) -> list[Block]:
    """How the signed files are checked, and by what they are known."""
    newest, listing = files[-1], listed(source)
    what = _counted(len(files), "signed file")
    which = f"number {numbers([newest.block.number])}" if len(files) == 1 else f"numbers {numbers(_numbers(files))}"
    good = "the signed file" if len(files) == 1 else f"each of the {len(files)} signed files"
    return [
        Paragraph(
            f"The folder `{FOLDER}` holds {what}, byte for byte, each with its signature: {which} of this record. The newest is "
            f"number {newest.block.number}, `{_name(newest.path)}`, with the SHA-256 `{newest.sha256}`. Each names the SHA-256 "
            "of the one before it under `follows:`.",
            code=True,
        ),
        *_beside(source),
        Table(("signed by", "id", "files", "key"), _keys(files), below="key"),
        Paragraph(
            f"`{SIGNERS}` lists the people of the practice and their keys. Compare the keys with the people themselves: the list "
            "proves who signed only as far as you know whose keys they are. In that folder these lines, given to a shell, print "
            f"one that begins with Good for {good}, and none that begins with NOT GOOD:",
            code=True,
        ),
        Commands(_VERIFY),
        Paragraph(
            f"`{SUMS}` lists every file of this export but the signatures and the pages like this one. In the folder that holds "
            "it, the first of these prints a line that ends with OK for each, and the second the SHA-256 of the list itself (on "
            "macOS, `shasum -a 256`), which is:",
            code=True,
        ),
        Paragraph(f"`{hashlib.sha256(listing).hexdigest()}`", code=True),
        Commands((f"sha256sum -c {SUMS}", f"sha256sum {SUMS}")),
    ]


def _beside(source: Source) -> list[Block]:
    """What goes along without a signature of its own, and which signed file vouches for it."""
    told = []
    if many := len(attested(source)):
        told.append(f"{_counted(many, 'note')} without a signature: the attestation of each names the SHA-256 of its text.")
    if many := len(attached(source)):
        told.append(f"{_counted(many, 'attached file')} in `{ATTACHMENTS}`: the signed note of each names its SHA-256.")
    return [Paragraph(f"Beside them: {one}", code=True) for one in told]


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _keys(files: Iterable[SignedFile]) -> tuple[tuple[str, ...], ...]:
    """Each signer with each key, and how many files it signed."""
    counted = Counter((wording.signer(one.block), one.block.by, one.fingerprint) for one in files)
    return tuple((name, who, str(count), key) for (name, who, key), count in sorted(counted.items()))


def _completeness(source: Source) -> str:
    """What can be said of what is not here; of a part, nothing about the rest."""
    if not source.whole:
        return "This is a part of a record. What else the record holds is not told here."
    here = _numbers(signed_files(source))
    gone = sorted(set(range(1, source.newest + 1)) - set(here))
    told = f"The record had {_counted(source.newest, 'signed file')} when this was made."
    if gone:
        what = "Number" if len(gone) == 1 else "Numbers"
        told += f" Not here: {what.lower()} {numbers(gone)}, of notes that were withdrawn or left out, with their withdrawals."
    if source.whole_history:
        return f"{told} That none is missing can be checked with the record's signed history, which the practice can give out."
    return (
        f"{told} The record's signed history cannot be given out as it stands, so that none is missing cannot be checked by "
        "anybody outside of the practice."
    )


def _numbers(files: Iterable[SignedFile]) -> list[int]:
    return [one.block.number for one in files]


def numbers(found: list[int]) -> str:
    """Numbers in order as ranges: `1-3, 7`."""
    runs: list[list[int]] = []
    for one in found:
        if runs and one == runs[-1][-1] + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _name(path: str) -> str:
    return path.rpartition("/")[2]


