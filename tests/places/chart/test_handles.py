"""Handles as the working files of the register say them."""

from __future__ import annotations

from pathlib import Path

from vaultcli.places.chart.handles import handles


def test_each_folder_with_what_its_entry_says(tmp_path: Path) -> None:
    entries = {
        "a": b"---\nname: Ada\nhandle: ada\n---\n",
        "b": b"---\nname: Bo\nhandle: 'bo'  # short\n" + b"address: x\n" * 1000 + b"---\n",
        "c": b"---\nhandle: Not One\n---\n",
        "d": b"---\nname: \xff\n---\nhandle: prose\n",
        "e": b"",
    }
    for name, raw in entries.items():
        (tmp_path / "clients" / name).mkdir(parents=True)
        (tmp_path / "clients" / name / "client.md").write_bytes(raw)
    (tmp_path / "clients" / "f" / "client.md").mkdir(parents=True)
    (tmp_path / "clients" / "g").mkdir()
    (tmp_path / "clients" / "h").write_text("a stray file")
    assert dict(handles(tmp_path)) == {"a": "ada", "b": "bo"} | dict.fromkeys("cdefgh", "")
    assert list(handles(tmp_path / "nowhere")) == []
