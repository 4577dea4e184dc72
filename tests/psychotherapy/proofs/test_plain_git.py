"""Text in the clear, brought in by every way that plain git has: refused, or found by `psychotherapy verify` and named by place.

Each route is tried with our hooks, and with hooks switched off as `-c core.hooksPath` does. Afterwards every object, ref, log and
file of git's is searched for the text: where it is anywhere, `verify` must say so, without a word of it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import everyday
from tests.psychotherapy.proofs.desk import Desk, holding, objects

TEXT = "She spoke of the lighthouse"
NO_HOOKS = "core.hooksPath=/dev/null"


class Git:
    """Plain git in the repository of sealed notes, as somebody types it.

    Args:
        desk: whose.
        hooks: whether they are on.
    """

    def __init__(self, desk: Desk, *, hooks: bool) -> None:
        self.desk, self.top, self.hooks = desk, desk.sealed, hooks
        self.codes: list[int] = []

    def __call__(self, *args: str | Path, data: str = "", top: Path | None = None) -> str:
        """A command; what it printed."""
        who = {f"GIT_{role}_{what}": "x" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        command = ["git", "-C", top or self.top, *([] if self.hooks else ["-c", NO_HOOKS]), *args]
        done = subprocess.run(
            command, input=data.encode(), capture_output=True, env={**os.environ, **who, "GIT_EDITOR": "true"}, timeout=60
        )
        self.codes.append(done.returncode)
        return done.stdout.decode("utf-8", "replace").strip()

    def draft(self, name: str = "a.md") -> None:
        """A text in the folder, staged."""
        (self.top / name).parent.mkdir(exist_ok=True)
        (self.top / name).write_text(f"{TEXT}\n")
        self("add", "-f", name)

    def elsewhere(self) -> Path:
        """A clone without our hooks, with a commit that holds the text."""
        clone = self.desk.top / "clone"
        subprocess.run(["git", "clone", "-q", "-b", "sealed", self.top, clone], check=True)
        (clone / "a.md").write_text(f"{TEXT}\n")
        self("add", "a.md", top=clone)
        self("commit", "-qm", "sealed", top=clone)
        return clone

    def fetched(self) -> str:
        """That commit, fetched as a remote's; its id."""
        clone = self.elsewhere()
        self("fetch", "-q", clone, "sealed:refs/remotes/other/sealed")
        return self("rev-parse", "HEAD", top=clone)

    def blob(self) -> str:
        """The text as an object; its id."""
        return self("hash-object", "-w", "--stdin", data=TEXT)

    def tree(self) -> str:
        """The head's files and the text; the tree's id."""
        rows = self("ls-tree", "HEAD")
        return self("mktree", data=f"{rows}\n100644 blob {self.blob()}\ta.md\n")


def _add(git: Git) -> None:
    git.draft()


def _add_in_a_drawer(git: Git) -> None:
    token = next(path for path in git.top.iterdir() if len(path.name) == 16)
    git.draft(f"{token.name}/0123456789abcdef.age")
    git("commit", "-nqm", "sealed")


def _commit(git: Git) -> None:
    git.draft()
    git("commit", "-qm", "sealed")


def _commit_without_asking(git: Git) -> None:
    git.draft()
    git("commit", "-nqm", "sealed")


def _message(git: Git) -> None:
    git("commit", "-n", "--allow-empty", "-qm", TEXT)


def _author(git: Git) -> None:
    git("commit", "-n", "--allow-empty", "-qm", "sealed", f"--author={TEXT} <x>")


def _amend(git: Git) -> None:
    git.draft()
    git("commit", "-nq", "--amend", "-m", "sealed")


def _stash(git: Git) -> None:
    git.draft()
    git("stash")


def _stash_create(git: Git) -> None:
    git.draft()
    git("stash", "create", TEXT)


def _cherry_pick(git: Git) -> None:
    git("cherry-pick", git.fetched())


def _rebase(git: Git) -> None:
    git("rebase", git.fetched())


def _merge(git: Git) -> None:
    git("merge", "--no-ff", "-m", "sealed", git.fetched())


