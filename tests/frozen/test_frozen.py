"""The frozen world, written by vaultcli 0.1.0 alone, stays readable and verified: `README.md` here says what is in it.

The archive is unpacked once; tests that only look share one copy, tests that write get their own. Both lie at another place
than where the world was made, as on a new computer: what names the old place is set by hand, as its owner would do it, and
the rest is vaultcli's to mend. All commands are the installed ones, as processes, and nothing here imports vaultcli.
"""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.helpers import SCRIPTS, Result, run_process

HERE = Path(__file__).parent
NAME = "frozen-0.1.0"
EXPECTED: Mapping[str, Any] = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
VAULTS = EXPECTED["vaults"]
SECRETS = EXPECTED["secrets"]
SEALED = [name for name, row in VAULTS.items() if "psychotherapy" in row]
SUMMARY = ("verdict", "exit", "genesis", "who", "when", "counts", "successions")
HUBS = ("hub.git", "sealed-hub.git", "kims-hub.git")
GENESIS = EXPECTED["genesis"]
_NAMES_A_PLACE = (
    "*/practice/vault.toml",
    "*/practice/psychotherapy.toml",
    "*/practice/*/.git/config",
    "*/home/.config/vaultcli/settings.toml",
    "*/home/.local/share/vaultcli/keys/*/*.toml",
    "*/home/.local/state/vaultcli/backups/*/*.json",
)
"""What says where things are on this machine: to be set when a vault, its keys or its remotes have moved."""


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def within(expected: Any, found: Any, where: str = "") -> None:
    """Everything that was said then is said now; more may be said."""
    if isinstance(expected, dict):
        assert isinstance(found, dict), where
        for key, value in expected.items():
            assert key in found, f"{where}/{key} is gone"
            within(value, found[key], f"{where}/{key}")
    elif isinstance(expected, list):
        assert isinstance(found, list), where
        assert len(found) == len(expected), f"{where}: {len(expected)} then, {len(found)} now"
        for number, (one, other) in enumerate(zip(expected, found, strict=True)):
            within(one, other, f"{where}/{number}")
    else:
        assert found == expected, f"{where}: {expected!r} then, {found!r} now"


class World:
    """The world, or some of its folders, at a place of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for pattern in _NAMES_A_PLACE:
            for file in root.glob(pattern):
                raw = file.read_bytes()
                if EXPECTED["root"].encode() in raw:
                    file.write_bytes(raw.replace(EXPECTED["root"].encode(), os.fsencode(root)))

    def env(self, machine: str) -> dict[str, str]:
        home = self.root / machine / "home"
        return {
            "HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "XDG_DATA_HOME": str(home / ".local/share"),
            "XDG_STATE_HOME": str(home / ".local/state"), "XDG_CACHE_HOME": str(home / ".cache"),
            "VAULTCLI_CLOCK": EXPECTED["clock"], "TZ": EXPECTED["zone"],
        }  # fmt: skip

    def run(self, machine: str, *args: str | Path, code: int | None = 0, stdin: str = "", where: Path | None = None) -> Result:
        """A command on one of the machines; None takes any exit code."""
        folder = where or self.root / machine / "practice"
        done = run_process([str(arg) for arg in args], stdin=stdin, env=self.env(machine), cwd=folder)
        assert code is None or done.code == code, (args, done)
        return done

    def json(self, machine: str, *args: str | Path, code: int | None = 0) -> Any:
        """What it prints with --json, the world's folder written as when it was recorded."""
        return json.loads(self.run(machine, *args, "--json", code=code).out.replace(str(self.root), "ROOT"))

    def typed(self, machine: str, *args: str | Path, secret: str, code: int = 0) -> str:
        """A command in a terminal, where a passphrase is asked for once."""
        return _typed(
            [str(SCRIPTS / "vaultcli"), *map(str, args)], self.env(machine), self.root / machine / "practice", secret, code
        )

    def chart(self, machine: str) -> Path:
        return self.root / machine / "practice" / "chart"

    def sealed(self, machine: str) -> Path:
        return self.root / machine / "practice" / "psychotherapy"

    def id(self, handle: str) -> str:
        return str(VAULTS["office"]["clients"][handle]["entry"]["id"])


