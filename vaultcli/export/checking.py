"""The page by which a stranger checks an export with stock tools, and what such a check can and cannot say."""

from __future__ import annotations

import shlex

from vaultcli.export.document import Block, Commands, Heading, Paragraph, Table
from vaultcli.export.source import Source
from vaultcli.record.history.line import SignedFile
from vaultcli.record.notes.attachment import Attachment
from vaultcli.record.view.entry import Entry

FOLDER = "signed"
SIGNERS = "allowed_signers"
ATTACHMENTS = "attachments"


def left_behind(entry: Entry) -> bool:
    """Whether a note's bytes must not leave with its client's record: withdrawn as another client's."""
    return entry.withdrawal is not None and entry.withdrawal.file.reason == "wrong-client"


def signed_files(source: Source) -> list[SignedFile]:
    """Every signed file that goes along, in the order of the chain."""
    found = []
    for entry in source.entries:
        if left_behind(entry) or entry.withdrawal is not None:
            continue
        found += [entry.signed] if entry.signed else []
        found += [one.file for one in entry.additions]
    return sorted(found, key=lambda one: one.block.number)


def attached(source: Source) -> list[Attachment]:
    """The files whose bytes go along: those that a note of this export describes and that were not withdrawn."""
    kept = [entry for entry in source.entries if entry.withdrawal is None and entry.signed is not None]
    return [file for entry in kept if (file := entry.attachment) is not None]


def page(source: Source) -> list[Block]:
    """The verification page."""
    files = signed_files(source)
    verdict = source.verdict
    blocks: list[Block] = [
        Heading(2, "How to check this export"),
        Paragraph(f"Who: {verdict.who}"),
        Paragraph(f"When: {verdict.when}"),
        Paragraph(f"Unchanged: {verdict.unchanged}"),
        *(Paragraph(f"Excused by a signed exception: {one}") for one in verdict.excused),
        *(Paragraph(f"Succession: {one}") for one in verdict.successions),
        *(_commands(files) if files else [Paragraph("This export holds no signed file.")]),
        *(_attachments(attached(source)) if attached(source) else []),
        Paragraph(
            "Only what is listed here is signed. Words inside a note are its author's, also where they look like a line of this "
            "export."
        ),
        Paragraph(
            "A missing number is a signed file that is not in this export: a withdrawn note with its withdrawal, or what was "
            "not asked for. The times are those of the clocks on the signers' machines; no outside clock confirms them."
        ),
        Paragraph(f"Vault {source.genesis}. Newest commit of this record: {source.head}."),
    ]
    return blocks


def _commands(files: list[SignedFile]) -> list[Block]:
    """How each signed file is checked, and by which SHA-256 it is known."""
    return [
        Paragraph(
            f"The folder `{FOLDER}` holds the signed files byte for byte, each with its signature. `{SIGNERS}` lists the "
            "people of the practice and their public keys. Compare the keys with the people themselves: the list proves "
            "who signed only as far as you know whose keys they are. In that folder, each of these prints a line that "
            "begins with Good and ends with exit code 0:",
            code=True,
        ),
        Commands(tuple(command(one) for one in files)),
        Paragraph(
            "The SHA-256 of each file, as sha256sum prints it; each file names the one before it under `follows:`.",
            code=True,
        ),
        Table(("no.", "file", "signed by", "SHA-256"), tuple(_row(one) for one in files), below="SHA-256"),
        Paragraph(f"Numbers in this export: {numbers([one.block.number for one in files])}."),
    ]


def _attachments(found: list[Attachment]) -> list[Block]:
    """The attached files, and how each is held against the signed note that describes it."""
    rows = tuple((one.released_as, one.kind, one.name, f"{one.size} bytes", one.sha256) for one in found)
    return [
        Paragraph(
            f"The folder `{ATTACHMENTS}` holds the attached files byte for byte; the signed note of each names its size and "
            "SHA-256. In that folder, each of these prints a line that ends with OK:",
            code=True,
        ),
        Commands(tuple(f"echo {shlex.quote(f'{one.sha256}  {one.released_as}')} | sha256sum -c" for one in found)),
        Table(("attached file", "kind", "called", "size", "SHA-256"), rows, below="SHA-256"),
    ]


def numbers(found: list[int]) -> str:
    """Numbers in order as ranges: `1-3, 7`."""
    runs: list[list[int]] = []
    for one in found:
        if runs and one == runs[-1][-1] + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def command(one: SignedFile) -> str:
    """The stock command that checks one signed file, from inside the folder."""
    name = one.path.removeprefix("notes/")
    words = ["ssh-keygen", "-Y", "verify", "-f", SIGNERS, "-I", one.block.by, "-n", one.block.namespace, "-s", f"{name}.sig"]
    return f"{shlex.join(words)} < {shlex.quote(name)}"


def _row(one: SignedFile) -> tuple[str, ...]:
    return (str(one.block.number), one.path.removeprefix("notes/"), f"{one.block.by} ({one.block.meaning})", one.sha256)
