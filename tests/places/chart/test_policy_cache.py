"""What quick commands remember of a practice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import vaults
from vaultcli.places.chart import policy_cache
from vaultcli.places.chart.chart import BRANCH, Chart


@pytest.fixture
def chart(tmp_path: Path):
    world = vaults.make(tmp_path / "v", clients=("ada",))
    with Chart(world.vault) as opened:
        yield opened


def refused() -> object:
    raise AssertionError("the line was read")


def test_it_is_what_the_line_says_and_is_believed_for_that_head_only(chart: Chart) -> None:
    head, clone = chart.repository.head(BRANCH) or "", chart.repository.clone_id
    policy_cache.file(clone, head).path.unlink(missing_ok=True)
    made = chart.gist(head)
    assert made == policy_cache.of(chart.policies)
    assert policy_cache.at(clone, head, refused) == made
    with pytest.raises(AssertionError):
        policy_cache.at(clone, "0" * len(head), refused)
    with pytest.raises(AssertionError):
        policy_cache.at("0" * 16, head, refused)


def test_a_head_that_the_line_has_left_is_not_remembered(chart: Chart) -> None:
    head, clone = chart.repository.head(BRANCH) or "", chart.repository.clone_id
    policy_cache.file(clone, head).path.unlink(missing_ok=True)
    other = "1" * len(head)
    assert chart.gist(other) == policy_cache.of(chart.policies)
    assert not policy_cache.file(clone, head).path.exists()


@pytest.mark.parametrize("damage", [{"genesis": "x"}, {"name": 5}, {"cosigned": "no"}, {"more": 1}])
def test_what_is_damaged_is_not_believed(chart: Chart, damage: dict[str, object]) -> None:
    head, clone = chart.repository.head(BRANCH) or "", chart.repository.clone_id
    made = chart.gist(head)
    where = policy_cache.file(clone, head).path
    kept = json.loads(where.read_text())
    where.write_text(json.dumps(kept | {"value": kept["value"] | damage}))
    assert chart.gist(head) == made
    assert policy_cache.at(clone, head, refused) == made
    where.write_text("{")
    assert chart.gist(head) == made


def test_nothing_of_a_client_is_in_it(chart: Chart) -> None:
    head, clone = chart.repository.head(BRANCH) or "", chart.repository.clone_id
    chart.gist(head)
    kept = json.loads(policy_cache.file(clone, head).path.read_text())
    assert kept["of"] == {"clone": clone, "head": head}
    assert kept["value"].keys() == {"genesis", "name", "cosigned"}