def _typed(words: list[str], env: Mapping[str, str], where: Path, secret: str, code: int) -> str:
    child = pexpect.spawn(
        words[0], words[1:], env={**os.environ, **env}, cwd=str(where), encoding="utf-8", timeout=60, dimensions=(40, 200)
    )
    child.expect("(?i)passphrase.*: ")
    child.send(f"{secret}\r")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == code, child.before
    return str(child.before).replace("\r\n", "\n")


def stock(command: str, where: Path, *, stdin: bytes = b"", **env: str) -> str:
    """Stock tools in a shell; they have to succeed."""
    done = subprocess.run(
        ["sh", "-c", command], input=stdin, cwd=where, env={**os.environ, **env}, capture_output=True, timeout=60
    )
    assert done.returncode == 0, (command, done)
    return done.stdout.decode("utf-8", "surrogateescape")


def at_the_time(said: Mapping[str, Any]) -> str:
    """For ssh-keygen: to judge by the keys of the time of a signature, as some have ended since."""
    moment = datetime.fromisoformat(said["time"]).astimezone(UTC)
    return f"-Overify-time={moment:%Y%m%d%H%M%SZ}"


def verifies(world: World, machine: str, code: int | None = 0) -> Any:
    verdict = world.json(machine, "verify", "--cold", code=code)
    assert verdict["findings"] == []
    return verdict


class Archive:
    """The archive, decompressed once; folders of it are unpacked where they are wanted."""

    def __init__(self) -> None:
        raw = lzma.decompress((HERE / f"{NAME}.tar.xz").read_bytes())
        self._tar = tarfile.open(fileobj=io.BytesIO(raw))  # noqa: SIM115 - in memory, for as long as the tests run
        self._members = self._tar.getmembers()

    def unpack(self, top: Path, *names: str) -> World:
        """These folders, or all of it."""
        within_ = tuple(f"{NAME}/{name}" for name in names)
        wanted = (one for one in self._members if not names or f"{one.name}/".startswith(within_))
        self._tar.extractall(top, wanted, filter="tar")
        return World(top / NAME)


@pytest.fixture(scope="session")
def archive() -> Archive:
    return Archive()


