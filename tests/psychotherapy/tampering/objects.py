"""Objects that no commit of the branch leads to, and damage."""

from __future__ import annotations

from tests.psychotherapy.tampering import tampering
from tests.psychotherapy.tampering.site import Site

TEXT = b"She spoke of the river.\n"


@tampering("sealed-plaintext")
def text_added_once(site: Site) -> None:
    """Leaves what one `git add` leaves."""
    site.git("hash-object", "-w", "--stdin", data=TEXT)


@tampering("sealed-plaintext")
def text_packed(site: Site) -> None:
    """Leaves it in a pack."""
    oid = site.git("hash-object", "-w", "--stdin", data=TEXT)
    site.git("pack-objects", "-q", ".git/objects/pack/pack", data=f"{oid}\n".encode())
    (site.top / ".git" / "objects" / oid[:2] / oid[2:]).unlink()


@tampering("sealed-plaintext")
def words_in_a_lost_commit(site: Site) -> None:
    """Leaves a commit with a name in its message."""
    site.git("commit-tree", "-m", "Ada, Monday", "HEAD^{tree}")


@tampering("sealed-plaintext")
def name_in_a_lost_folder(site: Site) -> None:
    """Leaves a folder that lists a file under a client's name."""
    blob = site.git("rev-parse", f"HEAD:{site.path(site.note)}")
    site.git("mktree", data=f"100644 blob {blob}\tada-example.age\n".encode())


@tampering("sealed-plaintext")
def name_of_an_empty_folder(site: Site) -> None:
    """Records a folder of a client's name with nothing in it, which no file tells of."""
    empty = site.git("mktree")
    rows = site.git("ls-tree", "HEAD")
    site.commit({}, tree=site.git("mktree", data=f"{rows}\n040000 tree {empty}\tada-example\n".encode()))


@tampering("sealed-plaintext")
def annotated_tag(site: Site) -> None:
    """Writes something into a tag and deletes the tag."""
    site.git("tag", "-a", "-m", "Ada, Monday", "t")
    site.git("tag", "-d", "t")


@tampering("damaged-object")
def flipped(site: Site) -> None:
    """Has the disk flip a bit in a sealed file."""
    oid = site.git("rev-parse", f"HEAD:{site.path(site.note)}")
    file = site.top / ".git" / "objects" / oid[:2] / oid[2:]
    file.chmod(0o600)
    raw = bytearray(file.read_bytes())
    raw[-20] ^= 1
    file.write_bytes(raw)
