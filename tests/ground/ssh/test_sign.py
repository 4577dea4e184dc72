"""Signing through the stock tools: files, agents, passphrases; and nothing secret where somebody else could see it."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import shelf, sshsign
from tests.helpers import signed
from vaultcli.ground.errors import Conflict, KeyTrouble
from vaultcli.ground.process import patience
from vaultcli.ground.ssh import askpass, sshsig
from vaultcli.ground.ssh import sign as ssh
from vaultcli.ground.ssh.sign import KeyFile

NAMESPACE = "note@vaultcli.v1"
PASSPHRASE = "correct horse é 'battery' $HOME"
MESSAGE = b"canary-of-the-note\n" * 20_000


class Person:
    """Answers prompts and remembers them."""

    def __init__(self, answer: str = PASSPHRASE) -> None:
        self.answer = answer
        self.prompts: list[str] = []

    def __call__(self, prompt: str, /) -> str:
        self.prompts.append(prompt)
        return self.answer


@pytest.fixture
def folders(tmp_path, monkeypatch) -> Path:
    """Where private folders are made in this test."""
    place = Path(tempfile.mkdtemp(prefix="v", dir="/dev/shm" if os.path.isdir("/dev/shm") else None))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(place))
    yield place
    left = list(place.iterdir())
    shutil.rmtree(place)
    assert left == []


@shelf.made_once
def locked(tmp_path) -> KeyFile:
    ssh.generate(tmp_path / "locked", "lee", PASSPHRASE)
    return KeyFile(tmp_path / "locked")


@pytest.fixture
def plain(tmp_path) -> KeyFile:
    return KeyFile(sshsign.ed25519_key().write(tmp_path / "plain", "lee, laptop"))


@pytest.fixture
def agent(monkeypatch) -> Iterator[Path]:
    """A real, empty ssh-agent that the environment names."""
    folder = Path(tempfile.mkdtemp(prefix="a"))
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(folder / "s")], stdout=subprocess.DEVNULL)
    while not (folder / "s").exists():
        time.sleep(0.01)
    monkeypatch.setenv("SSH_AUTH_SOCK", str(folder / "s"))
    yield folder / "s"
    process.terminate()
    process.wait()
    shutil.rmtree(folder)


def good(armored: str, key: KeyFile, message: bytes = MESSAGE, namespace: str = NAMESPACE) -> bool:
    return sshsig.verify(armored, message, namespace).key == ssh.public_key_of(key.path)


def test_a_plain_key_signs_without_a_prompt(plain):
    assert good(signed(plain, MESSAGE, NAMESPACE), plain)
    assert good(signed(plain, b"", "git"), plain, b"", "git")


@pytest.mark.parametrize(
    "options", ["ecdsa -b 256", "ecdsa -b 384", "ecdsa -b 521", "rsa -b 2048", "ed25519", "rsa -b 2048 -m PEM"]
)
def test_every_kind_of_key_signs(tmp_path, options):
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-N", "", "-f", str(path), "-t", *options.split()], check=True)
    assert good(signed(KeyFile(path), MESSAGE, NAMESPACE), KeyFile(path))
    assert not ssh.is_encrypted(path)


@pytest.mark.parametrize("options", ["ed25519", "rsa -b 2048 -m PEM", "ecdsa -m PKCS8"])
def test_every_kind_of_locked_key_is_seen_and_signs(tmp_path, folders, options):
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-N", "12345", "-f", str(path), "-t", *options.split()], check=True)
    assert ssh.is_encrypted(path)
    assert ssh.is_encrypted(path.with_suffix(".pub"))
    assert good(signed(KeyFile(path), MESSAGE, NAMESPACE, ask=Person("12345")), KeyFile(path))


def test_one_prompt_for_one_signature(locked, folders):
    person = Person()
    assert good(signed(locked, MESSAGE, NAMESPACE, ask=person), locked)
    assert person.prompts == [f"passphrase for {locked.path}"]


def test_one_prompt_for_six_signatures(locked, folders):
    person = Person()
    with ssh.Signer(locked, person) as signer:
        assert person.prompts == []
        for number in range(6):
            message = b"%d" % number
            assert good(signer.sign(message, NAMESPACE), locked, message)
    assert person.prompts == [f"passphrase for {locked.path}"]


def test_no_prompt_when_nothing_is_signed(locked, folders):
    person = Person()
    with ssh.Signer(locked, person):
        pass
    assert person.prompts == []


@pytest.mark.parametrize(
    ("answers", "asked"), [(["a", "b", "c", PASSPHRASE], 3), (["a", "a", PASSPHRASE], 2), (["a", "", PASSPHRASE], 2)]
)
def test_a_wrong_passphrase_is_said_after_three_tries(locked, folders, answers, asked):
    given, prompts = iter(answers), []

    def ask(prompt: str, /) -> str:
        prompts.append(prompt)
        return next(given)

    with pytest.raises(KeyTrouble, match="wrong passphrase"):
        signed(locked, MESSAGE, NAMESPACE, ask)
    assert len(prompts) == asked
    assert all("wrong passphrase, try again" in prompt for prompt in prompts[1:])


@pytest.mark.parametrize("wrong", [["a"], ["a", "b"]])
def test_a_slip_of_the_finger_is_forgiven(locked, folders, wrong):
    given = iter([*wrong, PASSPHRASE])
    assert good(signed(locked, MESSAGE, NAMESPACE, lambda _: next(given)), locked)


@pytest.fixture
def dead_agent(tmp_path, monkeypatch):
    """An agent that accepts whoever comes and never answers."""
    folder = Path(tempfile.mkdtemp(prefix="d"))
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "s"))
        listening.listen(8)
        monkeypatch.setenv("SSH_AUTH_SOCK", str(folder / "s"))
        monkeypatch.setattr(patience, "AGENT", 0.4)
        monkeypatch.setattr(patience, "PERSON", 0.4)
        monkeypatch.setattr(patience, "WORD", 0.1)
        yield
    shutil.rmtree(folder)


@pytest.fixture
def words(monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(patience, "_say", [said.append])
    return said


def alone(key: KeyFile) -> KeyFile:
    """The public half by itself, so that an agent has to be asked."""
    return KeyFile(Path(shutil.copy(key.path.with_suffix(".pub"), key.path.parent / "alone.pub")))


def test_an_agent_that_never_answers_is_told_and_left(plain, dead_agent, words):
    with pytest.raises(KeyTrouble, match="ssh-agent did not answer within"):
        signed(alone(plain), MESSAGE, NAMESPACE)
    assert words == ["waiting for the ssh-agent, 0 seconds at most; Ctrl-C gives up"]


def test_a_locked_key_signs_beside_an_agent_that_never_answers(locked, folders, dead_agent, words):
    assert good(signed(locked, MESSAGE, NAMESPACE, Person()), locked)
    assert len(words) == 1


def test_an_agent_that_lists_and_never_signs(plain, dead_agent, words, monkeypatch):
    public = alone(plain)
    monkeypatch.setattr(ssh, "agent_keys", lambda: [ssh.public_key_of(public.path)])
    with pytest.raises(KeyTrouble, match="did not answer within"):
        signed(public, MESSAGE, NAMESPACE)
    assert "may want you to confirm" in words[0]


def test_no_lock_is_held_while_somebody_is_waited_for(locked, folders):
    """The control of the test: without `outside` the person is asked under the lock."""
    held = []

    class Lock:
        free = True

        def __enter__(self) -> None:
            self.free = False

        def __exit__(self, *_: object) -> None:
            self.free = True

    for outside in (True, False):
        lock, rounds = Lock(), []

        def ask(_: str, /, lock: Lock = lock) -> str:
            held.append(not lock.free)
            return PASSPHRASE

        with ssh.Signer(locked, ask) as signer:

            def act(lock: Lock = lock, signer: ssh.Signer = signer, rounds: list[int] = rounds) -> str:
                with lock:
                    rounds.append(1)
                    return signer.sign(MESSAGE, NAMESPACE)

            assert good(signer.outside(act) if outside else act(), locked)
            assert len(rounds) == 1 + outside
    assert held == [False, True]


def test_what_is_never_the_same_twice_is_given_up(locked, folders, monkeypatch):
    monkeypatch.setattr(ssh.Signer, "_waits", property(lambda _: True))
    number = itertools.count()
    with ssh.Signer(locked, Person()) as signer, pytest.raises(Conflict, match="changes all the time"):
        signer.outside(lambda: signer.sign(b"%d" % next(number), NAMESPACE))


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_what_the_prompt_raises_comes_through(locked, folders, error):
    def ask(prompt: str, /) -> str:
        raise error

    with pytest.raises(error):
        signed(locked, MESSAGE, NAMESPACE, ask)


def test_nobody_to_ask(locked, folders):
    with pytest.raises(KeyTrouble, match="nobody to ask") as caught:
        signed(locked, MESSAGE, NAMESPACE)
    assert "ssh-add" in caught.value.hint


def test_a_signer_goes_on_after_a_wrong_passphrase(locked, folders):
    person = Person("wrong")
    with ssh.Signer(locked, person) as signer:
        with pytest.raises(KeyTrouble):
            signer.sign(MESSAGE, NAMESPACE)
        person.answer = PASSPHRASE
        assert good(signer.sign(MESSAGE, NAMESPACE), locked)
    assert len(person.prompts) == 3


def test_an_agent_signs_for_a_public_key(plain, agent, tmp_path):
    subprocess.run(["ssh-add", "-q", str(plain.path)], check=True)
    public = KeyFile(shutil.copy(plain.path.with_name("plain.pub"), tmp_path / "alone.pub"))
    assert ssh.agent_keys() == [ssh.public_key_of(public.path)]
    assert good(signed(public, MESSAGE, NAMESPACE), public)


def test_an_agent_saves_the_prompt(locked, agent, folders):
    unlocked = shutil.copy(locked.path, locked.path.with_name("unlocked"))
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", PASSPHRASE, "-N", "", "-f", str(unlocked)], check=True)
    subprocess.run(["ssh-add", "-q", str(unlocked)], check=True)
    person = Person()
    assert good(signed(locked, MESSAGE, NAMESPACE, person), locked)
    assert person.prompts == []


def test_the_persons_agent_never_gets_the_key(locked, agent, folders):
    with ssh.Signer(locked, Person()) as signer:
        signer.sign(MESSAGE, NAMESPACE)
        assert ssh.agent_keys() == []


def test_an_agent_without_the_key(plain, agent, tmp_path):
    public = KeyFile(shutil.copy(plain.path.with_name("plain.pub"), tmp_path / "alone.pub"))
    assert ssh.agent_keys() == []
    with pytest.raises(KeyTrouble, match="does not hold"):
        signed(public, MESSAGE, NAMESPACE)


def test_no_agent(plain, tmp_path, monkeypatch):
    public = KeyFile(shutil.copy(plain.path.with_name("plain.pub"), tmp_path / "alone.pub"))
    with pytest.raises(KeyTrouble, match="there is no ssh-agent"):
        signed(public, MESSAGE, NAMESPACE)
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "nothing"))
    with pytest.raises(KeyTrouble, match="does not answer"):
        ssh.agent_keys()


def test_agent_keys_of_other_types_are_left_out(agent, tmp_path):
    good_key = sshsign.ed25519_key()
    weak = sshsign.rsa_key(1024)
    for number, key in enumerate((weak, good_key)):
        subprocess.run(["ssh-add", "-q", str(key.write(tmp_path / f"k{number}"))], check=True)
    assert ssh.agent_keys() == [good_key.public]


def test_the_private_agent_ends_when_we_are_killed(locked, folders):
    code = (
        "import sys, time; from pathlib import Path; from vaultcli.ground.ssh import sign as ssh\n"
        "signer = ssh.Signer(ssh.KeyFile(Path(sys.argv[1])), lambda prompt: sys.stdin.readline().rstrip('\\n'))\n"
        "signer.sign(b'x', 'git'); print('signed', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(locked.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    process.stdin.write(PASSPHRASE + "\n")
    process.stdin.flush()
    assert process.stdout.readline() == "signed\n"
    assert len(list(folders.iterdir())) == 1
    process.send_signal(signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 60
    while list(folders.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert list(folders.iterdir()) == []


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace shows what every child was given")
def test_no_secret_in_arguments_environment_or_files(tmp_path, folders):
    """Every exec with its whole environment and every write of every child, as the kernel saw them."""
    code = (
        "import sys; from pathlib import Path; from vaultcli.ground.ssh import sign as ssh\n"
        "path = Path(sys.argv[1]); secret = sys.stdin.readline().rstrip('\\n')\n"
        "ssh.generate(path, 'lee', secret); key = ssh.KeyFile(path)\n"
        "note = b'canary-of-the-note' * 9\n"
        "with ssh.Signer(key, lambda prompt: secret) as signer: [signer.sign(note, 'git') for _ in range(2)]\n"
    )
    trace = tmp_path / "trace"
    command = ["strace", "-f", "-y", "-v", "-s", "100000", "-e", "trace=execve,write,pwrite64,writev"]
    command += ["-o", str(trace), sys.executable, "-c", code, str(tmp_path / "new")]
    subprocess.run(command, input="correct-horse\n", text=True, check=True)
    lines = trace.read_text(errors="replace").splitlines()
    assert any("ssh-keygen" in line and "execve" in line for line in lines)
    telling = [line for line in lines if re.search("correct-horse|canary-of-the-note", line)]
    assert any("write" in line for line in telling)
    for line in telling:
        if f'execve("{sys.executable}"' in line:
            continue  # the test's own program text
        assert re.search(r"write\(\d+<(pipe:|.*/answer>)", line), line


def test_children_see_a_small_environment(plain, tmp_path, monkeypatch):
    tools = tmp_path / "tools"
    tools.mkdir()
    real = shutil.which("ssh-keygen")
    (tools / "ssh-keygen").write_text(f'#!/bin/sh\nenv >"{tmp_path}/seen"\nexec {real} "$@"\n')
    (tools / "ssh-keygen").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.setenv("SSH_AUTH_SOCK", "/somewhere")
    monkeypatch.setenv("LC_MESSAGES", "de_DE.UTF-8")
    monkeypatch.setenv("CLIENT", "canary")
    signed(plain, MESSAGE, NAMESPACE)
    names = {line.partition("=")[0] for line in (tmp_path / "seen").read_text().splitlines()}
    assert names <= {"HOME", "PATH", "TMPDIR", "USER", "LOGNAME", "LC_ALL", "SSH_ASKPASS_REQUIRE", "PWD", "_", "SHLVL"}


def test_a_locked_key_asks_for_its_pin_once(locked, folders):
    """The memory for a token's PIN: the same question is answered again, until something fails."""
    person = Person()
    signer = ssh.Signer(locked, person)
    assert [signer._remembered("PIN?") for _ in range(3)] == [PASSPHRASE] * 3
    assert person.prompts == ["PIN?"]
    signer.close()
    signer._remembered("PIN?")
    assert len(person.prompts) == 2


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE, "x" * 1000])
def test_a_generated_key(tmp_path, folders, passphrase):
    path = tmp_path / "new"
    key = ssh.generate(path, "lee, laptop", passphrase)
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(tmp_path.iterdir()) == [path, tmp_path / "new.pub"]
    assert (tmp_path / "new.pub").read_text() == f"{key.line} lee, laptop\n"
    assert ssh.public_key_of(path) == ssh.public_key_of(tmp_path / "new.pub") == key
    assert ssh.is_encrypted(path) == (passphrase is not None)
    assert good(signed(KeyFile(path), MESSAGE, NAMESPACE, ask=Person(passphrase or "")), KeyFile(path))


