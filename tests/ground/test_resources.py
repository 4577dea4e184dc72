"""Shipped files are found from the place of the running code: in a wheel's layout and in a checkout's."""

from __future__ import annotations

from pathlib import Path

import pytest

from vaultcli.ground import resources
from vaultcli.ground.errors import NotFound


def lay(root: Path, *folders: str) -> Path:
    for folder in ("vaultcli", *folders):
        (root / folder).mkdir(parents=True)
    return root / "vaultcli"


def test_a_wheel_has_them_inside(tmp_path: Path) -> None:
    package = lay(tmp_path, "vaultcli/_data/hooks", "hooks")
    assert resources.folder_of(package, "hooks") == package / "_data/hooks"


def test_a_checkout_has_them_beside_even_with_a_stale_copy(tmp_path: Path) -> None:
    package = lay(tmp_path, "vaultcli/_data/hooks", "hooks")
    (tmp_path / "pyproject.toml").touch()
    assert resources.folder_of(package, "hooks") == tmp_path / "hooks"


def test_an_incomplete_installation_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="installed without its templates"):
        resources.folder_of(lay(tmp_path), "templates")


def test_this_one_is_complete() -> None:
    assert resources.folder("templates").is_dir()
    assert resources.folder("hooks").is_dir()


def test_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = lay(tmp_path, "vaultcli/_data/templates/notes")
    top = package / "_data/templates"
    (top / "notes/soap.md").write_bytes("## Subjective — é\r\n".encode())
    (top / ".gitkeep").touch()
    (tmp_path / "secret").touch()
    monkeypatch.setattr(resources, "PACKAGE", package)
    assert resources.text("templates", "notes/soap.md") == "## Subjective — é\r\n"
    for name in ("", "notes", "none.md", "../../../secret", str(tmp_path / "secret")):
        with pytest.raises(NotFound, match="in the shipped templates"):
            resources.text("templates", name)
