"""The object store: bits that flipped, objects that are gone, and what makes git read another history."""

from __future__ import annotations

import struct
from pathlib import Path

from tests.verify.tampering import Where, tampering
from tests.verify.tampering.site import Site


def _shown(oid: str) -> str:
    return f".git/objects/{oid[:2]}/{oid[2:]}"


def _offsets(site: Site) -> dict[str, int]:
    """Every packed object and where it begins in the pack."""
    index = next((site.git_dir / "objects" / "pack").glob("*.idx"))
    rows = (row.split() for row in site.world.git("verify-pack", "-v", str(index)).splitlines())
    return {row[0]: int(row[4]) for row in rows if len(row) >= 5 and len(row[0]) == 64}


def _flip(file: Path, at: int) -> None:
    file.chmod(0o644)
    raw = bytearray(file.read_bytes())
    raw[at] ^= 0x10
    file.write_bytes(raw)


@tampering("damaged-object", "missing-object", "unsettled", stock=(False, True))
def bit_flipped_in_a_loose_note(site: Site) -> Where:
    """Flips one bit in the file of a signed note's object."""
    oid = site.blob(site.single)
    _flip(site.loose(oid), 30)
    return _shown(oid)


@tampering("damaged-object", "missing-object", "unsettled", stock=(False, True))
def loose_note_exchanged(site: Site) -> Where:
    """Puts other words into the object file of a signed note, well-formed and under the old name."""
    oid = site.blob(site.single)
    site.plant(oid, "blob", site.ada.texts[site.single].replace(b"on time", b"late"))
    return _shown(oid)


@tampering("damaged-object", "missing-object", "unsettled")
def loose_note_emptied(site: Site) -> Where:
    """Leaves an object file empty, as a power cut does."""
    oid = site.blob(site.single)
    site.loose(oid).chmod(0o644)
    site.loose(oid).write_bytes(b"")
    return _shown(oid)


@tampering("missing-object", "unsettled", stock=(False, True))
def note_object_deleted(site: Site) -> Where:
    """Deletes the object of a signed note."""
    oid = site.blob(site.single)
    site.loose(oid).unlink()
    return _shown(oid)


@tampering("missing-object", "event", "message", "message-ids", "parent", "recorded", "settle")
def old_commit_deleted(site: Site) -> Where:
    """Deletes the object of a commit in the middle of a line, so that its past is out of reach."""
    oid = site.ada.commits[3]
    site.loose(oid).unlink()
    return _shown(oid)


@tampering("parent", "event", "message", "missing-object", "recorded", "settle")
def past_cut_off(site: Site) -> Where:
    """Deletes the object of an old commit, so that the next one looks like the first."""
    site.loose(site.ada.commits[2]).unlink()
    return site.ada.branch, site.ada.commits[3]


@tampering("damaged-object", "missing-object", "unsettled", stock=(False, True))
def bit_flipped_in_a_pack(site: Site) -> Where:
    """Flips one bit of a signed note in a pack."""
    pack, oid = site.pack(), site.blob(site.single)
    _flip(pack, _offsets(site)[oid] + 24)
    return _shown(oid)


