"""Writes `note.schema.json`, beside this file, from the table of fields in `vaultcli/record/notes/fields.py`."""

import json
from pathlib import Path

from vaultcli.record.notes.fields import schema

TARGET = Path(__file__).with_name("note.schema.json")


def text() -> str:
    """The file's content."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
