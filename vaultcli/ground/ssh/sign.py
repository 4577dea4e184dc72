"""Everything that is asked of OpenSSH: signing through `ssh-keygen -Y sign`, agents, and making keys.

One path serves key files, agents and FIDO tokens. What is signed goes in through standard input and the signature comes
out through standard output: no text of a note touches a disk or a command line. A passphrase or PIN is asked for by a
function of the caller's and travels through a pipe in a private folder (`ground/ssh/askpass.py`).

The stock `ssh-keygen` of OpenSSH 8.9 or newer is needed; 9.1 for dates in the signer list.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from vaultcli.ground.errors import Conflict, KeyTrouble
from vaultcli.ground.process import patience
from vaultcli.ground.ssh import keyfiles
from vaultcli.ground.ssh.askpass import TRIES, AskPass, Channel, patient, private_folder
from vaultcli.ground.ssh.keyfiles import KeyFile, is_encrypted, public_key_of
from vaultcli.ground.ssh.sshsig import BadSignature, PublicKey, parse

if TYPE_CHECKING:
    from subprocess import Popen

__all__ = ["AskPass", "KeyFile", "Signer", "agent_keys", "generate", "is_encrypted", "public_key_of"]

T = TypeVar("T")
ROUNDS = 20
"""How often something is begun anew because what is to be signed has changed meanwhile."""
LIFETIME = 900
"""Seconds for which a private agent keeps a key; it ends with the command anyway."""

_PASSED = ("HOME", "PATH", "TMPDIR", "USER", "LOGNAME")
_AGENT_HOST = (
    'printf "%s\\n" "$SSH_AGENT_PID"; read -r ignored; kill "$SSH_AGENT_PID"; '
    'cd / && rm -f "$1/agent" "$1/askpass" "$1/question" "$1/answer" "$1/key.pub" && rmdir "$1"'
)
"""Lives while our end of its standard input does; when we go, however we go, it ends the agent and clears up."""


class _Later(BaseException):
    """A signature for which somebody has to be waited for is wanted while a lock is held."""

    def __init__(self, message: bytes, namespace: str) -> None:
        super().__init__()
        self.wanted = namespace, message


class Signer:
    """Many signatures with one key for at most one prompt: `with Signer(key, ask) as signer: signer.sign(...)`.

    An encrypted key file is given to an agent of our own at the first signature; only this user can reach it, and it
    ends with the `with` block or, after kill -9, at once. A token's PIN is kept in memory for as long.

    Args:
        key: a private key file, or a public one whose other half an agent holds.
        ask: asks the person for a passphrase or PIN; None when there is nobody to ask.

    Raises:
        KeyTrouble: there is no such key, or it is none that may sign.
    """

    def __init__(self, key: KeyFile, ask: AskPass | None = None) -> None:
        self.key = key
        self.public = public_key_of(key.path)
        self._ask = ask
        self._answers: dict[str, str] = {}
        self._agent: Agent | None = None
        self._route: _Route | None = None
        self._waiting: tuple[str, Popen[bytes]] | None = None
        self._locked = False
        self._made: dict[tuple[str, bytes], str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the agent and forgets the PIN. A later `sign` would prompt again."""
        self._answers.clear()
        self._route = None
        if self._waiting is not None:
            (_, process), self._waiting = self._waiting, None
            process.terminate()
            process.communicate()
        if self._agent is not None:
            self._agent.close()
            self._agent = None

    def ready(self, namespace: str) -> None:
        """Start the process of the next signature before its message is known, where nothing will be asked."""
        with contextlib.suppress(KeyTrouble):
            route = self._route or _route(self.key, self.public)
            if not route.asks and self._waiting is None:
                self._waiting = namespace, _start(_command(self.key, namespace), _environment(route.socket))

    def sign(self, message: bytes, namespace: str) -> str:
        """One signature, armoured.

        Args:
            message: the exact bytes.
            namespace: what kind of thing they are, as `note@vaultcli.v1`.

        Raises:
            KeyTrouble: no agent, a wrong passphrase, a token that was not touched, no usable `ssh-keygen`.
        """
        if made := self._made.get((namespace, message)):
            return made
        if self._locked and self._waits:
            raise _Later(message, namespace)
        waiting = self._waiting
        if waiting is not None and waiting[0] == namespace:
            self._waiting = None
            return _signed(waiting[1], self.key, self.public, message, namespace)
        route = self._route = self._route or self._find_route()
        ask = self._remembered if self._ask is not None else None
        try:
            return _sign(self.key, self.public, route, message, namespace, ask)
        except BaseException:
            # A wrong PIN given twice unasked would bring the token closer to locking itself.
            self.close()
            raise

    def outside(self, act: Callable[[], T]) -> T:
        """Do what signs while it holds a lock, and wait for people, tokens and agents while it does not.

        Where a signature is not to be had at once, the act is left, which lets its lock go, the signature is fetched, and
        the act is begun again: it does nothing before it signs that may not be done twice, and signs the same bytes unless
        the line has moved.

        Raises:
            Conflict: what was to be signed was another each time.
        """
        if self._locked:
            return act()
        self._made.clear()
        for _ in range(ROUNDS):
            self._locked = True
            try:
                return act()
            except _Later as later:
                wanted = later.wanted
            finally:
                self._locked = False
            self._made[wanted] = self.sign(wanted[1], wanted[0])
        raise Conflict("what is to be signed changes all the time", hint="another command records here; repeat this one then")

    @property
    def _waits(self) -> bool:
        """Whether a signature may have to be waited for: not with a plain key file, nor once our own agent has the key."""
        if self._agent is not None:
            return False
        return self.key.needs_agent or self.public.is_token or is_encrypted(self.key.path)

    def _find_route(self) -> _Route:
        route = _route(self.key, self.public)
        if not route.asks or self.public.is_token:
            return route
        self._agent = Agent(self.key, _required(patient(self._ask) if self._ask else None, self.key))
        return _Route(self._agent.socket, asks=False)

    def _remembered(self, prompt: str, /) -> str:
        if prompt not in self._answers:
            assert self._ask is not None
            self._answers[prompt] = self._ask(prompt)
        return self._answers[prompt]


