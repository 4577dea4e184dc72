"""Work in copies of the process: every result comes, whatever becomes of a copy, and none stays behind."""

import os
import signal

import pytest

from tests.leaks.cases import children
from vaultcli.ground.process.workers import Aside

WORDS = [f"word {number}" for number in range(7)]


def test_every_item_has_its_result():
    for processes in (0, 1, 2, 9):
        with Aside(len, WORDS, processes) as aside:
            assert aside.results() == {word: len(word) for word in WORDS}
    with Aside(len, [], 2) as aside:
        assert aside.results() == {}


def test_the_work_is_done_by_copies():
    with Aside(lambda _: os.getpid(), WORDS, 2) as aside:
        found = set(aside.results().values())
    assert len(found) == 2
    assert os.getpid() not in found


@pytest.mark.parametrize("ends", ["kill", "raise", "silent"])
def test_what_a_copy_did_not_finish_is_done_here(ends):
    here = os.getpid()

    def work(word):
        if os.getpid() != here and word == WORDS[3]:
            if ends == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            if ends == "raise":
                raise ValueError(word)
            os._exit(0)
        return word.upper()

    with Aside(work, WORDS, 2) as aside:
        assert aside.results() == {word: word.upper() for word in WORDS}


def test_an_error_of_the_work_itself_is_raised_here():
    def work(word):
        raise ValueError(word)

    with Aside(work, WORDS, 2) as aside, pytest.raises(ValueError, match="word 0"):
        aside.results()


def test_nobody_is_left_when_nobody_asks():
    before = children(os.getpid())
    with Aside(lambda _: signal.pause(), WORDS, 2):
        assert len(set(children(os.getpid())) - set(before)) == 2
    assert set(children(os.getpid())) <= set(before)
