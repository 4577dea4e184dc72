"""The demo: it runs to its end, and what it leaves stands up to the real tools."""

import subprocess
from pathlib import Path

import pytest

from tests import helpers


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
    parts = ("vaultcli init", "amend", "withdraw", "put back", "co-signed", "VERIFIED", "NOT VERIFIED", "note-changed", "export")
    for part in parts:
        assert part in text


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
    assert checked.count("ok") >= 22


def test_every_signature_passes_ssh_keygen(told):
    top, _, env = told
    chart = top / "practice" / "chart"
    files = sorted((chart / "clients").glob("*/notes/*.sig"))
    assert len(files) >= 18
    for signature in files:
        file = signature.with_suffix("")
        said = dict(row.strip().split(": ", 1) for row in file.read_text().splitlines() if row.startswith("  ") and ": " in row)
        command = f"ssh-keygen -Y verify -f {chart}/allowed_signers -I {said['by']} -n {said['kind']}@vaultcli.v1 -s {signature}"
        stock(f"{command} < {file}", chart, env)


def test_nothing_of_it_stands_in_the_users_settings(told):
    _, _, env = told
    assert not [path for path in Path(env["XDG_CONFIG_HOME"]).rglob("*") if path.is_file()]


def test_a_folder_that_is_there_is_left_alone(cli, tmp_path):
    (tmp_path / "mine").write_text("x")
    result = cli("demo", str(tmp_path))
    assert result.code == 6
    assert [path.name for path in tmp_path.iterdir() if path.name == "mine"]
