"""Refs and folders' heads: what else is planted in a repository, and what a folder is made to show."""

from __future__ import annotations

from tests.verify.tampering import Where, tampering
from tests.verify.tampering.site import Site
from tests.world import Branch, id_of


@tampering("unknown-ref", stock=(True, True))
def commit_replaced(site: Site) -> Where:
    """Has git show an older commit in the place of the newest, by a replace ref."""
    name = f"refs/replace/{site.ada.commits[-1]}"
    site.ref(name, site.ada.commits[5])
    return name


@tampering("unknown-ref", stock=(True, True))
def text_replaced(site: Site) -> Where:
    """Has git show other words in the place of a signed note's, by a replace ref on its blob."""
    name = f"refs/replace/{site.blob(site.single)}"
    forged = site.world.store("blob", site.ada.texts[site.single].replace(b"on time", b"late"))
    site.save()
    site.ref(name, forged)
    return name


@tampering("unknown-ref", stock=(True, True))
def tag_planted(site: Site) -> Where:
    """Plants a tag, which a fetch would carry on to every copy."""
    site.world.git("tag", "v1")
    return "refs/tags/v1"


@tampering("unknown-ref", stock=(True, False))
def git_notes_planted(site: Site) -> Where:
    """Attaches words to a commit as git notes, which `git log` shows below the message."""
    site.world.git("-c", "user.name=x", "-c", "user.email=x", "notes", "add", "-m", "She lied.", site.ada.commits[-1])
    return "refs/notes/commits"


@tampering("unknown-ref")
def text_stashed(site: Site) -> Where:
    """Leaves another version of the practice's file in a stash."""
    (site.world.chart / "practice.toml").write_text("other\n")
    site.world.git("-c", "user.name=x", "-c", "user.email=x", "stash")
    return "refs/stash"


@tampering("unknown-ref", stock=(True, True))
def branch_planted(site: Site) -> Where:
    """Keeps an old state of the record under a branch of another name."""
    site.ref("refs/heads/archive", site.ada.commits[3])
    return "refs/heads/archive"


@tampering("unknown-ref", stock=(True, True))
def branch_below_a_client(site: Site) -> Where:
    """Plants a branch whose name only looks like a client's."""
    site.ref("refs/heads/client/ada", site.ada.commits[-1])
    return "refs/heads/client/ada"


@tampering("bad-ref", "vanished-line")
def branch_that_points_elsewhere(site: Site) -> Where:
    """Makes a client's branch follow another client's, so that the one shows the other's record."""
    (site.git_dir / "refs/heads" / site.bo.branch).write_text(f"ref: refs/heads/{site.ada.branch}\n")
    return f"refs/heads/{site.bo.branch}"


@tampering("bad-ref")
def packed_refs_with_something_else(site: Site) -> Where:
    """Adds a line to the packed refs that other programs read otherwise."""
    (site.git_dir / "packed-refs").write_text(f"{site.genesis} refs/heads/practice and more\n")
    return "packed-refs"


@tampering("rewritten", "commit-key", "message", "path", stock=(True, True))
def client_branch_with_another_root(site: Site) -> Where:
    """Points a client's branch at a line with another root."""
    site.ref(f"refs/heads/{site.bo.branch}", site.world.branches["practice"].commits[-1])
    return site.bo.branch


@tampering("message-ids", "register", "place", stock=(True, True))
def line_grown_from_another_clients(site: Site) -> Where:
    """Begins a new client's line on top of another client's."""
    line = site.world.client("cy", open_line=False)
    path, raw = line.note("Continued.")
    site.world.branches[line.branch] = Branch(line.branch, [], dict(site.world.branches[site.bo.branch].files))
    line.commit("draft", {path: raw}, id_of(path), parents=site.bo.commits[-1:])
    site.save()
    return line.branch, site.bo.commits[0]


@tampering("head", stock=(True, True))
def top_folder_shows_a_client(site: Site) -> Where:
    """Points the chart's top folder at a client's line."""
    (site.git_dir / "HEAD").write_text(f"ref: refs/heads/{site.ada.branch}\n")
    return "HEAD"


@tampering("head", stock=(True, True))
def top_folder_detached(site: Site) -> Where:
    """Detaches the chart's top folder at an old policy."""
    (site.git_dir / "HEAD").write_text(f"{site.genesis}\n")
    return "HEAD"


@tampering("head", stock=(True, True))
def client_folder_shows_another_client(site: Site) -> Where:
    """Points one client's folder at another client's line."""
    name = site.bo.branch.replace("/", "-")
    (site.git_dir / "worktrees" / name / "HEAD").write_text(f"ref: refs/heads/{site.ada.branch}\n")
    return f"worktrees/{name}/HEAD"


@tampering("head", stock=(True, True))
def client_folders_exchanged(site: Site) -> Where:
    """Makes one client's folder belong to another client's line."""
    (site.bo.folder / ".git").write_bytes((site.ada.folder / ".git").read_bytes())
    return f"clients/{site.bo.id}/.git"