class Agent:
    """An `ssh-agent` of our own, with one key, ended by its host shell as soon as this process lets go of it.

    Args:
        key: an encrypted private key file.
        ask: asks for its passphrase, up to three times.
        text: the private key itself, where it is in no file; `key` only names it then.

    Raises:
        KeyTrouble: a wrong passphrase, or an agent that does not start.
    """

    def __init__(self, key: KeyFile, ask: AskPass | None, text: bytes = b"") -> None:
        self._folder = private_folder()
        self.socket = self._folder / "agent"
        self.public_file = self._folder / "key.pub"
        command = ["ssh-agent", "-t", str(LIFETIME), "-a", str(self.socket), "sh", "-c", _AGENT_HOST, "sh"]
        try:
            self._host = _start([*command, str(self._folder)], _environment())
        except BaseException:
            self._folder.rmdir()
            raise
        try:
            self._wait()
            self._add(key, ask, text)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Ends the agent and waits until its folder is gone."""
        self._host.communicate()

    def _wait(self) -> None:
        assert self._host.stdout is not None
        if not self._host.stdout.readline().strip().isdigit():
            raise KeyTrouble("ssh-agent did not start", hint="try ssh-agent in a terminal to see why")

    def _add(self, key: KeyFile, ask: AskPass | None, text: bytes) -> None:
        if text:
            process = _start(["ssh-add", "-q", "-"], _environment(self.socket))
            _, stderr = _finish(process, text, "an ssh-agent of our own", patience.AGENT)
            if process.returncode != 0:
                raise _trouble(key, stderr)
            return
        assert ask is not None
        with Channel(self._folder) as channel:
            process = _start(["ssh-add", "-q", str(key.private)], _environment(self.socket) | channel.environment)
            _, stderr, asked = channel.converse(process, b"", ask, answers=TRIES)
        if process.returncode != 0:
            raise _wrong_passphrase(key) if asked > 1 else _trouble(key, stderr)


def agent_keys() -> list[PublicKey]:
    """The public keys that the person's own agent holds, those of types that may sign.

    Raises:
        KeyTrouble: no agent answers, or none in time.
    """
    socket = os.environ.get("SSH_AUTH_SOCK")
    hint = "start one: eval $(ssh-agent), then ssh-add KEYFILE"
    if not socket:
        raise KeyTrouble("there is no ssh-agent", hint=hint)
    process = _start(["ssh-add", "-L"], _environment(Path(socket)))
    stdout, _ = _finish(process, b"", "the ssh-agent", patience.AGENT)
    if process.returncode not in (0, 1):
        raise KeyTrouble("the ssh-agent does not answer", hint=hint)
    lines = stdout.decode("utf-8", "replace").splitlines() if process.returncode == 0 else []
    return [key for line in lines if (key := _usable(line)) is not None]


def _usable(line: str) -> PublicKey | None:
    try:
        return PublicKey.parse(line)
    except BadSignature:  # a certificate, or a type that may not sign
        return None


def generate(path: Path, comment: str, passphrase: str | None) -> PublicKey:
    """A new Ed25519 key in `path` (0600) and `path.pub`, on the disk before this returns; never over an existing file.

    Args:
        path: where the private key goes; its folder exists.
        comment: words in the public key file, as `lee, laptop`.
        passphrase: None for a key without one.

    Raises:
        KeyTrouble: a file is there already, the passphrase is shorter than 5 characters or has a line end.
    """
    folder = keyfiles.staging(path)
    try:
        _generate(folder, comment, passphrase)
        return keyfiles.publish(folder / "key", path)
    finally:
        keyfiles.clear(folder)


def _generate(folder: Path, comment: str, passphrase: str | None) -> None:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-f", str(folder / "key"), "-C", comment]
    if passphrase is None:
        process = _start([*command, "-N", ""], _environment())
        _, stderr = process.communicate()
    else:
        keyfiles.check_passphrase(passphrase)
        with Channel(private_folder(), own=True) as channel:
            process = _start(command, _environment() | channel.environment)
            _, stderr, _ = channel.converse(process, b"", lambda _: passphrase, answers=2)
    if process.returncode != 0 or not (folder / "key").exists():
        raise KeyTrouble("ssh-keygen made no key", hint=_last_line(stderr))


@dataclass(frozen=True)
class _Route:
    """How a key signs: through the agent at `socket`, or by its file; and whether it may want to ask something."""

    socket: Path | None
    asks: bool


def _route(key: KeyFile, public: PublicKey) -> _Route:
    if key.needs_agent:
        if public not in agent_keys():
            raise KeyTrouble(f"the ssh-agent does not hold {key.path}", hint="ssh-add its private key file")
        return _Route(Path(os.environ["SSH_AUTH_SOCK"]), asks=False)
    encrypted = is_encrypted(key.path)
    if encrypted and _in_agent(public):
        return _Route(Path(os.environ["SSH_AUTH_SOCK"]), asks=False)
    return _Route(None, asks=encrypted or public.is_token)


def _sign(key: KeyFile, public: PublicKey, route: _Route, message: bytes, namespace: str, ask: AskPass | None) -> str:
    command = _command(key, namespace)
    environment = _environment(route.socket, token=public.is_token)
    if not route.asks or (ask is None and not is_encrypted(key.path)):
        return _signed(_start(command, environment), key, public, message, namespace, route.socket)
    with Channel(private_folder(), own=True) as channel:
        process = _start(command, environment | channel.environment)
        # A token's key file may have a passphrase beside the PIN.
        answers = 2 if public.is_token else 1
        stdout, stderr, _ = channel.converse(process, message, _required(ask, key), answers=answers)
    if process.returncode != 0:
        raise _trouble(key, stderr)
    return _checked(stdout, public, namespace)


def _command(key: KeyFile, namespace: str) -> list[str]:
    return ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", str(key.path)]


def _signed(
    process: Popen[bytes], key: KeyFile, public: PublicKey, message: bytes, namespace: str, socket: Path | None = None
) -> str:
    """The signature of a process that waits for its message and asks nothing."""
    who = "the ssh-agent, which may want you to confirm" if socket else f"the key {key.path}"
    stdout, stderr = _finish(process, message, who, patience.PERSON)
    if process.returncode != 0:
        raise _trouble(key, stderr)
    return _checked(stdout, public, namespace)


def _checked(stdout: bytes, public: PublicKey, namespace: str) -> str:
    """What `ssh-keygen` wrote, once it is sure that it is a signature of the kind asked for, in the form we read."""
    try:
        found = parse(stdout)
    except BadSignature as error:
        raise KeyTrouble(f"the signature that ssh-keygen made is not usable: {error}") from None
    if found.key != public or found.namespace != namespace:
        raise KeyTrouble("ssh-keygen signed with another key or as another kind of thing")
    if found.presence is False:
        raise KeyTrouble("the token signed without a touch", hint="make its key without -O no-touch-required")
    return stdout.decode("ascii")


def _in_agent(public: PublicKey) -> bool:
    try:
        return public in agent_keys()
    except KeyTrouble:
        return False


def _required(ask: AskPass | None, key: KeyFile) -> AskPass:
    """The person's prompt in our own words, which do not change with the tool and its version."""
    if ask is None:
        raise KeyTrouble(f"the key {key.path} has a passphrase and there is nobody to ask", hint=_NOBODY)
    return lambda prompt: ask(f"{'PIN' if 'PIN' in prompt else 'passphrase'} for {key.path}")