@pytest.mark.parametrize("name", ["new", "new.pub"])
def test_a_key_is_never_overwritten(tmp_path, folders, name):
    (tmp_path / name).write_text("mine")
    with pytest.raises(KeyTrouble, match="already"):
        ssh.generate(tmp_path / "new", "lee", None)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("passphrase", ["", "1234", "two\nlines", "x" * 1001])
def test_passphrases_that_openssh_would_not_take(tmp_path, folders, passphrase):
    with pytest.raises(KeyTrouble, match="passphrase"):
        ssh.generate(tmp_path / "new", "lee", passphrase)
    assert list(tmp_path.iterdir()) == []


def test_no_folder_for_a_key(tmp_path):
    with pytest.raises(KeyTrouble, match="no key can be made"):
        ssh.generate(tmp_path / "absent" / "new", "lee", None)


def test_troubles_with_the_file(plain, tmp_path):
    with pytest.raises(KeyTrouble, match="there is no key"):
        signed(KeyFile(tmp_path / "absent"), MESSAGE, NAMESPACE)
    with pytest.raises(KeyTrouble, match="not a private key"):
        signed(KeyFile(Path(__file__)), MESSAGE, NAMESPACE)
    with pytest.raises(KeyTrouble, match="cannot be read"):
        signed(KeyFile(tmp_path), MESSAGE, NAMESPACE)
    text = plain.path.read_text()
    plain.path.write_text(text[:120] + text[200:])
    with pytest.raises(KeyTrouble, match="cannot be"):
        signed(plain, MESSAGE, NAMESPACE)
    plain.path.write_text(text)
    plain.path.chmod(0o644)
    with pytest.raises(KeyTrouble, match="read by others") as caught:
        signed(plain, MESSAGE, NAMESPACE)
    assert "chmod 600" in caught.value.hint


