"""What a machine remembers of its access log: one form, and no other is believed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from vaultcli.ground.errors import BadInput
from vaultcli.places.sealed import log_state
from vaultcli.places.sealed.log_state import Memory

CLONE = "0123456789abcdef"
WHOLE = Memory("4r0q2m8wkc4xe9r7", 3, 40, "9f" * 32, "0c1x8k5vd2mhq7tz", 41, "77" * 32, b"age-encryption.org/v1\n")


def test_it_comes_back_as_it_was() -> None:
    assert log_state.load(CLONE) is None
    log_state.put(CLONE, WHOLE)
    assert log_state.load(CLONE) == WHOLE
    assert log_state.place(CLONE).stat().st_mode & 0o077 == 0
    assert WHOLE.recorded() == Memory("4r0q2m8wkc4xe9r7", 4, 41, "77" * 32)
    assert WHOLE.recorded().recorded() == WHOLE.recorded()
    assert (WHOLE.newest, WHOLE.recorded().newest) == (41, 41)


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: b"",
        lambda raw: raw[:-2],
        lambda raw: raw + b"\n",
        lambda raw: raw.replace(b'log": 1', b'log": 2'),
        lambda raw: raw.replace(b'"n": 40', b'"n": 40, "m": 1'),
        lambda raw: raw.replace(b'"number": 3,\n', b""),
        lambda raw: raw.replace(b"4r0q2m8wkc4xe9r7", b"../../elsewhere.."),
        lambda raw: raw.replace(b'"piece": "', b'"piece": "*'),
        lambda raw: b"[1]\n",
    ],
)
def test_what_is_damaged_is_told(damage: Callable[[bytes], bytes]) -> None:
    log_state.put(CLONE, WHOLE)
    place = log_state.place(CLONE)
    raw = damage(place.read_bytes())
    assert raw != WHOLE.text()
    place.write_bytes(raw)
    with pytest.raises(BadInput, match="damaged"):
        log_state.load(CLONE)
