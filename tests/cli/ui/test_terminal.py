"""What is shown, to a person and to a pipe."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pexpect
import pytest

from vaultcli.cli.ui import terminal

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("naïve 会议 😀", "naïve 会议 😀"),
        ("a\u00a0b", "a\u00a0b"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\x1b[31m", "<U+001B>[31m"),
        ("\x07\x7f\x9b", "<U+0007><U+007F><U+009B>"),
        ("\u202eabc\u2066", "<U+202E>abc<U+2066>"),
        ("a\u200bb\u200d\ufeff", "a<U+200B>b<U+200D><U+FEFF>"),
        ("\U000e0041", "<U+E0041>"),
        ("\u2028\u3164", "<U+2028><U+3164>"),
        ("\udce9", "<U+DCE9>"),
    ],
)
def test_escape(text: str, shown: str) -> None:
    assert terminal.escape(text) == shown


def test_escape_of_one_line() -> None:
    assert terminal.escape("a\nb", keep="") == "a<U+000A>b"


def test_width_and_shorten_count_cells() -> None:
    assert [terminal.width(text) for text in ("ab", "会议", "e\u0301")] == [2, 4, 1]
    assert terminal.shorten("会议记录", 5) == "会议…"
    assert terminal.shorten("abc", 3) == "abc"


def test_table() -> None:
    rows = [["bo", "17 h"], ["会议", "a very long line of text"]]
    assert terminal.table(rows, heads=["who", "what"]) == "who   what\nbo    17 h\n会议  a very long line of text"
    assert terminal.table(rows, total=16) == "bo    17 h\n会议  a very lo…"
    assert terminal.table([]) == ""


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=-1), "in the future"),
        (timedelta(seconds=59), "now"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(hours=17, minutes=59), "17 h"),
        (timedelta(hours=47), "47 h"),
        (timedelta(hours=49), "2 days"),
        (timedelta(days=21), "3 weeks"),
        (timedelta(days=800), "2 years"),
    ],
)
def test_age(passed: timedelta, words: str) -> None:
    assert terminal.age(NOW - passed, NOW) == words


@pytest.mark.parametrize(("seconds", "words"), [(-1, "in the future"), (59, "just now"), (300, "5 min ago")])
def test_ago(seconds: int, words: str) -> None:
    assert terminal.ago(NOW - timedelta(seconds=seconds), NOW) == words


def python(code: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, **settings})


def on_terminal(code: str, **settings: str) -> pexpect.spawn:
    return pexpect.spawn(sys.executable, ["-c", code], env={**os.environ, **settings}, encoding="utf-8", timeout=90)


PAINT = "from vaultcli.cli.ui.terminal import *; say(paint('x', 'red'))"


def test_colour_is_for_terminals_that_want_it() -> None:
    assert python(PAINT, TERM="xterm").stdout == "x\n"
    for settings, coloured in (
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
    ):
        assert ("\x1b[31m" in on_terminal(PAINT, **settings).read()) is coloured


def test_progress_is_shown_for_long_work_at_a_terminal_and_gone_at_the_end() -> None:
    bar = "from vaultcli.cli.ui.terminal import *\nwith progress('reading', {0}) as bar:\n  for _ in range({0}): bar.update(1)"
    done = python(bar.format(300))
    assert (done.stdout, done.stderr) == ("", "")
    shown = on_terminal(bar.format(300), TERM="xterm").read()
    assert "100%" in shown
    assert shown.endswith("\x1b[2K")
    assert on_terminal(bar.format(3), TERM="xterm").read() == ""


def test_progress_by_parts_only_goes_forward_and_counts_a_whole_of_nothing() -> None:
    code = "from vaultcli.cli.ui.terminal import *\nwith parts('verifying') as tell:\n  for at in {}: tell(*at)"
    assert python(code.format("[(1, 2)]")).stderr == ""
    shown = on_terminal(code.format("[(0, 0), (50, 100), (40, 100), (7, 7)]"), TERM="xterm").read()
    assert "100%" in shown
    assert shown.endswith("\x1b[2K")


def test_one_long_step_is_told_at_a_terminal_and_gone_at_the_end() -> None:
    step = "from vaultcli.cli.ui.terminal import *\nwith meanwhile({!r}): pass"
    assert python(step.format("setting chart.pdf")).stderr == ""
    assert on_terminal(step.format("setting chart.pdf"), TERM="xterm").read() == "setting chart.pdf ...\r\x1b[2K"
    assert on_terminal(step.format(""), TERM="xterm").read() == ""


def test_a_table_keeps_some_columns_whole_and_leaves_empty_ones_out() -> None:
    rows = [["Ada Example", "2026-11-22", "", "7n5tq2m8wkc4xe9r"]]
    assert terminal.table(rows) == "Ada Example  2026-11-22  7n5tq2m8wkc4xe9r"
    assert terminal.table(rows, total=24, whole=(1,)) == "Ada …  2026-11-22  7n5t…"
    assert terminal.table(rows, total=10, whole=(1,)) == "Ada…  2026-11-22  7n5…"


def test_json_is_stable(capfd: pytest.CaptureFixture[str]) -> None:
    terminal.emit_json({"b": [1], "a": "é"})
    assert capfd.readouterr().out == '{\n  "a": "é",\n  "b": [\n    1\n  ]\n}\n'


def test_pty_is_there() -> None:
    """The tests of prompts need pseudo-terminals."""
    for descriptor in pty.openpty():
        os.close(descriptor)


def test_json_holds_nothing_that_acts_on_a_terminal_and_keeps_its_value(capsys):
    value = {"path": "x\x1b[2J\x9b\u202e\U000e0041\udcff é 😀"}
    terminal.emit_json(value)
    out = capsys.readouterr().out
    assert json.loads(out) == value
    assert "é 😀" in out
    assert not [char for char in out if char != "\n" and not char.isprintable()]