def _squash(git: Git) -> None:
    git("merge", "--squash", git.fetched())


def _pull(git: Git) -> None:
    git("pull", "-q", "--ff-only", git.elsewhere(), "sealed")


def _fetch(git: Git) -> None:
    git.fetched()


def _fetch_into_the_branch(git: Git) -> None:
    git("fetch", "-q", "-u", git.elsewhere(), "+sealed:sealed")


def _push_from_elsewhere(git: Git) -> None:
    git("config", "receive.denyCurrentBranch", "ignore")
    git("push", "-q", git.top, "sealed:sealed", top=git.elsewhere())


def _push_another_ref(git: Git) -> None:
    git("push", "-q", git.top, "sealed:refs/heads/ada", top=git.elsewhere())


def _update_ref(git: Git) -> None:
    git("update-ref", "refs/heads/sealed", git.fetched())


def _reference_file(git: Git) -> None:
    (git.top / ".git/refs/heads/sealed").write_text(f"{git.fetched()}\n")


def _commit_tree(git: Git) -> None:
    git("update-ref", "refs/heads/ada", git("commit-tree", "-p", "HEAD", "-m", "sealed", git.tree()))


def _symbolic_ref(git: Git) -> None:
    git.fetched()
    git("symbolic-ref", "HEAD", "refs/remotes/other/sealed")


def _detach(git: Git) -> None:
    git("checkout", "-q", "--detach", git.fetched())


def _reset(git: Git) -> None:
    git("reset", "-q", "--hard", git.fetched())


def _orphan(git: Git) -> None:
    git("checkout", "-q", "--orphan", "ada")
    git.draft()
    git("commit", "-nqm", "sealed")


def _worktree(git: Git) -> None:
    other = git.desk.top / "tree"
    git("worktree", "add", "-q", "--detach", other)
    (other / "a.md").write_text(TEXT)
    git("add", "a.md", top=other)
    git("commit", "-nqm", "sealed", top=other)


def _notes(git: Git) -> None:
    git("notes", "add", "-m", TEXT)


def _tag(git: Git) -> None:
    git("tag", "-a", "-m", TEXT, "ada")


def _tag_of_a_blob(git: Git) -> None:
    git("tag", "ada", git.blob())


def _replace(git: Git) -> None:
    blob = git.blob()
    sealed = git("rev-parse", "HEAD:README.md")
    git("replace", sealed, blob)


def _am(git: Git) -> None:
    git("am", data=_mail())


def _apply(git: Git) -> None:
    git("apply", "--index", data=_mail().split("\n\n", 1)[1].split("---\n", 1)[1])


def _fast_import(git: Git) -> None:
    git("fast-import", "--quiet", "--force", data=_stream("sealed", "from refs/heads/sealed^0\n"))


def _fast_import_aside(git: Git) -> None:
    git("fast-import", "--quiet", data=_stream("ada"))


def _bundle(git: Git) -> None:
    clone, bundle = git.elsewhere(), git.desk.top / "a.bundle"
    git("bundle", "create", "-q", bundle, "sealed", top=clone)
    git("fetch", "-q", bundle, "sealed:refs/heads/ada")


def _unpack_objects(git: Git) -> None:
    clone = git.elsewhere()
    for path in (clone / ".git/objects").glob("??/*"):
        to = git.top / ".git/objects" / path.parent.name / path.name
        to.parent.mkdir(exist_ok=True)
        if not to.exists():
            shutil.copy(path, to)


def _submodule(git: Git) -> None:
    inner = git.top / "ada"
    inner.mkdir()
    git("init", "-q", top=inner)
    (inner / "a.md").write_text(TEXT)
    git("add", "a.md", top=inner)
    git("commit", "-qm", TEXT, top=inner)
    git("add", "ada")
    git("commit", "-nqm", "sealed")


def _alternates(git: Git) -> None:
    clone = git.elsewhere()
    (git.top / ".git/objects/info").mkdir(exist_ok=True)
    (git.top / ".git/objects/info/alternates").write_text(f"{clone / '.git/objects'}\n")


