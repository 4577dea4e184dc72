"""Working folders, settings and git's own files: what a reader is shown, and what plain git is told not to see."""

from __future__ import annotations

import os
from pathlib import Path

from tests.verify.tampering import Where, tampering
from tests.verify.tampering.site import Site


def _shown(site: Site, path: str) -> str:
    return f"clients/{site.ada.id}/{path}"


def _edit(site: Site, path: str = "") -> Where:
    path = path or site.single
    file = site.ada.folder / path
    file.write_bytes(file.read_bytes().replace(b"She", b"Bob"))
    return _shown(site, path)


@tampering("overwritten", stock=(True, True))
def signed_file_edited(site: Site) -> Where:
    """Edits a signed note in the folder, where people read it."""
    return _edit(site)


@tampering("overwritten", stock=(True, True))
def signed_file_edited_and_its_time_restored(site: Site) -> Where:
    """Edits a signed note in the folder, to the same length, and restores the file's time."""
    before = (site.ada.folder / site.single).stat()
    where = _edit(site)
    os.utime(site.ada.folder / site.single, ns=(before.st_atime_ns, before.st_mtime_ns))
    return where


@tampering("overwritten", stock=(True, True))
def signed_file_deleted(site: Site) -> Where:
    """Deletes a signed note from the folder."""
    (site.ada.folder / site.single).unlink()
    return _shown(site, site.single)


@tampering("overwritten", stock=(True, True))
def signed_file_behind_a_link(site: Site) -> Where:
    """Puts a link to another file in the place of a signed note."""
    (site.ada.folder / site.single).unlink()
    (site.ada.folder / site.single).symlink_to(Path(site.draft).name)
    return _shown(site, site.single)


@tampering("overwritten", stock=(True, True))
def signatures_swapped_in_the_folder(site: Site) -> Where:
    """Exchanges the `.sig` files of two notes in the folder."""
    one, other = (site.ada.folder / f"{path}.sig" for path in (site.single, site.trainee))
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)
    return _shown(site, f"{site.single}.sig")


@tampering("overwritten", stock=(True, True))
def attested_draft_edited(site: Site) -> Where:
    """Edits in the folder a draft that was attested to."""
    file = site.ada.folder / site.attested
    file.write_bytes(file.read_bytes() + b"\nMore.\n")
    return _shown(site, site.attested)


@tampering("overwritten")
def list_of_signers_edited(site: Site) -> Where:
    """Adds a line to the list of signers in the folder, with which strangers verify."""
    file = site.world.chart / "allowed_signers"
    file.write_bytes(file.read_bytes() + b"* ssh-ed25519 AAAA\n")
    return "allowed_signers"


@tampering("index", "overwritten", stock=(True, True))
def git_told_to_assume_a_file_unchanged(site: Site) -> Where:
    """Edits a signed note and tells git to assume it unchanged, so that `git status` is silent."""
    site.world.git("update-index", "--assume-unchanged", site.single, cwd=site.ada.folder)
    return _edit(site)


@tampering("index", "overwritten", stock=(True, True))
def git_told_to_skip_a_file(site: Site) -> Where:
    """Edits a signed note and tells git to skip it, so that `git status` is silent."""
    site.world.git("update-index", "--skip-worktree", site.single, cwd=site.ada.folder)
    return _edit(site)


@tampering("overwritten", stock=(True, True))
def file_hidden_from_git(site: Site) -> Where:
    """Edits a signed note, and hides every file from git by its exclude list."""
    (site.git_dir / "info").mkdir(exist_ok=True)
    (site.git_dir / "info" / "exclude").write_text("*\n")
    return _edit(site)


def _config(site: Site, *values: str) -> Where:
    for value in values:
        key, _, text = value.partition("=")
        site.world.git("config", key, text)
    return ".git/config"


@tampering("configuration")
def list_of_signers_exchanged(site: Site) -> Where:
    """Has git take its list of signers from another file."""
    return _config(site, "gpg.ssh.allowedSignersFile=/tmp/mine")


@tampering("configuration")
def program_run_by_status(site: Site) -> Where:
    """Has `git status` run a program, by the setting for file system monitors."""
    return _config(site, "core.fsmonitor=/tmp/monitor")


@tampering("configuration")
def settings_from_elsewhere(site: Site) -> Where:
    """Has git read further settings from another file."""
    return _config(site, "include.path=/tmp/more")


@tampering("configuration")
def hooks_from_elsewhere(site: Site) -> Where:
    """Has git run hooks from another folder."""
    return _config(site, "core.hooksPath=/tmp/hooks")


@tampering("configuration")
def signing_program_exchanged(site: Site) -> Where:
    """Has `git verify-commit` run a program that calls every signature good."""
    return _config(site, "gpg.ssh.program=/bin/true")


@tampering("configuration")
def faults_forgiven(site: Site) -> Where:
    """Has `git fsck` pass over trees that no file system should see."""
    return _config(site, "fsck.hasDotdot=ignore")


@tampering("configuration")
def second_configuration(site: Site) -> Where:
    """Plants a second configuration for one folder alone."""
    name = site.ada.branch.replace("/", "-")
    (site.git_dir / "worktrees" / name / "config.worktree").write_text("[core]\n\tfsmonitor = /tmp/monitor\n")
    return f".git/worktrees/{name}/config.worktree"


@tampering("configuration", stock=(True, True))
def attributes_of_this_copy(site: Site) -> Where:
    """Has plain git run every file through a filter, by the attributes of this copy."""
    (site.git_dir / "info" / "attributes").write_text("* filter=other\n")
    return ".git/info/attributes"


@tampering("configuration", stock=(True, True))
def files_left_out_of_the_folder(site: Site) -> Where:
    """Has plain git leave files out of the folder."""
    (site.git_dir / "info" / "sparse-checkout").write_text("/practice.toml\n")
    return ".git/info/sparse-checkout"
