"""The README of every repository of sealed notes: one text for version 1, pinned, for whoever opens it without vaultcli."""

from __future__ import annotations

TEXT = b"""\
PSYCHOTHERAPY NOTES

This repository holds sealed files only. They are psychotherapy notes in the sense of 45 CFR 164.501, kept apart from
the medical record, and an access log that looks the same from outside. Do not release them without an authorization
that names psychotherapy notes, or another basis that 45 CFR 164.508(a)(2) gives.

A folder is a drawer. identity.age in it opens the other files in it; the epoch identity opens identity.age; it is in
the file epoch.age, which is never in this repository, and opens with the clinician's age identity or with the one on the
recovery page. In a RAM disk, with age and tar:

    age -d -i CLINICIAN-OR-RECOVERY-IDENTITY epoch.age > e.txt
    age -d -i e.txt DRAWER/identity.age > d.txt
    age -d -i d.txt DRAWER/FILE.age | tar -xOf - note.md

Beside note.md stand header.toml and header.toml.sig. The header holds the SHA-256 of note.md, and

    ssh-keygen -Y verify -f allowed_signers -I MACHINE -n sealed@vaultcli.v1 -s header.toml.sig < header.toml

says whether the machine that the header names signed it. Every commit is signed:

    git -c gpg.ssh.allowedSignersFile=allowed_signers log --show-signature
"""
