"""A remembered line is the line, or it is not believed."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from tests import shelf
from tests.bench.generate import Generated, generate
from vaultcli.places.chart import line_cache, replay
from vaultcli.places.chart.chart import Chart, Recording

NOW = datetime.fromisoformat("2026-11-23T15:00:00-05:00")


@shelf.made_once
def made(tmp_path: Path) -> Generated:
    return generate(tmp_path / "made", clients=6, notes=20)


def never(*_: object) -> None:
    raise AssertionError("folded anew")


def remembered(chart: Chart, client: str) -> Path:
    return line_cache.file(chart.repository.clone_id, f"client/{client}").path


def fresh(chart: Chart, client: str) -> object:
    return replay.replay_line(chart.repository, f"client/{client}", chart.policies)


def test_every_line_is_remembered_as_it_is(made: Generated, monkeypatch: pytest.MonkeyPatch) -> None:
    with Chart(made.vault) as chart:
        lines = {client: chart.line(client) for client in made.clients.values()}
        assert lines == {client: fresh(chart, client) for client in lines}
        assert any(one.reason and one.hashes for line in lines.values() for one in line.signed.values())
    monkeypatch.setattr(replay, "replay_line", never)
    monkeypatch.setattr(replay, "replay_practice", never)
    with Chart(made.vault) as chart:
        assert {client: chart.line(client) for client in lines} == lines


def test_what_came_since_is_folded_on_top(made: Generated, monkeypatch: pytest.MonkeyPatch) -> None:
    client = next(iter(made.clients.values()))
    with Chart(made.vault) as chart:
        chart.line(client)
        for number in range(3):
            id_ = f"{number:016}"
            path = f"notes/2026-11-22-progress-{id_}.md"
            chart.record(client, Recording("draft", (id_,), {path: f"---\nid: {id_}\n---\n".encode()}), NOW)
        expected = fresh(chart, client)
    monkeypatch.setattr(replay, "replay_line", never)
    with Chart(made.vault) as chart:
        assert chart.line(client) == expected


@pytest.mark.parametrize(
    "spoil",
    [
        lambda value: value | {"practice": "0" * 64},
        lambda value: value | {"oids": value["oids"][:-1]},
        lambda value: value | {"oids": ["0" * 64]},
        lambda value: value | {"oids": []},
        lambda value: value | {"signed": [[*value["signed"][0][:4], []]]},
        lambda value: {key: value[key] for key in value if key != "files"},
        lambda value: [],
    ],
)
def test_what_does_not_fit_is_folded_anew(made: Generated, spoil) -> None:
    client = next(iter(made.clients.values()))
    with Chart(made.vault) as chart:
        expected = chart.line(client)
        where = remembered(chart, client)
    kept = json.loads(where.read_text())
    where.write_text(json.dumps(kept | {"value": spoil(kept["value"])}))
    with Chart(made.vault) as chart:
        line = chart.line(client)
        assert (line.head, line.newest, line.number) == (expected.head, expected.newest, expected.number)


def test_half_a_file_is_none(made: Generated) -> None:
    client = next(iter(made.clients.values()))
    with Chart(made.vault) as chart:
        expected = chart.line(client)
        where = remembered(chart, client)
    where.write_bytes(where.read_bytes()[:-9])
    with Chart(made.vault) as chart:
        assert chart.line(client) == expected


def test_no_persons_words_are_kept_and_nobody_else_can_read_it(made: Generated) -> None:
    with Chart(made.vault) as chart:
        for client in made.clients.values():
            line, where = chart.line(client), remembered(chart, client)
            assert where.stat().st_mode & 0o777 == 0o600
            assert where.parent.stat().st_mode & 0o077 == 0
            text = where.read_text()
            assert all(one.reason not in text for one in line.signed.values() if one.reason)
            assert chart.register(client).name not in text
