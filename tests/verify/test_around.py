"""What lies around a history and makes plain git lie."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable

import pytest

from tests.world import ClientLine, World, key


def _replace(world: World, ada: ClientLine) -> None:
    world.git("replace", ada.commits[-1], ada.commits[-2])


def _graft(world: World, ada: ClientLine) -> None:
    (world.git_dir / "info" / "grafts").write_text(f"{ada.commits[-1]}\n")


def _shallow(world: World, ada: ClientLine) -> None:
    (world.git_dir / "shallow").write_text(f"{ada.commits[-1]}\n")


def _alternates(world: World, ada: ClientLine) -> None:
    (world.git_dir / "objects" / "info").mkdir(exist_ok=True)
    (world.git_dir / "objects" / "info" / "alternates").write_text("/nowhere\n")


def _stash(world: World, ada: ClientLine) -> None:
    world.git("update-ref", "refs/stash", ada.commits[-1])


def _notes(world: World, ada: ClientLine) -> None:
    world.git("update-ref", "refs/notes/commits", ada.commits[-1])


def _tag(world: World, ada: ClientLine) -> None:
    world.git("tag", "v1", ada.commits[-1])


def _packed_tag(world: World, ada: ClientLine) -> None:
    world.git("tag", "v1", ada.commits[-1])
    world.git("pack-refs", "--all")


def _branch(world: World, ada: ClientLine) -> None:
    world.git("branch", "topic", ada.commits[-1])


def _symbolic(world: World, ada: ClientLine) -> None:
    ref = world.git_dir / "refs" / "heads" / ada.branch
    ref.write_text("ref: refs/heads/practice\n")


def _broken_ref(world: World, ada: ClientLine) -> None:
    (world.git_dir / "refs" / "heads" / "client" / "0000000000000009").write_text("nothing\n")


def _detached(world: World, ada: ClientLine) -> None:
    (world.git_dir / "HEAD").write_text(world.genesis + "\n")


def _worktree_head(world: World, ada: ClientLine) -> None:
    admin = world.git_dir / "worktrees" / ada.branch.replace("/", "-")
    (admin / "HEAD").write_text("ref: refs/heads/practice\n")


def _config(world: World, ada: ClientLine) -> None:
    world.git("config", "core.fsmonitor", "/bin/false")


def _attributes(world: World, ada: ClientLine) -> None:
    (world.git_dir / "info" / "attributes").write_text("* text=auto\n")


def _worktree_config(world: World, ada: ClientLine) -> None:
    (world.git_dir / "config.worktree").write_text("[core]\n")


def _promised(world: World, ada: ClientLine) -> None:
    world.git("config", "--unset", "extensions.preciousObjects")
    world.git("repack", "-adq")
    pack = next((world.git_dir / "objects" / "pack").glob("*.pack"))
    pack.with_suffix(".promisor").touch()


def _graph(world: World, ada: ClientLine) -> None:
    world.git("commit-graph", "write", "--reachable")
    graph = world.git_dir / "objects" / "info" / "commit-graph"
    graph.chmod(0o600)
    raw = bytearray(graph.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    graph.write_bytes(raw)


def _assume(world: World, ada: ClientLine) -> None:
    world.git("update-index", "--assume-unchanged", _note(ada), cwd=ada.folder)


def _skip(world: World, ada: ClientLine) -> None:
    world.git("update-index", "--skip-worktree", _note(ada), cwd=ada.folder)


def _overwrite(world: World, ada: ClientLine) -> None:
    file = ada.folder / _note(ada)
    before = file.stat()
    file.write_bytes(file.read_bytes().replace(b"on time", b"in time"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def _link(world: World, ada: ClientLine) -> None:
    file = ada.folder / _note(ada)
    copy = world.folder / "copy"
    shutil.copy(file, copy)
    file.unlink()
    file.symlink_to(copy)


def _delete(world: World, ada: ClientLine) -> None:
    (ada.folder / _note(ada)).unlink()


def _signers(world: World, ada: ClientLine) -> None:
    with (world.chart / "allowed_signers").open("a") as stream:
        stream.write(f"* {key('eve').public.line}\n")


def _note(ada: ClientLine) -> str:
    return next(path for path in ada.texts if path.endswith(".sig")).removesuffix(".sig")


AROUND: dict[str, tuple[Callable[[World, ClientLine], None], set[str]]] = {
    "replace ref": (_replace, {"unknown-ref"}),
    "graft": (_graft, {"grafts"}),
    "shallow": (_shallow, {"shallow"}),
    "alternates": (_alternates, {"alternates"}),
    "promised objects": (_promised, {"alternates"}),
    "stash": (_stash, {"unknown-ref"}),
    "notes": (_notes, {"unknown-ref"}),
    "tag": (_tag, {"unknown-ref"}),
    "packed tag": (_packed_tag, {"unknown-ref"}),
    "branch": (_branch, {"unknown-ref"}),
    "symbolic line": (_symbolic, {"bad-ref", "vanished-line"}),
    "broken ref": (_broken_ref, {"bad-ref"}),
    "detached head": (_detached, {"head"}),
    "folder of another line": (_worktree_head, {"head"}),
    "configuration": (_config, {"configuration"}),
    "attributes": (_attributes, {"configuration"}),
    "second configuration": (_worktree_config, {"configuration"}),
    "commit graph": (_graph, {"commit-graph"}),
    "assume-unchanged": (_assume, {"index"}),
    "skip-worktree": (_skip, {"index"}),
    "signed file edited, times restored": (_overwrite, {"overwritten"}),
    "signed file a link": (_link, {"overwritten"}),
    "signed file deleted": (_delete, {"overwritten"}),
    "allowed signers edited": (_signers, {"overwritten"}),
}


@pytest.mark.parametrize("name", AROUND)
def test_what_lies_around_the_history(world: World, ada: ClientLine, name: str) -> None:
    tamper, expected = AROUND[name]
    tamper(world, ada)
    verdict = world.verify()
    assert {one.rule for one in verdict.findings} == expected
    assert verdict.exit_code == 1
    assert {one.rule for one in world.verify(cold=False).findings} == expected


def test_an_honest_commit_graph_and_a_rogue_exclude_are_no_findings(world: World, ada: ClientLine) -> None:
    world.git("commit-graph", "write", "--reachable")
    (world.git_dir / "info" / "exclude").write_text("*.md\n")
    (ada.folder / "notes" / "planted.md").write_text("planted")
    verdict = world.verify()
    assert verdict.findings == ()
    assert verdict.tally.counts.unrecorded == 1
    assert any("exclude" in remark for remark in verdict.remarks)


def test_a_draft_that_is_being_written_is_counted(world: World, ada: ClientLine) -> None:
    draft = [path for path in ada.texts if path.endswith(".md") and f"{path}.sig" not in ada.texts][-1]
    (ada.folder / draft).write_text("other words")
    verdict = world.verify()
    assert verdict.findings == ()
    assert verdict.tally.counts.edited == 1