def _filter(git: Git) -> None:
    git("config", "filter.x.clean", f"echo '{TEXT}'")
    (git.top / ".git/info").mkdir(exist_ok=True)
    (git.top / ".git/info/attributes").write_text("* filter=x\n")
    (git.top / "README.md").touch()
    git("add", "--renormalize", ".")
    git("commit", "-nqam", "sealed")


def _description(git: Git) -> None:
    git("config", "branch.sealed.description", TEXT)


def _stream(branch: str, parent: str = "") -> str:
    blob = f"blob\nmark :1\ndata {len(TEXT)}\n{TEXT}\n"
    commit = f"commit refs/heads/{branch}\ncommitter sealed <sealed> 1795392000 +0000\ndata 7\nsealed\n"
    return f"{blob}{commit}{parent}M 100644 :1 a.md\n\n"


def _mail() -> str:
    return (
        f"From {'0' * 40} Mon Sep 17 00:00:00 2001\nFrom: x <x>\nDate: Mon, 23 Nov 2026 00:00:00 +0000\nSubject: sealed\n\n---\n"
        " a.md | 1 +\n\ndiff --git a/a.md b/a.md\nnew file mode 100644\n--- /dev/null\n+++ b/a.md\n@@ -0,0 +1 @@\n"
        f"+{TEXT}\n-- \n2\n"
    )


ROUTES: dict[str, Callable[[Git], None]] = {
    name[1:]: made
    for name, made in list(globals().items())
    if name.startswith("_") and not name.startswith("__") and callable(made) and name not in ("_mail", "_stream")
}


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two recorded notes, begun once for all routes; a folder to be copied."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("VAULTCLI_TESTING", "1")
        desk = Desk(tmp_path_factory.mktemp("begun") / "desk", env={"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"})
        desk.begin("ada")
        desk.begin_sealed()
        desk.new("ada", "one\n")
        desk.new("ada", "two\n")
    return desk.top


@pytest.fixture
def desk(begun: Path) -> Desk:
    """The same folders, put back for each route: paths in them are absolute."""
    kept = begun.with_name("kept")
    if not kept.exists():
        shutil.copytree(begun, kept, symlinks=True)
    shutil.rmtree(begun)
    made = Desk(begun)
    shutil.copytree(kept, begun, symlinks=True, dirs_exist_ok=True)
    return made


def words_in(top: Path, git_dir: Path) -> list[str]:
    """Where the text is: objects, whatever git borrows, and files."""
    found = ["objects"] if TEXT.encode() in objects(top) else []
    return found + holding([TEXT], git_dir, *(path for path in top.iterdir() if path != git_dir))


@pytest.mark.parametrize("hooks", [True, False], ids=["hooks", "no hooks"])
@pytest.mark.parametrize("route", everyday.some(ROUTES, 4))
def test_no_route_brings_text_in_unseen(desk: Desk, route: str, hooks: bool) -> None:
    git = Git(desk, hooks=hooks)
    heads = git("for-each-ref")
    ROUTES[route](git)
    found = words_in(desk.sealed, desk.sealed / ".git")
    verdict = desk.apart("verify", code=None)
    said = verdict.out + verdict.err
    assert "lighthouse" not in said
    if found:
        assert verdict.code == 1, (found, said)
        assert ": sealed-" in said or ": unknown-ref" in said or ": alternates" in said or ": configuration" in said, said
    if hooks and route not in NOT_JUDGED:
        after = git("for-each-ref")
        assert [row for row in after.splitlines() if "refs/remotes/" not in row] == heads.splitlines(), after
        assert "a.md" not in git("rev-list", "--branches", "--tags", "--objects")
    # nothing recorded was lost by it, and what plain git broke is named, not hidden
    assert verdict.code in (0, 1)
    assert found or hooks, "the route plants nothing: it would show nothing"


NOT_JUDGED = {"reference_file"}
"""Who writes into git's own files asks no hook."""


def test_untouched_there_is_nothing_to_find(desk: Desk) -> None:
    assert words_in(desk.sealed, desk.sealed / ".git") == []
    assert desk.apart("verify").out.startswith("VERIFIED")
    assert len(ROUTES) > 35