def _environment(socket: Path | None = None, *, token: bool = False) -> dict[str, str]:
    """What a child sees: the C locale, no prompts of its own, and the agent only where one is meant."""
    environment = {name: os.environ[name] for name in _PASSED if name in os.environ}
    environment |= {"LC_ALL": "C", "SSH_ASKPASS_REQUIRE": "never"}
    if socket is not None:
        environment["SSH_AUTH_SOCK"] = str(socket)
    if token and "SSH_SK_PROVIDER" in os.environ:
        environment["SSH_SK_PROVIDER"] = os.environ["SSH_SK_PROVIDER"]
    return environment


def _start(command: list[str], environment: dict[str, str]) -> Popen[bytes]:
    """A child with three pipes, in a session of its own: without a terminal nothing can prompt behind our back."""
    from subprocess import PIPE, Popen

    try:
        return Popen(command, env=environment, start_new_session=True, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    except FileNotFoundError:
        raise KeyTrouble(f"{command[0]} was not found", hint="install OpenSSH 8.9 or newer") from None


def _finish(process: Popen[bytes], message: bytes, who: str, limit: float) -> tuple[bytes, bytes]:
    try:
        return patience.finish(process, message, who, limit)
    except patience.OutOfPatience:
        hint = "is it stuck? ssh-add -l shows whether it answers; another is begun by eval $(ssh-agent)"
        said = f"{who.partition(',')[0]} did not answer within {limit:.0f} seconds"
        raise KeyTrouble(said, hint=hint if "agent" in who else "nothing was signed; try again") from None


def _wrong_passphrase(key: KeyFile) -> KeyTrouble:
    return KeyTrouble(f"wrong passphrase for the key {key.path}", hint="try again; nothing was signed")


def _trouble(key: KeyFile, stderr: bytes) -> KeyTrouble:
    """What OpenSSH's last words mean, in ours."""
    text = stderr.decode("utf-8", "replace")
    if "incorrect passphrase" in text.lower():
        return _wrong_passphrase(key)
    for words, message, hint in _MEANINGS:
        if words.lower() in text.lower():
            return KeyTrouble(message.format(path=key.path), hint=hint)
    return KeyTrouble(f"the key {key.path} could not sign", hint=_last_line(stderr))


def _last_line(stderr: bytes) -> str:
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    return f"ssh-keygen says: {lines[-1]}" if lines else ""


_NOBODY = "run this in a terminal, or put the key into an agent: ssh-add KEYFILE"
_MEANINGS = (
    ("unprotected private key", "the key {path} can be read by others", "chmod 600 it"),
    ("unknown option", "ssh-keygen is too old to sign", "install OpenSSH 8.9 or newer"),
    ("no private key found", "the private key of {path} is missing", "ssh-add it, or name the private key file"),
    ("agent refused operation", "the ssh-agent refused to sign with {path}", "it may want a confirmation or a touch"),
    ("device not found", "the token of the key {path} is not plugged in", "plug it in and try again"),
    ("requested feature not supported", "the token of {path} refused", "is it plugged in, and was it touched"),
    ("invalid format", "the key {path} cannot be read", "is it damaged"),
)