@pytest.fixture(scope="module")
def world(archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> World:
    """All of it, to look at: nobody records here."""
    return archive.unpack(tmp_path_factory.mktemp("frozen"))


@pytest.fixture
def fresh(archive: Archive, tmp_path: Path) -> Callable[..., World]:
    """`fresh("office/", "hub.git/")`: a copy of these folders, to write in."""
    return partial(archive.unpack, tmp_path)


def released() -> bool:
    """Whether the program is the one that made the world."""
    return f"vaultcli {run_process(['--version']).out.split()[-1]}" == EXPECTED["made-by"]


# the fixture itself


def test_archive_is_the_one_that_was_judged(world: World) -> None:
    """Exports, backups, bundles and papers have the bytes that they had."""
    assert {name: digest(world.root / name) for name in EXPECTED["files"]} == EXPECTED["files"]


# the chart


@pytest.mark.parametrize("machine", VAULTS)
def test_verdict_stays(world: World, machine: str) -> None:
    """VERIFIED stays VERIFIED, and what an exception excused stays excused; signers, dates, counts and heads are the same."""
    then = VAULTS[machine]["verify"]
    now = world.json(machine, "verify", "--cold", "--chart", code=then["exit"])
    assert now["findings"] == []
    for key in (*SUMMARY, "pinned", "unchanged", "excused", "exceptions"):
        within(then["json"][key], now[key], key)
    heads = {row["line"]: row["head"] for row in then["json"]["lines"]}
    assert {row["line"]: row["head"] for row in now["lines"]} == heads
    assert set(then["json"]["remarks"]) <= set(now["remarks"])


@pytest.mark.parametrize("machine", VAULTS)
def test_signed_bytes_are_unchanged(world: World, machine: str) -> None:
    """In the folder and in the history."""
    chart = world.chart(machine)
    there = {str(file.relative_to(chart)).removesuffix(".sig"): file for file in chart.glob("clients/*/*/*.md.sig")}
    assert {path: digest(file.with_suffix("")) for path, file in there.items()} == VAULTS[machine]["signed"]
    for path, file in there.items():
        assert digest(file) == EXPECTED["signed"][VAULTS[machine]["signed"][path]]["sig"], path
    asked = [path.split("/", 2) for path in VAULTS[machine]["signed"]]
    names = "".join(f"client/{client}:{path}\n" for _, client, path in asked).encode()
    recorded = subprocess.run(["git", "cat-file", "--batch"], input=names, cwd=chart, capture_output=True, check=True).stdout
    for path, sha256 in VAULTS[machine]["signed"].items():
        head, _, recorded = recorded.partition(b"\n")
        size = int(head.split()[2])
        assert hashlib.sha256(recorded[:size]).hexdigest() == sha256, path
        recorded = recorded[size + 1 :]


@pytest.mark.parametrize("machine", ["office", "kim"])
def test_ssh_keygen_says_good(world: World, machine: str) -> None:
    """Stock OpenSSH accepts every signed file, at the time of its signature: some keys have ended since."""
    chart = world.chart(machine)
    for path, sha256 in VAULTS[machine]["signed"].items():
        said = EXPECTED["signed"][sha256]
        done = subprocess.run(
            ["ssh-keygen", "-Y", "verify", "-f", "allowed_signers", "-I", said["by"], "-n", f"{said['kind']}@vaultcli.v1", "-s",
             f"{path}.sig", at_the_time(said)],
            cwd=chart, input=(chart / path).read_bytes(), capture_output=True,
        )  # fmt: skip
        assert done.returncode == 0, (path, done)
        assert b"Good" in done.stdout
        assert said["key"].encode() in done.stdout


@pytest.mark.parametrize("repository", [*HUBS, *(f"{name}/practice/chart" for name in VAULTS)])
def test_git_finds_the_repositories_whole(world: World, repository: str) -> None:
    assert stock("git fsck --strict --full --no-dangling --no-progress", world.root / repository) == ""


def then_by_id(machine: str, kind: str) -> dict[str, Any]:
    """What `list` (`notes`) or the export for programs (`rows`) said of each note of a vault."""
    clients = VAULTS[machine]["clients"].values()
    names = (name for one in clients for name in (one["list"] if kind == "notes" else one["export"]["rows"]))
    return {EXPECTED[kind][name]["id"]: EXPECTED[kind][name] for name in names}


@pytest.mark.parametrize("machine", ["office", pytest.param("kim", marks=pytest.mark.slow)])
def test_lists_and_exports_say_the_same(world: World, machine: str, tmp_path: Path) -> None:
    """Every note of every client, as `list` and the export for programs have it."""
    listed = {one["id"]: one for one in world.json(machine, "list", "--since", "2000-01-01")["notes"]}
    within({id_: one for id_, one in then_by_id(machine, "notes").items() if id_ in listed}, listed)
    # in the list of all clients those with a closed chart are left out
    assert {one["handle"] for id_, one in then_by_id(machine, "notes").items() if id_ not in listed} <= {"hal"}
    world.run(machine, "export", "--all", "--jsonl", "-o", tmp_path / "all")
    rows = {row["id"]: row for row in map(json.loads, (tmp_path / "all" / "notes.jsonl").read_text().splitlines())}
    within(then_by_id(machine, "rows"), rows)


@pytest.mark.slow
@pytest.mark.parametrize("machine", VAULTS)
def test_lists_and_exports_of_each_client_say_the_same(world: World, machine: str) -> None:
    exact = released()
    for handle, then in VAULTS[machine]["clients"].items():
        listed = world.json(machine, "list", handle)["notes"]
        within([EXPECTED["notes"][name] for name in then["list"]], listed, handle)
        export = world.run(machine, "export", handle, "--jsonl", "--stdout", code=then["export"]["exit"])
        rows = [json.loads(row) for row in export.out.splitlines()]
        within([EXPECTED["rows"][name] for name in then["export"]["rows"]], rows, handle)
        if exact:
            assert hashlib.sha256(export.out.encode()).hexdigest() == then["export"]["sha256"], handle


def test_register_says_the_same(world: World) -> None:
    for machine in ("office", "kim"):
        found = {row["handle"]: row for row in world.json(machine, "client", "list", "--closed")}
        within({handle: row["entry"] for handle, row in VAULTS[machine]["clients"].items()}, found)


def test_show_has_corrections_and_what_was_added(world: World) -> None:
    """A corrected date, a note signed before its session's end, an attested note, one that a succession kept."""
    shown = {
        word: world.json("office", "show", EXPECTED["ids"][word])
        for word in ("corrected date", "early", "attested", "cy 1", "far")
    }
    assert shown["corrected date"]["date"] == "2026-09-23"
    assert [row["kind"] for row in shown["corrected date"]["signatures"]] == ["note", "correction", "correction"]
    assert shown["early"]["signatures"][0]["lateness"] < 0
    assert shown["attested"]["state"] == "attested"
    assert "brother" in shown["attested"]["text"]
    assert shown["cy 1"]["state"] == "co-signed"
    assert "on 0 to 10" in shown["cy 1"]["text"]
    assert shown["far"]["signatures"][0]["lateness"] == -17


def test_drafts_and_unsaved_words_are_still_there(world: World) -> None:
    for machine in ("office", "laptop", "sam"):
        (vault,) = world.json(machine, "status")["vaults"]
        assert {row["path"] for row in vault["drafts"]} == set(VAULTS[machine]["drafts"])
    edited = (
        file.read_text() for file in (world.chart("office") / "clients" / world.id("ada") / "notes").glob("2026-11-16-*.md")
    )
    assert any("words that nobody recorded" in text for text in edited)
    assert (
        "Never saved."
        in (world.chart("office") / "clients" / world.id("bo") / "notes" / "2026-11-16-progress-4r0q2m8wkc4xe9r7.md").read_text()
    )
    assert any(
        "Step 4." in file.read_text() for file in (world.chart("office") / "clients" / world.id("tuesday")).glob("notes/*.md")
    )


@pytest.mark.slow
def test_moved_vault_is_tied_together_again(fresh: Callable[..., World]) -> None:
    """Git's links name the old place; the first command that opens the chart mends them, and the pins still hold."""
    world = fresh("spare/")
    link = next((world.chart("spare") / "clients").glob("*/.git"))
    assert EXPECTED["root"] in link.read_text()
    said = world.run("spare", "list", "cy").err
    assert "has moved" in said
    assert str(world.root) in link.read_text()
    assert world.run("spare", "list", "cy").err == ""
    assert stock("git log --oneline", link.parent)
    assert verifies(world, "spare")["pinned"]["by"] == "restore"


def test_without_pins_nothing_is_trusted(fresh: Callable[..., World]) -> None:
    world = fresh("spare/")
    shutil.rmtree(world.root / "spare/home/.local/state/vaultcli/pins")
    assert world.json("spare", "verify", "--chart", code=11)["verdict"] == "unpinned"


@pytest.mark.slow
def test_caches_can_go(fresh: Callable[..., World]) -> None:
    """Only pins, sealed notes' state and backups' memory matter of what a machine remembers."""
    world = fresh("office/")
    state = world.root / "office/home/.local/state/vaultcli"
    for name in ("verified", "folded", "glance", "practice"):
        shutil.rmtree(state / name)
    (world.chart("office") / ".git/vaultcli/index.sqlite").unlink()
    assert verifies(world, "office")["verdict"] == "verified"
    assert world.json("office", "search", "worry time")["found"] == 3


def test_writing_goes_on(fresh: Callable[..., World]) -> None:
    """New notes, an amendment and a co-signature on lines of then, also on one that was begun anew; all of it verifies."""
    world = fresh("office/", "hub.git/")
    note = "## Data\n\nCame on time.\n\n## Assessment\n\nBetter.\n\n## Plan\n\nNext week.\n"
    for handle in ("fay", "hal"):
        args = (
            "new",
            handle,
            "09:00-09:50",
            "--date",
            "2026-11-23",
            "--format",
            "dap",
            "--place",
            "office",
            "--from",
            "-",
            "--sign",
        )
        world.run("office", *args, stdin=note)
    world.run("office", "amend", EXPECTED["ids"]["early"], "-m", "She asked about it again.")
    world.run("office", "save", "ada")
    verdict = verifies(world, "office")
    assert verdict["verdict"] == "verified"
    assert verdict["counts"]["signed"] == VAULTS["office"]["verify"]["json"]["counts"]["signed"] + 2
    done = world.json("office", "sync")
    assert [row["in_step"] for row in done] == [True]


@pytest.mark.slow
def test_line_that_went_on_in_two_places_loses_nothing(fresh: Callable[..., World]) -> None:
    """0.1.0 leaves it as it is (exit code 6); whatever a later version does, both sides' signed files stay and all verifies."""
    world = fresh("laptop/", "hub.git/")
    (line,) = VAULTS["laptop"]["diverged"]
    folder = world.chart("laptop") / "clients" / line.removeprefix("client/")
    theirs = stock(f"git rev-parse refs/remotes/hub/{line}", world.chart("laptop")).strip()
    ours = stock(f"git rev-parse {line}", world.chart("laptop")).strip()
    code = world.run("laptop", "sync", code=None).code
    assert code == 6 if released() else code in (0, 1, 6)
    for commit in (ours, theirs):
        assert stock(f"git cat-file -t {commit}", world.chart("laptop")) == "commit\n"
    for path, sha256 in VAULTS["laptop"]["signed"].items():
        assert digest(world.chart("laptop") / path) == sha256
    stock(f"git merge-base --is-ancestor {ours} HEAD", folder)
    assert verifies(world, "laptop")["verdict"] == "verified"


@pytest.mark.slow
def test_machine_with_ended_keys_records_nothing_for_others(fresh: Callable[..., World]) -> None:
    """The lost netbook comes back: it learns that its keys ended; what it alone recorded goes nowhere, and stays its own."""
    world = fresh("netbook/", "hub.git/", "office/")
    before = stock("git for-each-ref refs/heads", world.root / "hub.git")
    world.run("netbook", "sync", code=None)
    assert stock("git for-each-ref refs/heads", world.root / "hub.git") == before
    (only,) = (world.chart("netbook") / "clients" / world.id("uma") / "notes").glob("2026-10-21-contact-????????????????.md")
    assert "Rang before she went to work." in only.read_text()
    world.run("office", "sync")
    assert verifies(world, "office")["verdict"] == "verified"


@pytest.mark.slow
def test_new_machine_adopts_what_the_remote_has(fresh: Callable[..., World]) -> None:
    """Another computer of Lee's, from the bare remote, with the paper."""
    world = fresh("hub.git/", "paper/")
    home = world.root / "new"
    home.mkdir()
    page = world.root / "paper" / "recovery-page.txt"
    world.run(
        "new", "init", "practice", "--adopt", world.root / "hub.git", "--genesis", GENESIS, "--yes", "--as", "lee-example",
        "--recovery-page", page, where=home,
    )  # fmt: skip
    verdict = verifies(world, "new")
    assert (verdict["verdict"], verdict["pinned"]["by"]) == ("verified", "adopt")
    assert len(verdict["successions"]) == len(VAULTS["office"]["verify"]["json"]["successions"])
    world.run("new", "new", "gil", "10:00-10:45", "--date", "2026-11-23", "-m", "Came on time.", "--sign")
    assert verifies(world, "new")["verdict"] == "verified"


@pytest.mark.slow
def test_sha1_vault_with_exceptions_goes_on(fresh: Callable[..., World]) -> None:
    """Kim's key asks for its passphrase; the finding that an exception excuses is printed for ever."""
    world = fresh("kim/", "kims-hub.git/")
    args = ("new", "kit", "10:00-10:50", "--date", "2026-11-20", "-m", "Came on time again.", "--sign")
    world.typed("kim", *args, secret=SECRETS["kims-key"])
    verdict = verifies(world, "kim", code=12)
    assert {row["finding"]["rule"] for row in verdict["excused"]} == {"message", "revoked-key"}
    world.run("kim", "sync")


# what was given away, and copies


@pytest.mark.parametrize(
    "bundle", [name if re.search("ada|cy", name) else pytest.param(name, marks=pytest.mark.slow) for name in EXPECTED["bundles"]]
)
def test_bundle_verifies_with_the_genesis_and_without_is_unpinned(world: World, bundle: str) -> None:
    path, then = world.root / bundle, EXPECTED["bundles"][bundle]
    now = world.json("office", "verify", "--bundle", path, "--genesis", GENESIS, code=then["exit"])
    for key in SUMMARY:
        within(then["json"][key], now[key], key)
    if bundle.endswith("ada.bundle"):
        world.run("office", "verify", "--bundle", path, code=11)


def test_sealed_old_lines_are_what_the_record_says(world: World, tmp_path: Path) -> None:
    """Each sealed bundle has the SHA-256 that its succession names, and stock git opens it."""
    named = set()
    for file in world.chart("office").glob("clients/*/succession.toml"):
        named |= set(re.findall(r'^sealed = "([0-9a-f]{64})"$', file.read_text(), re.MULTILINE))
    bundles = sorted((world.root / "sealed-lines").iterdir())
    assert {digest(path) for path in bundles} == named
    for path in bundles:
        stock(f"git clone -q --bare {path} {tmp_path / path.stem}", tmp_path)
        assert stock("git fsck --strict --full --no-dangling --no-progress", tmp_path / path.stem) == ""


def test_stranger_checks_an_export(world: World) -> None:
    """The signed files of an export, with the list of signers that lies beside them."""
    folder = world.root / "exports" / "ada" / "signed"
    count = 0
    for signature in sorted(folder.rglob("*.md.sig")):
        said = EXPECTED["signed"][digest(signature.with_suffix(""))]
        command = f"ssh-keygen -Y verify -f allowed_signers -I {said['by']} -n {said['kind']}@vaultcli.v1 -s {signature}"
        command += f" {at_the_time(said)}"
        assert "Good" in stock(command, folder, stdin=signature.with_suffix("").read_bytes())
        count += 1
    assert count == 17


@pytest.mark.parametrize("kind", ["open", "sealed"])
def test_backup_can_be_restored(world: World, kind: str) -> None:
    """Tried with the genesis of the paper, on the machine that made it."""
    identity = ("--identity", world.root / "paper" / "backup-identity.txt") if kind == "sealed" else ()
    args = ("restore", world.root / "backups" / kind, "--genesis", GENESIS, *identity, "--try")
    within(EXPECTED["backups"][kind]["json"], world.json("office", *args, code=EXPECTED["backups"][kind]["exit"]))


@pytest.mark.parametrize("kind", [pytest.param("open"), pytest.param("sealed", marks=pytest.mark.slow)])
def test_backup_restores_on_a_new_computer_and_verifies(fresh: Callable[..., World], kind: str) -> None:
    """With the words that were not saved when it was made."""
    world = fresh("backups/", "paper/")
    home = world.root / "new"
    home.mkdir()
    identity = ("--identity", world.root / "paper" / "backup-identity.txt") if kind == "sealed" else ()
    world.run(
        "new", "restore", world.root / "backups" / kind, "practice", *identity, "--as", "lee-example", "--yes",
        "--recovery-page", world.root / "paper" / "recovery-page.txt", where=home,
    )  # fmt: skip
    verdict = verifies(world, "new")
    assert (verdict["verdict"], verdict["pinned"]["by"]) == ("verified", "restore")
    signed = {
        str(file.relative_to(world.chart("new"))).removesuffix(".sig") for file in world.chart("new").glob("clients/*/*/*.md.sig")
    }
    assert {path: digest(world.chart("new") / path) for path in signed} == VAULTS["office"]["signed"]
    unsaved = world.chart("new") / "clients" / world.id("bo") / "notes" / "2026-11-16-progress-4r0q2m8wkc4xe9r7.md"
    assert "Never saved." in unsaved.read_text()


# psychotherapy notes


@pytest.mark.parametrize("machine", SEALED)
def test_sealed_verdict_stays(world: World, machine: str) -> None:
    then = VAULTS[machine]["psychotherapy"]
    now = world.json(machine, "psychotherapy", "verify", code=then["exit"])
    assert now["findings"] == []
    for key in ("verdict", "genesis", "pinned", "counts"):
        within(then["json"][key], now[key], key)


def test_sealed_notes_open_with_the_passphrase(world: World) -> None:
    """With vaultcli, and every version of every note, each in its place."""
    said = world.typed("office", "psychotherapy", "verify", "--unlocked", secret=SECRETS["notes-rotated"])
    assert "VERIFIED" in said
    assert "31 versions, each in its place; 1 unsigned" in said


@pytest.mark.slow
def test_sealed_notes_are_shown_listed_and_searched(world: World) -> None:
    for args, words in {
        ("psychotherapy", "show", "ada"): "What was handed over does not hold this one.",
        ("psychotherapy", "search", "mother tongue"): "What if the river is the mother tongue?",
        ("psychotherapy", "show", "fay"): "Not her sister.",
        ("psychotherapy", "log", "--access"): "tried once",
        ("psychotherapy", "recover"): "of a new note",
        ("psychotherapy", "list"): "hal+2",
    }.items():
        assert words in world.typed("office", *args, secret=SECRETS["notes-rotated"])
    assert "Ask again." in world.typed("laptop", "psychotherapy", "show", "fay", secret=SECRETS["notes-laptop"])


def texts(identities: list[str], repository: Path) -> str:
    """Every text that opens with these drawers' identities, each in its own drawer, by stock age and tar."""
    found = ""
    for identity in identities:
        token = re.search(r"^# token: (\w+)$", identity, re.MULTILINE)
        assert token is not None
        for file in sorted((repository / token[1]).glob("*.age")):
            if file.name != "identity.age":
                command = f"age -d -i - {file} | tar -xOf - note.md"
                done = subprocess.run(["sh", "-c", command], input=identity.encode(), capture_output=True)
                found += done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""
    return found


def drawers(epoch: str, repository: Path) -> list[str]:
    """The identities of the drawers that an epoch's identity opens."""
    found = []
    for file in sorted(repository.glob("*/identity.age")):
        done = subprocess.run(["age", "-d", "-i", "-", file], input=epoch.encode(), capture_output=True)
        if done.returncode == 0:
            found.append(done.stdout.decode())
    return found


def paper_epoch(page: Path) -> str:
    """The epoch's identity from the recovery page alone, by sed, base64 and age."""
    cut = "sed -n 's/^{}[0-9]*: *//p' " + str(page) + " | sed 's/#.*//' | tr -d ' \\n'"
    stock(cut.format("E") + " | base64 -d > epoch.age", page.parent)
    return stock(cut.format("A") + " | age -d -i - epoch.age", page.parent)


def test_paper_alone_opens_the_notes_with_stock_tools(fresh: Callable[..., World]) -> None:
    """The newest page opens every drawer but the destroyed one. The first page, which the story burnt, opens that one alone."""
    world = fresh("office/practice/psychotherapy/", "paper/")
    opened = drawers(paper_epoch(world.root / "paper" / "psychotherapy-page-3.html"), world.sealed("office"))
    assert len(opened) == VAULTS["office"]["psychotherapy"]["json"]["counts"]["drawers"]
    words = texts(opened, world.sealed("office"))
    assert "What if the river is the mother tongue?" in words
    assert "The first note of the second epoch." in words
    assert "This drawer will be destroyed." not in words
    old = drawers(paper_epoch(world.root / "paper" / "psychotherapy-page-1.html"), world.sealed("office"))
    assert "This drawer will be destroyed." in texts(old, world.sealed("office"))
    assert len(old) == 1


@pytest.mark.slow
def test_stick_and_passphrase_open_the_notes_with_stock_tools(world: World) -> None:
    """What a stick holds, and the words of the day of the last rotation."""
    stick = world.root / "stick-red" / "psychotherapy-keys"
    command = ["sh", "-c", "age -d clinician.age | age -d -i - epoch.age"]
    epoch = _typed(command, {}, stick, SECRETS["notes-rotated"], 0)
    opened = drawers(epoch[epoch.index("AGE-SECRET-KEY-1") :], world.sealed("office"))
    assert len(opened) == VAULTS["office"]["psychotherapy"]["json"]["counts"]["drawers"]


def test_certificates_of_a_destruction_are_signed_and_name_what_is_pending(world: World) -> None:
    """Two machines had not confirmed: the laptop, which took the new epoch over since, and the netbook, which is lost."""
    for name in ("certificate", "certificate-2"):
        file = world.root / "papers" / f"{name}.toml"
        machine = re.search(r'^machine = "(\w+)"$', file.read_text(), re.MULTILINE)
        assert machine is not None
        command = f"ssh-keygen -Y verify -f allowed_signers -I {machine[1]} -n sealed@vaultcli.v1 -s {file}.sig"
        assert "Good" in stock(command, world.sealed("office"), stdin=file.read_bytes())
    assert (world.root / "papers" / "certificate-2.toml").read_text().count('state = "pending"') == 3


def test_share_opens_for_whom_it_was_made(world: World) -> None:
    """The trainee's SSH key and stock age; the colleague's copy in her own notes, to read."""
    sealed = world.root / "papers" / "share-sam.age"
    listed = stock(f"age -d -i {world.root}/sam/home/.ssh/id_ed25519 {sealed} | tar -tf -", world.root)
    assert "share.toml" in listed
    shown = world.json("kim", "psychotherapy", "show", "Lee, Tuesdays")
    assert "She brought the river again." in shown["text"]
    assert shown["signed"]


@pytest.mark.slow
def test_share_is_taken_in_anew(fresh: Callable[..., World]) -> None:
    """A colleague who never had it accepts the same file; the older one changes nothing in notes that have the newer."""
    world = fresh("kim/", "papers/")
    world.run("kim", "keys", "accept", world.root / "papers" / "share-1.age", "--yes")
    shown = world.json("kim", "psychotherapy", "show", "Lee, Tuesdays")
    assert "She brought the river again." in shown["text"]


@pytest.mark.slow
def test_sealed_notes_are_adopted_with_the_paper_and_go_on(fresh: Callable[..., World]) -> None:
    """Everything lost but the remote and the newest page."""
    world = fresh("sam/", "sealed-hub.git/", "paper/")
    words = world.root / "words.txt"
    words.write_text("words of a new day\n")
    page = world.root / "paper" / "psychotherapy-page-3.html"
    world.run(
        "sam", "psychotherapy", "init", "--adopt", world.root / "sealed-hub.git", "--page", page, "--passphrase-file", words,
        "--by", "Lee Example",
    )  # fmt: skip
    said = world.typed("sam", "psychotherapy", "show", "ada", secret="words of a new day")
    assert "What was handed over does not hold this one." in said
    assert world.json("sam", "psychotherapy", "verify")["verdict"] == "verified"


@pytest.mark.slow
def test_sealed_notes_go_on_on_both_machines(fresh: Callable[..., World]) -> None:
    """The copy that a crash left is recorded; both machines sync."""
    world = fresh("office/", "laptop/", "sealed-hub.git/")
    (copy,) = (world.root / "office/home/.local/state/vaultcli/autosaves").glob("*/*.age")
    world.typed("office", "psychotherapy", "recover", copy.stem.partition("-")[2], secret=SECRETS["notes-rotated"])
    for machine in ("office", "laptop"):
        world.run(machine, "psychotherapy", "sync")
        assert world.json(machine, "psychotherapy", "verify")["verdict"] == "verified"
    said = world.typed("laptop", "psychotherapy", "show", "bo", secret=SECRETS["notes-laptop"])
    assert "Half a sentence about the" in said
