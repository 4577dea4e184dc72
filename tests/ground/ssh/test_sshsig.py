"""Signatures: ours against `ssh-keygen`, both ways, over good and spoilt ones; and one vector per way to fail."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import everyday, sshsign
from vaultcli.ground.ssh import keytypes as sshkeys
from vaultcli.ground.ssh import sshsig
from vaultcli.ground.ssh import wire as sshwire
from vaultcli.ground.ssh.allowed_signers import parse
from vaultcli.ground.ssh.sshsig import BadSignature, PublicKey

NAMESPACE = "note@vaultcli.v1"
MESSAGE = b"---\nid: 7n5tq2m8wkc4xe9r\n---\n\n## Data\n"
VECTORS = Path(__file__).parents[2] / "vectors" / "signature"
SPEC = Path(__file__).parents[3] / "docs" / "spec" / "signature.md"
SPEC_FILES = [r"note\.md", r"note\.md\.sig", "allowed_signers"]
MAKERS = {
    "ed25519": sshsign.ed25519_key,
    "ed25519-token": sshsign.ed25519_token,
    "nistp256": lambda: sshsign.ecdsa_key("nistp256"),
    "nistp384": lambda: sshsign.ecdsa_key("nistp384"),
    "nistp521": lambda: sshsign.ecdsa_key("nistp521"),
    "ecdsa-token": sshsign.ecdsa_token,
    "rsa-512": sshsign.rsa_key,
    "rsa-256": lambda: sshsign.rsa_key(algorithm="rsa-sha2-256"),
}


def stock_verify(folder: Path, armored: str | bytes, message: bytes, namespace: str, key: PublicKey) -> bool:
    """Whether `ssh-keygen -Y verify` accepts the signature from this key."""
    (folder / "signers").write_text(f'dr namespaces="*" {key.line}\n')
    (folder / "sig").write_bytes(armored.encode() if isinstance(armored, str) else armored)
    command = ["ssh-keygen", "-Y", "verify", "-f", "signers", "-I", "dr", "-n", namespace, "-s", "sig"]
    return subprocess.run(command, input=message, cwd=folder, capture_output=True).returncode == 0


def reason(armored: str | bytes, message: bytes = MESSAGE, namespace: str = NAMESPACE) -> str:
    with pytest.raises(BadSignature) as caught:
        sshsig.verify(armored, message, namespace)
    return caught.value.reason


@pytest.fixture(scope="module")
def keys() -> dict[str, sshsign.SigningKey]:
    return {name: make() for name, make in MAKERS.items()}


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("digest", sshsig.HASHES)
def test_our_signatures_are_good_here_and_there(tmp_path, keys, name, digest):
    key = keys[name]
    armored = key.sign(MESSAGE, NAMESPACE, digest)
    found = sshsig.verify(armored, MESSAGE, NAMESPACE)
    assert (found.key, found.namespace, found.hash) == (key.public, NAMESPACE, digest)
    assert stock_verify(tmp_path, armored, MESSAGE, NAMESPACE, key.public)
    assert reason(armored, MESSAGE + b" ") == "mathematics"
    assert not stock_verify(tmp_path, armored, MESSAGE + b" ", NAMESPACE, key.public)
    assert reason(armored, namespace="git") == "namespace"
    assert not stock_verify(tmp_path, armored, MESSAGE, "git", key.public)


@pytest.mark.parametrize(
    "options",
    ["ed25519", "ecdsa -b 256", "ecdsa -b 384", "ecdsa -b 521", "rsa -b 2048", "rsa -b 3072"],
)
@pytest.mark.parametrize("digest", sshsig.HASHES)
def test_stock_signatures_are_good_here(tmp_path, options, digest):
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-N", "", "-f", str(key), "-C", "dr lee", "-t", *options.split()], check=True)
    sign = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(key), "-n", NAMESPACE, "-O", f"hashalg={digest}"]
    armored = subprocess.run(sign, input=MESSAGE, capture_output=True, check=True).stdout
    found = sshsig.verify(armored, MESSAGE, NAMESPACE)
    assert found.key == PublicKey.parse(key.with_name("key.pub").read_text())
    assert found.hash == digest
    assert (found.presence, found.verified, found.counter) == (None, None, None)
    listed = subprocess.run(["ssh-keygen", "-l", "-f", str(key)], capture_output=True, text=True).stdout
    assert found.key.fingerprint == listed.split()[1]


def test_ed25519_signature_equals_the_stock_one(tmp_path):
    key = sshsign.ed25519_key()
    path = key.write(tmp_path / "key")
    sign = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(path), "-n", NAMESPACE]
    stock = subprocess.run(sign, input=MESSAGE, capture_output=True, check=True).stdout
    assert stock.decode() == key.sign(MESSAGE, NAMESPACE)


@pytest.mark.parametrize("make", [sshsign.ed25519_token, sshsign.ecdsa_token])
@pytest.mark.parametrize(("flags", "checked"), [(0x01, False), (0x05, True)])
def test_token_flags_are_shown(make, flags, checked):
    found = sshsig.verify(make(flags=flags, counter=4711).sign(MESSAGE, NAMESPACE), MESSAGE, NAMESPACE)
    assert (found.presence, found.verified, found.counter) == (True, checked, 4711)
    assert found.key.is_token


@pytest.mark.parametrize("make", [sshsign.ed25519_token, sshsign.ecdsa_token])
def test_a_token_that_was_not_touched_is_refused_here_only(tmp_path, make):
    key = make(flags=0)
    armored = key.sign(MESSAGE, NAMESPACE)
    assert reason(armored) == "presence"
    assert sshsig.parse(armored).presence is False
    assert stock_verify(tmp_path, armored, MESSAGE, NAMESPACE, key.public)


@pytest.mark.parametrize("name", ["ed25519", "ed25519-token", "nistp256", "ecdsa-token", "rsa-512"])
def test_no_flipped_bit_is_good(keys, name):
    raw = keys[name].raw(MESSAGE, NAMESPACE)
    for bit in range(len(raw) * 8):
        spoilt = bytearray(raw)
        spoilt[bit // 8] ^= 1 << bit % 8
        with pytest.raises(BadSignature):
            sshsig.verify(sshsig.armor(bytes(spoilt)), MESSAGE, NAMESPACE)


@pytest.mark.parametrize("name", ["ed25519", "ed25519-token", "nistp256", "ecdsa-token", "rsa-512"])
def test_what_stock_refuses_is_refused_here(tmp_path, keys, name):
    """A sample of flips, cuts and additions, judged by both; the stock tool may accept more, never less."""
    raw = keys[name].raw(MESSAGE, NAMESPACE)
    spoilt = [bytes([*raw[:at], raw[at] ^ 1 << at % 8, *raw[at + 1 :]]) for at in range(0, len(raw), 5)]
    spoilt += [raw, raw[:-1], raw + b"\0", raw[:-4]]
    for candidate in spoilt:
        armored = sshsig.armor(candidate)
        if not stock_verify(tmp_path, armored, MESSAGE, NAMESPACE, keys[name].public):
            reason(armored)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text + "\n",
        lambda text: text + text,
        lambda text: text + "trailing junk\n",
        lambda text: "\n" + text,
        lambda text: text[:-1],
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n-----END", "=\n-----END"),
        lambda text: text[:40] + "\n" + text[40:],
        lambda text: text[:40] + " " + text[40:],
        lambda text: text.replace("SIGNATURE", "signature"),
        lambda text: text.replace("A", "Å", 1),
        lambda text: "",
        lambda text: text[: len(sshsig.BEGIN)] + "A" * 20_000 + "\n" + sshsig.END,
    ],
)
def test_only_one_text_form_is_accepted(keys, spoil):
    text = keys["ed25519"].sign(MESSAGE, NAMESPACE)
    assert reason(spoil(text)) == "armor"
    assert reason(spoil(text).encode()) == "armor"


def vectors() -> list[Path]:
    return sorted(VECTORS.glob("*.vector"))


def test_every_reason_has_a_vector():
    """A reason that no vector shows is one that nobody has seen work."""
    shown = {re.match(r"expect: (\S+)", path.read_text())[1] for path in vectors()}
    assert shown - {"good"} == set(sshwire.MEANINGS)


@pytest.mark.parametrize("path", vectors(), ids=lambda path: path.stem)
def test_vector(path):
    """`expect:`, `stock:`, `namespace:`, an empty line, the message up to `-- `, then the signature or a key line."""
    head, _, rest = path.read_bytes().partition(b"\n\n")
    fields = dict(line.split(": ", 1) for line in head.decode().splitlines())
    message, _, body = rest.partition(b"\n-- \n")
    if fields["expect"] == "good":
        assert sshsig.verify(body, message, fields["namespace"])
    elif "namespace" in fields:
        assert reason(body, message, fields["namespace"]) == fields["expect"]
    else:
        with pytest.raises(BadSignature) as caught:
            PublicKey.parse(body.decode())
        assert caught.value.reason == fields["expect"]


@pytest.mark.parametrize("path", vectors(), ids=lambda path: path.stem)
def test_vector_by_the_stock_tool(path, tmp_path):
    """What each vector says of `ssh-keygen` is what `ssh-keygen` does."""
    head, _, rest = path.read_bytes().partition(b"\n\n")
    fields = dict(line.split(": ", 1) for line in head.decode().splitlines())
    message, _, body = rest.partition(b"\n-- \n")
    if "namespace" not in fields:
        pytest.skip("a key line, no signature")
    (tmp_path / "sig").write_bytes(body)
    command = ["ssh-keygen", "-Y", "check-novalidate", "-n", fields["namespace"], "-s", "sig"]
    done = subprocess.run(command, input=message, cwd=tmp_path, capture_output=True)
    assert ("good" if done.returncode == 0 else "refused") == fields["stock"]


def test_small_order_keys_are_all_listed():
    """The eight points of order 1, 2, 4 and 8, computed; y and y + p both fit in 255 bits for y = 0 and y = 1."""
    p = 2**255 - 19
    found = set()
    for y in sorted(_small_order_ys(p)):
        for encoded in (y, y + p):
            if encoded < 2**255:
                found.add(encoded.to_bytes(32, "little").hex())
    assert found == sshkeys._SMALL_ORDER


def _small_order_ys(p: int) -> set[int]:
    """The y of (0, 1), (0, -1), (i, 0); and of points that double to (i, 0): y^2 + x^2 = 0, so 2 y^2 = 1 - d y^4."""
    d = -121665 * pow(121666, -1, p) % p
    eighth = {y for root in _roots((4 + 4 * d) % p, p) for y in _roots((root - 2) * pow(2 * d, -1, p) % p, p)}
    return {0, 1, p - 1} | eighth


def _roots(square: int, p: int) -> set[int]:
    root = pow(square, (p + 3) // 8, p)
    if root * root % p != square:
        root = root * pow(2, (p - 1) // 4, p) % p
    return {root, p - root} if root * root % p == square else set()


@given(st.binary(max_size=2000))
def test_armour_goes_there_and_back(raw):
    text = sshsig.armor(raw)
    if raw:
        assert sshsig.dearmor(text) == raw
        assert all(len(line) <= sshsig.WIDTH for line in text.splitlines())


@everyday.examples(200)
@given(message=st.binary(max_size=300), namespace=st.from_regex(r"[a-z-]{1,20}@vaultcli\.v1", fullmatch=True))
def test_any_message_and_namespace(message, namespace):
    key = sshsign.ed25519_key(b"k" * 32)
    found = sshsig.verify(key.sign(message, namespace), message, namespace)
    assert found == sshsig.parse(key.sign(message, namespace))


@given(st.binary(max_size=200))
def test_noise_raises_nothing_but_bad_signature(noise):
    for text in (noise, sshsig.armor(noise), sshsig.armor(b"SSHSIG\0\0\0\1" + noise)):
        with pytest.raises(BadSignature):
            sshsig.verify(text, MESSAGE, NAMESPACE)
    with pytest.raises(BadSignature):
        sshsig.key_of(noise)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "key"),
        ("ssh-ed25519", "key"),
        (" ssh-ed25519 AAAA", "key"),
        ("ssh-ed25519  AAAA", "key"),
        ("ssh-ed25519 AAAA\r\n", "key"),
        ("ssh-ed25519 AAAA\nssh-ed25519 AAAA", "key"),
        ("ssh-ed25519 AAAA=", "key"),
        ("no-pty ssh-ed25519 AAAA", "key"),
    ],
)
def test_key_lines_have_one_form(line, why):
    with pytest.raises(BadSignature) as caught:
        PublicKey.parse(line)
    assert caught.value.reason == why


def test_a_point_has_one_encoding(keys):
    """X9.62 also knows a hybrid form, as long as the plain one."""
    blob = keys["nistp256"].public.blob
    for first in (b"\6", b"\7"):
        with pytest.raises(BadSignature) as caught:
            sshsig.key_of(blob[:-65] + first + blob[-64:])
        assert caught.value.reason == "point"


def test_key_line_goes_there_and_back(keys):
    for key in keys.values():
        for line in (key.public.line, key.public.line + " dr lee\n"):
            parsed = PublicKey.parse(line)
            assert parsed == key.public
            assert hash(parsed) == hash(key.public)
            assert parsed.line == key.public.line


def test_spec_names_every_reason():
    text = SPEC.read_text()
    for word, meaning in sshwire.MEANINGS.items():
        assert f"| `{word}` | {meaning} |" in text


def test_the_example_of_the_spec(tmp_path):
    """What the spec shows is good here and by the command that it shows, with the answer that it shows."""
    text = SPEC.read_text()
    note, sig, signers = (re.search(rf"`{name}`:\n\n```\w+\n(.*?)```", text, re.S)[1] for name in SPEC_FILES)
    for name, content in zip(SPEC_FILES, (note, sig, signers), strict=True):
        (tmp_path / name.replace("\\", "")).write_text(content)
    assert sshsig.verify(sig, note.encode(), NAMESPACE).key == parse(signers)[0].key
    command, answer = re.search(r"```console\n\$ (.*?)\n(.*?)```", text, re.S).groups()
    done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == answer


def test_importing_is_cheap():
    heavy = ("cryptography", "subprocess", "hashlib")
    code = f"import sys, vaultcli.ground.ssh.sshsig; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_what_is_remembered_of_signatures_alike_never_changes_what_is_said(monkeypatch):
    key = sshsign.ed25519_key()
    raw = sshsig.dearmor(key.sign(MESSAGE, NAMESPACE))
    spoilt = [raw, raw[:-1], raw + b"x", raw[:64], raw[-64:], b""]
    for at in range(len(raw)):
        spoilt += [raw[:at] + bytes([raw[at] ^ bit]) + raw[at + 1 :] for bit in (1, 0x80)] + [raw[:at] + raw[at + 1 :]]

    def said(one: bytes) -> object:
        try:
            return sshsig.verify(sshsig.armor(one), MESSAGE, NAMESPACE)
        except BadSignature as error:
            return error.reason

    quick = [said(one) for one in (*spoilt, *spoilt)]
    assert [one for one in quick if not isinstance(one, str)] == [sshsig.parse(sshsig.armor(raw))] * 2
    monkeypatch.setattr(sshsig, "_by_ed25519", lambda _: None)
    assert quick == [said(one) for one in (*spoilt, *spoilt)]
