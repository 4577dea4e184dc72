"""The runner of transcripts, tried on pages that are right, wrong and broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import transcript
from tests.test_transcripts import play

ID = "7n5tq2m8wkc4xe9r"
SHA = "a" * 64


def console(text: str, mode: str = "") -> str:
    return f"```console{mode}\n{text}```\n"


@pytest.mark.parametrize(
    "page",
    [
        "$ vaultcli --version\nvaultcli [num].[..]\n",
        "$ printf 'a\\nb\\nc\\n'\na\n...\nc\n",
        "$ printf 'a\\nb\\nc\\n'\n...\n",
        "$ cat\n< one\n< two\none\ntwo\n",
        "$ sh -c 'exit 3'\n? 3\n",
        f"$ echo {ID} {SHA}\n[id] [sha256]\n",
        f"$ echo {ID}\n[id:ada]\n$ echo note-[id:ada] | tr a-z A-Z\nNOTE-{ID.upper()}\n$ echo {ID}\n[id:ada]\n",
        "$ echo '[s]ign [d]raft'\n[s]ign [d]raft\n",
        '$ mkdir new\n$ cd new\n$ basename "$PWD"\nnew\n',
        "$ export COLOUR=blue\n$ echo $COLOUR\nblue\n",
        "$ echo $VAULTCLI_CLOCK\n2026-11-23T15:00:00-05:00\n$ echo $VAULTCLI_CLOCK\n2026-11-23T15:01:00-05:00\n",
        "$ test -t 0\n? 1\n",
    ],
)
def test_pages_that_are_right(page: str, tmp_path: Path) -> None:
    assert play(console(page), tmp_path) == console(page)


@pytest.mark.parametrize(
    ("page", "real"),
    [
        ("$ echo a\nb\n", "$ echo a\na\n"),
        ("$ echo a\n", "$ echo a\na\n"),
        ("$ true\na\n", "$ true\n"),
        ("$ printf 'a\\nb\\n'\nb\na\n", "$ printf 'a\\nb\\n'\na\nb\n"),
        ("$ printf 'a\\nb\\n'\na\n...\nc\n", "$ printf 'a\\nb\\n'\na\n...\n"),
        ("$ printf 'a\\nb\\n'\na\n", "$ printf 'a\\nb\\n'\na\nb\n"),
        ("$ sh -c 'exit 3'\n", "$ sh -c 'exit 3'\n? 3\n"),
        ("$ true\n? 3\n", "$ true\n"),
        (f"$ echo {ID}\n", f"$ echo {ID}\n[id]\n"),
        (f"$ echo {SHA}\n", f"$ echo {SHA}\n[sha256]\n"),
        (f"$ echo {ID}\n[id:a]\n$ echo {ID[::-1]}\n[id:a]\n", f"$ echo {ID}\n[id:a]\n$ echo {ID[::-1]}\n[id]\n"),
        ("$ echo x 12\n[id] [num]\n", "$ echo x 12\nx 12\n"),
    ],
)
def test_pages_that_are_wrong_differ(page: str, real: str, tmp_path: Path) -> None:
    assert play(console(page), tmp_path) == console(real) != console(page)


@pytest.mark.parametrize(
    ("page", "trouble"),
    [
        ("# Only words\n", "no command"),
        ("```console\n```\n", "no command"),
        ("```console\n$ true\n", "not closed"),
        ("```console\nhello\n$ true\n```\n", "before the first command"),
        ("```edit\ndance: a\n```\n", "unknown edit"),
        ("```edit\nappend: a\n```\n" + console("$ true\n"), "not used"),
    ],
)
def test_pages_that_are_broken(page: str, trouble: str, tmp_path: Path) -> None:
    with pytest.raises(transcript.PageError, match=trouble):
        play(page, tmp_path)


EDITED = """<!-- clock: 2027-01-04T09:00:00-05:00 -->
<!-- env: COLOUR=blue -->

```file notes/a.md
## Data

## Plan
```

```edit
under: ## Data => Came on time.\\nSat down.
replace: Plan => The plan
append: End.
fail: 4
```

```console
$ $EDITOR notes/a.md
? 4
$ cat notes/a.md
## Data
Came on time.
Sat down.

## The plan
End.
$ echo $COLOUR $VAULTCLI_CLOCK
blue 2027-01-04T09:02:00-05:00
```
"""


def test_files_edits_and_directives(tmp_path: Path) -> None:
    page = EDITED.replace("## Data\n\n## Plan", "---\n## Data\n\n## Plan").replace(
        "md\n## Data\nCame", "md\n---\n## Data\nCame"
    )
    assert play(page, tmp_path) == page


def test_a_terminal(tmp_path: Path) -> None:
    page = console(
        "$ test -t 0 && test -t 1 && printf 'name? ' && read name && echo hello $name\nname? ada\n< ada\nhello ada\n",
        " pty",
    )
    page = page.replace("name? ada\n< ada", "name? [..]\n< ada")
    assert play(page, tmp_path) == page
    wrong = page.replace("hello ada", "hello bo")
    (tmp_path / "again").mkdir()
    assert play(wrong, tmp_path / "again") != wrong
