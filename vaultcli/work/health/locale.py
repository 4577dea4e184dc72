"""Whether text and times come out as they are meant."""

import locale
from collections.abc import Iterator

from vaultcli.work.health.situation import Health, Machine, advice, ok


def look(machine: Machine, encoding: str = "") -> Iterator[Health]:
    """The terminal's encoding and the time zone."""
    encoding = encoding or locale.getpreferredencoding(do_setlocale=False)
    if encoding.lower().replace("-", "") in ("utf8", "ascii", "us"):
        yield ok(f"text is {encoding}")
    else:
        yield advice(
            f"text is {encoding}", "names and notes are UTF-8; other letters may look wrong", "set LANG to a UTF-8 locale"
        )
    offset = machine.now.strftime("%z")
    zone = f"time zone {machine.now.tzname() or ''} (UTC{offset[:3]}:{offset[3:5]})".replace("  ", " ")
    if not machine.now.utcoffset() and machine.environ.get("TZ", "") not in ("UTC", "Etc/UTC"):
        why = "a note's time is written with its offset; a computer that was never told its zone is hours off"
        yield advice(zone, why, "if you are not on UTC, set the time zone")
    else:
        yield ok(zone)