def test_a_weak_key_is_refused_before_it_signs(tmp_path):
    path = sshsign.rsa_key(1024).write(tmp_path / "weak")
    with pytest.raises(KeyTrouble, match="too weak"):
        signed(KeyFile(path), MESSAGE, NAMESPACE)


def test_an_old_format_needs_its_public_file(tmp_path):
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-N", "", "-f", str(path), "-t", "rsa", "-b", "2048", "-m", "PEM"], check=True)
    path.with_suffix(".pub").unlink()
    with pytest.raises(KeyTrouble, match="old format"):
        ssh.public_key_of(path)


def test_no_ssh_keygen(plain, locked, tmp_path, folders, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    for key in (plain, locked):
        with pytest.raises(KeyTrouble, match="was not found"):
            signed(key, MESSAGE, NAMESPACE, Person())


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo 'unknown option -- Y' >&2; exit 1", "too old"),
        ("echo 'error: device not found?' >&2; exit 255", "not plugged in"),
        ("echo 'agent refused operation' >&2; exit 255", "refused to sign"),
        ("echo 'something new' >&2; exit 255", "could not sign"),
        ("exit 255", "could not sign"),
        ("echo nonsense", "not usable"),
        ('cat "$SIG"', "another key"),
    ],
)
def test_what_the_tool_says_in_our_words(plain, tmp_path, monkeypatch, script, words):
    tools = tmp_path / "tools"
    tools.mkdir()
    (tmp_path / "sig").write_text(sshsign.ed25519_key().sign(MESSAGE, NAMESPACE))
    (tools / "ssh-keygen").write_text(f'#!/bin/sh\nSIG="{tmp_path}/sig"\n{script}\n')
    (tools / "ssh-keygen").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    with pytest.raises(KeyTrouble, match=words):
        signed(plain, b"x", NAMESPACE)


def test_private_folder_is_private(folders):
    folder = askpass.private_folder()
    assert folder.parent == folders
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.rmdir()


def test_importing_is_cheap():
    heavy = ("cryptography", "subprocess", "concurrent.futures")
    code = f"import sys, vaultcli.ground.ssh.sign; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
