"""Refs, settings, the folder, and what plain git writes down for itself."""

from __future__ import annotations

from tests.psychotherapy.tampering import tampering
from tests.psychotherapy.tampering.site import Site


@tampering("unknown-ref")
def stashed(site: Site) -> None:
    """Keeps a text in a stash."""
    (site.top / "README.md").write_text("She spoke of the river.\n")
    site.git("stash")


@tampering("unknown-ref")
def noted(site: Site) -> None:
    """Attaches a git note."""
    site.git("notes", "add", "-m", "Ada, Monday")


@tampering("unknown-ref")
def tagged(site: Site) -> None:
    """Plants a tag."""
    site.git("tag", "ada")


@tampering("unknown-ref")
def replaced(site: Site) -> None:
    """Has git show another commit in the place of the newest."""
    site.git("replace", "HEAD", "HEAD^")


@tampering("unknown-ref")
def second_branch(site: Site) -> None:
    """Keeps an older state under another name."""
    site.git("branch", "old", "HEAD^")


@tampering("head")
def another_branch_shown(site: Site) -> None:
    """Has the folder show no branch."""
    site.git("checkout", "-q", "--detach")


@tampering("sealed-leftover")
def words_in_a_log(site: Site) -> None:
    """Leaves words in the log of a ref."""
    with (site.top / ".git" / "logs" / "HEAD").open("a") as log:
        oid = site.git("rev-parse", "HEAD")
        log.write(f"{oid} {oid} x <x> 1763800000 +0000\tcommit: Ada, Monday\n")


@tampering("sealed-leftover")
def message_left(site: Site) -> None:
    """Leaves the message of a commit that was refused."""
    (site.top / ".git" / "COMMIT_EDITMSG").write_text("Ada, Monday\n")


@tampering("configuration")
def textconv(site: Site) -> None:
    """Has plain git open sealed files, and cache what it opened."""
    with (site.top / ".git" / "info" / "attributes").open("a") as file:
        file.write("*.age diff=age\n")


@tampering("overwritten")
def working_file_exchanged(site: Site) -> None:
    """Exchanges a file in the folder."""
    (site.top / site.path(site.note)).write_bytes(site.blob(site.path(site.second)))


@tampering("sealed-folder")
def text_in_the_folder(site: Site) -> None:
    """Leaves a text beside the sealed files."""
    (site.top / site.token / "monday.md").write_text("She spoke of the river.\n")
