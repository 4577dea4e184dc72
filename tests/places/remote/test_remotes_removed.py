"""A remote that is forgotten leaves nothing behind but what only it had."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import vaults
from tests.work import lines
from vaultcli.ground.errors import NotFound
from vaultcli.places.remote import remotes as places
from vaultcli.work.sync import remotes, sync


def test_what_was_seen_of_it_goes_unless_it_is_not_here(tmp_path: Path) -> None:
    world = vaults.make(tmp_path / "vault")
    line = f"client/{world.clients['ada']}"
    with world.chart() as chart:
        for name in ("blue", "red"):
            remotes.init_bare(tmp_path / name, object_format=chart.repository.object_format, genesis=chart.genesis)
            remotes.add(chart, name, str(tmp_path / name), places.OWN, tmp_path)
        sync.sync(chart, remotes.chosen(chart, "blue")[0], world.tick())
        sync.sync(chart, remotes.chosen(chart, "red")[0], world.tick())
        tree = lines.git(world.vault.chart, "rev-parse", f"{line}^{{tree}}").strip()
        apart = lines.git(
            world.vault.chart, "-c", "user.name=x", "-c", "user.email=x", "commit-tree", tree, "-p", line, "-m", "x"
        ).strip()
        lines.git(world.vault.chart, "update-ref", f"refs/remotes/red/{line}", apart)
        assert remotes.remove(chart, "blue") == []
        assert remotes.remove(chart, "red") == [line]
        with pytest.raises(NotFound, match="no remote red"):
            remotes.remove(chart, "red")
        assert remotes.listed(chart) == []
        assert chart.repository.git.refs("refs/remotes/") == {f"refs/remotes/red/{line}": apart}
        remotes.add(chart, "blue", str(tmp_path / "blue"), places.OWN, tmp_path)
        assert sync.sync(chart, remotes.chosen(chart, "blue")[0], world.tick()).whole
    assert 'remote "red"' not in (world.vault.chart / ".git" / "config").read_text()
    assert (tmp_path / "red" / "HEAD").is_file()