@tampering("damaged-object", "missing-object", "genesis", "no-policy")
def pack_cut_short(site: Site) -> Where:
    """Cuts the last quarter off a pack."""
    pack = site.pack()
    offsets = _offsets(site)
    pack.write_bytes(pack.read_bytes()[: pack.stat().st_size * 3 // 4])
    return _shown(max(offsets, key=lambda oid: offsets[oid]))


@tampering("damaged-object", "missing-object", "genesis", "no-policy")
def pack_without_its_index(site: Site) -> Where:
    """Deletes the index of a pack, so that all its objects are out of reach."""
    pack = site.pack()
    pack.with_suffix(".idx").unlink()
    return f".git/objects/pack/{pack.name}"


@tampering("damaged-object", stock=(False, True))
def second_copy_of_a_packed_note(site: Site) -> Where:
    """Plants a loose copy with other words beside a packed note, for programs that read loose objects first."""
    oid = site.blob(site.single)
    site.pack()
    site.plant(oid, "blob", site.ada.texts[site.single].replace(b"on time", b"late"))
    return _shown(oid)


@tampering("shallow", stock=(True, True))
def history_cut_off(site: Site) -> Where:
    """Tells git that the history begins in the middle of a line."""
    (site.git_dir / "shallow").write_text(f"{site.ada.commits[6]}\n")
    return ".git/shallow"


@tampering("grafts", stock=(True, True))
def parents_grafted(site: Site) -> Where:
    """Tells git that the newest commit follows the first, so that `git log` passes over all between."""
    (site.git_dir / "info").mkdir(exist_ok=True)
    (site.git_dir / "info" / "grafts").write_text(f"{site.ada.commits[-1]} {site.ada.commits[0]}\n")
    return ".git/info/grafts"


@tampering("alternates", stock=(True, True))
def objects_borrowed(site: Site) -> Where:
    """Has git look for objects in another repository as well."""
    other = site.world.folder / "other"
    other.mkdir()
    (site.git_dir / "objects" / "info").mkdir(exist_ok=True)
    (site.git_dir / "objects" / "info" / "alternates").write_text(f"{other}\n")
    return ".git/objects/info/alternates"


@tampering("alternates")
def objects_only_promised(site: Site) -> Where:
    """Marks a pack as one whose missing objects a server will send when asked."""
    pack = site.pack()
    pack.with_suffix(".promisor").write_text("")
    return f".git/objects/pack/{pack.stem}.promisor"


@tampering("commit-graph", stock=(False, True))
def commit_graph_that_lies(site: Site) -> Where:
    """Changes git's ready-made index over the history, so that `git log` shows fewer commits."""
    site.world.git("commit-graph", "write", "--reachable")
    graph = site.git_dir / "objects" / "info" / "commit-graph"
    raw = graph.read_bytes()
    at = next(struct.unpack_from(">Q", raw, 8 + 12 * n + 4)[0] for n in range(8) if raw[8 + 12 * n : 12 + 12 * n] == b"CDAT")
    none = struct.pack(">L", 0x70000000)
    graph.chmod(0o644)
    width = 32
    graph.write_bytes(raw[: at + width] + none + raw[at + width + 4 :])
    return ".git/objects/info"


@tampering("bad-tree", stock=(False, True))
def folder_out_of_order(site: Site) -> Where:
    """Writes a folder's entries in an order in which git does not find one of them."""
    tree = site.parsed(site.ada.commits[-1]).tree
    raw = site.objects[tree][1]
    first = raw.index(b"\0") + 33
    return _in_tree(site, raw[first:] + raw[:first])


@tampering("bad-tree", stock=(False, True))
def file_twice_in_a_folder(site: Site) -> Where:
    """Writes a file into a folder twice, with other words the second time."""
    tree = site.parsed(site.ada.commits[-1]).tree
    raw = site.objects[tree][1]
    first = raw.index(b"\0") + 33
    return _in_tree(site, raw[:first] + raw)


@tampering("bad-tree", stock=(False, True))
def file_out_of_the_folder(site: Site) -> Where:
    """Names a file `..`, for programs that would write it a folder further up."""
    return _named(site, b"..")


@tampering("bad-tree", stock=(False, True))
def file_named_like_gits_own(site: Site) -> Where:
    """Names a file `.GIT`, which some file systems take for git's own folder."""
    return _named(site, b".GIT")


def _named(site: Site, name: bytes) -> Where:
    tree = site.parsed(site.ada.commits[-1]).tree
    blob = bytes.fromhex(site.blob("client.md"))
    return _in_tree(site, b"100644 " + name + b"\0" + blob + site.objects[tree][1])


def _in_tree(site: Site, raw: bytes) -> Where:
    tree = site.world.store("tree", raw)
    site.ada.commit("register", {}, tree=tree)
    site.save()
    return site.ada.branch, site.ada.commits[-1]
