"""The demo: it runs to its end, and what it leaves stands up to the real tools."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import helpers

NOTES = Path(__file__).parents[3] / "templates" / "demo"
RISK = re.compile(r"\b(?:suicid|die\b|dead\b|ending his life|kill)", re.IGNORECASE)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The demo, played once; its folder and what it printed."""
    import os

    top = tmp_path_factory.mktemp("demo") / "vault"
    home = tmp_path_factory.mktemp("home")
    env = {**os.environ, "HOME": str(home), "VAULTCLI_TRACE": "1"}
    env |= {f"XDG_{kind.upper()}_HOME": str(home / kind) for kind in ("state", "config", "data")}
    done = subprocess.run([str(helpers.SCRIPTS / "vaultcli"), "demo", str(top)], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    return top, done.stdout, env


def stock(command: str, folder, env) -> str:
    done = subprocess.run(["sh", "-c", command], cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_tells_the_whole_story(told):
    _, text, _ = told
    parts = ("vaultcli init", "amend", "withdraw", "put back", "co-signed", "VERIFIED", "NOT VERIFIED", "note-changed")
    desk = ("imported dee-eli", "goals from the plan of", "Tuesday skills", "attached ada", "search", "chart.pdf", "backed up:")
    sealed = ("psychotherapy init", "sealed ada", "psychotherapy verify")
    for part in (*parts, *desk, "it can be restored; nothing was made", "vaultcli doctor", *sealed):
        assert part in text


def test_no_command_of_it_failed_unseen(told):
    _, text, _ = told
    assert "Traceback" not in text
    assert not [row for row in text.splitlines() if row.startswith(("vaultcli: ", "hint: "))]


def test_the_second_note_begins_with_the_goals_of_the_plan(told):
    top, _, _ = told
    goals = [
        row
        for path in sorted((top / "practice" / "chart" / "clients").glob("*/notes/*.md"))
        for row in path.read_text().splitlines()
        if row == "goals: [g1, g2]"
    ]
    assert len(goals) == 3  # two sessions, and the group's


def test_no_member_of_the_group_is_in_anothers_note(told):
    top, _, _ = told
    notes = sorted((top / "practice" / "chart" / "clients").glob("*/notes/*-group-*.md"))
    assert len(notes) == 3
    texts = [path.read_text() for path in notes]
    whose = [path.parent.parent.name for path in notes]
    for text, own in zip(texts, whose, strict=True):
        assert not [name for name in ("Ada", "Bo ", "Gil") if name in text.partition("---\n\n")[2]]
        assert not [other for other in whose if other != own and other in text]
    assert len({path.name for path in notes}) == 3


def test_what_it_exported_is_what_it_says(told):
    top, _, _ = told
    folder = top / "ada-export"
    assert {path.name for path in folder.iterdir()} == {
        "SHA256SUMS", "attachments", "chart.html", "chart.md", "chart.pdf", "signed"
    }  # fmt: skip
    assert (folder / "chart.pdf").read_bytes().startswith(b"%PDF-1.7")
    (letter,) = (folder / "attachments").iterdir()
    assert letter.read_bytes() == (top / "letter.pdf").read_bytes()
    rows = (top / "for-programs" / "sessions.csv").read_text().splitlines()
    lines = (top / "for-programs" / "notes.jsonl").read_text().splitlines()
    assert (len(rows) - 1, len(lines)) == (16, 20)  # a row for each session that stands, a line for each note


def test_its_backup_is_restored_into_an_empty_home(told, tmp_path):
    top, _, env = told
    genesis = stock("git rev-list --max-parents=0 practice", top / "practice" / "chart", env).strip()
    fresh = {**env, "HOME": str(tmp_path)} | {name: str(tmp_path / name) for name in env if name.startswith("XDG_")}
    command = [str(helpers.SCRIPTS / "vaultcli"), "restore", str(top / "backup-disk"), "--genesis", f"sha256:{genesis}", "--try"]
    done = subprocess.run(command, env=fresh, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "VERIFIED" in done.stdout


@pytest.mark.parametrize("vault", ["practice", "sam"])
def test_every_commit_passes_git(told, vault):
    top, _, env = told
    chart = top / vault / "chart"
    stock("git fsck --strict --full", chart, env)
    checked = stock(
        'git rev-list --all | while read c; do git -c gpg.ssh.allowedSignersFile="$PWD/allowed_signers" '
        "verify-commit $c 2>/dev/null || exit 1; echo ok; done",
        chart,
        env,
    )
    assert checked.count("ok") >= 34


def test_every_signature_passes_ssh_keygen(told):
    top, _, env = told
    chart = top / "practice" / "chart"
    files = sorted((chart / "clients").glob("*/notes/*.sig"))
    assert len(files) >= 24
    for signature in files:
        file = signature.with_suffix("")
        said = dict(row.strip().split(": ", 1) for row in file.read_text().splitlines() if row.startswith("  ") and ": " in row)
        command = f"ssh-keygen -Y verify -f {chart}/allowed_signers -I {said['by']} -n {said['kind']}@vaultcli.v1 -s {signature}"
        stock(f"{command} < {file}", chart, env)


def test_nothing_of_it_stands_in_the_users_settings(told):
    _, _, env = told
    assert not [path for path in Path(env["XDG_CONFIG_HOME"]).rglob("*") if path.is_file()]


def test_its_psychotherapy_note_is_sealed_and_found_in_no_file(told):
    top, text, env = told
    files = [path for root in (top, Path(env["HOME"])) for path in root.rglob("*") if path.is_file() and not path.is_symlink()]

    def found(words: str) -> tuple[int, list[str]]:
        objects = f"git cat-file --batch-all-objects --batch --unordered | grep -a -c '{words}' || true"
        counts = [stock(objects, top / "practice" / name, env).strip() for name in ("chart", "psychotherapy")]
        return sum(words.encode() in path.read_bytes() for path in files), counts

    words = "mother tongue"
    assert found(words) == (0, ["0", "0"])
    in_files, (in_chart, _) = found("slammed door")
    assert in_files > 0
    assert int(in_chart) > 0
    before, _, opened = text.partition("$ age -d -i ../../keys/lee-ssh")
    assert words in before
    if shutil.which("age"):
        assert "PSYCHOTHERAPY NOTES" in opened
        assert words in opened


def test_the_keys_of_its_psychotherapy_notes_are_in_its_own_folder(told):
    top, _, env = told
    assert (top / "keys" / "lee-psychotherapy" / "epoch.age").is_file()
    assert not list(Path(env["HOME"]).rglob("*.age"))


def test_a_folder_that_is_there_is_left_alone(cli, tmp_path):
    (tmp_path / "mine").write_text("x")
    result = cli("demo", str(tmp_path))
    assert result.code == 6
    assert [path.name for path in tmp_path.iterdir() if path.name == "mine"]


def test_the_notes_of_sessions_are_such_as_a_reviewer_asks_for() -> None:
    """Long enough, the technique by name, the next contact; risk asked about, and no two notes in the same words."""
    texts = {path.name: " ".join(path.read_text(encoding="utf-8").split()) for path in sorted(NOTES.glob("[01]*.md"))}
    sessions = {name: text for name, text in texts.items() if not name.startswith(("11-", "12-"))}
    assert len(sessions) == 10
    risk = set()
    for name, text in sessions.items():
        assert len(text.split()) >= 150, name
        assert re.search(r"\bUsed (?:\w+[ -]){1,3}", text), name
        assert re.search(r"\bNext contact in \w+ weeks?", text), name
        about = [one for one in re.split(r"(?<=[.?!])\s", text) if RISK.search(one)]
        assert about, name
        risk |= set(about)
    assert len(risk) >= len(sessions)
    british = re.compile(r"\b\w*(?:isation|ised|behaviour|humour|colour|practis)\w*", re.IGNORECASE)
    assert [found for text in texts.values() for found in british.findall(text)] == []
