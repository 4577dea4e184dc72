"""`vaultcli init`: a vault in four questions, or one adopted from a copy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.people.key_choice import key_choice
from vaultcli.cli.ui import clock, prompt, terminal

if TYPE_CHECKING:
    from vaultcli.work.vault.create import Founded, Founder


@click.command("init")
@click.argument("folder", required=False, type=click.Path(path_type=Path), metavar="[DIR]")
@click.option("--yes", is_flag=True, help="Ask nothing; needs --recovery-page.")
@click.option("--name", help="Your name, as it stands in signatures.")
@click.option("--credentials", help="Your credentials, as they stand in signatures.")
@click.option("--key", metavar="PATH|agent[:FPR]|token|new", help="The key you sign notes with. Default: a new one.")
@click.option("--passphrase-file", type=click.File("r"), metavar="FILE", help="Its first line is the new key's passphrase.")
@click.option("--recovery-page", type=click.Path(path_type=Path), metavar="FILE", help="Where the recovery page goes, or is.")
@click.option("--practice", metavar="NAME", help="The practice's name. Default: yours.")
@click.option("--as", "principal", metavar="ID", help="Your id. Default: made from your name.")
@click.option("--keys", type=click.Path(path_type=Path), metavar="DIR", help="The key store. Default: your data folder.")
@click.option("--object-format", type=click.Choice(["sha256", "sha1"]), default="sha256", help="sha1 for a host that needs it.")
@click.option("--adopt", metavar="COPY", help="A clone, bundle or URL to adopt instead of beginning anew.")
@click.option("--genesis", metavar="ID", help="With --adopt: the first commit, from the recovery page.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_options
def command(options: Options, /, folder: Path | None, **given: object) -> None:
    """Make a vault: chart, keys, recovery page. Repeatable: what is there is kept, what is missing is made."""
    root = (options.vault or folder or Path()).expanduser().absolute()
    if given["adopt"]:
        from vaultcli.cli.people.init_adopt import run

        run(root, given)
    else:
        _found(root, given)


def _found(root: Path, given: dict[str, object]) -> None:
    from vaultcli.cli.ui import passphrase
    from vaultcli.work.vault import begun, create

    before = create.existing(root)
    if before is not None and create.is_founded(before):
        done = create.complete(create.Founded(before, kept=["vault.toml", "keys", "chart", "first commit"]), clock.now())
    else:
        begun.refuse(root, before.chart if before else root / "chart")
        _check(given)
        done = create.found(root, _founder(given), clock.now(), passphrase.asker())
    _tell(done, as_json=bool(given["as_json"]))


def _check(given: dict[str, object]) -> None:
    if given["genesis"]:
        raise click.UsageError("--genesis goes with --adopt")
    if not given["yes"]:
        return
    if not given["recovery_page"]:
        raise click.UsageError("--yes needs --recovery-page FILE: without it a lost laptop is the end of the record")
    if not given["name"]:
        raise click.UsageError("--yes needs --name")


def _founder(given: dict[str, object]) -> Founder:
    """The four questions, as far as options have not answered them."""
    from vaultcli.work.people import keys as people_keys
    from vaultcli.work.vault.create import Founder

    asking = not given["yes"]
    name = _answer(given, "name", "your name, as it stands in signatures", asking)
    if not name:
        raise click.UsageError("a name is needed")
    credentials = _answer(given, "credentials", "your credentials (PhD, licensed psychologist)", asking)
    choice = key_choice(given, asking=asking)
    page = _answer(given, "recovery_page", "file for the recovery page (on a stick, or to print)", asking)
    if not page:
        raise click.UsageError("the recovery page needs a place")
    keys = given["keys"]
    return Founder(
        name=name,
        credentials=credentials,
        practice=str(given["practice"] or name),
        page=Path(page).expanduser().absolute(),
        key=choice,
        principal=str(given["principal"] or people_keys.principal_of(name)),
        keys=Path(str(keys)).expanduser().absolute() if keys else None,
        object_format=str(given["object_format"]),
    )


def _answer(given: dict[str, object], name: str, question: str, asking: bool) -> str:
    if given[name] is not None:
        return str(given[name]).strip()
    return prompt.ask_line(question) if asking else ""


def _tell(done: Founded, *, as_json: bool) -> None:
    from vaultcli.places.machine import location

    warnings = location.warnings(done.vault.root, done.vault.keys)
    if as_json:
        terminal.emit_json(
            {
                "vault": str(done.vault.root),
                "chart": str(done.vault.chart),
                "keys": str(done.vault.keys),
                "principal": done.vault.principal,
                "genesis": done.genesis,
                "made": done.made,
                "kept": done.kept,
                "warnings": warnings,
            }
        )
        return
    for word, pieces in (("made", done.made), ("kept", done.kept)):
        if pieces:
            terminal.say(f"{word} {terminal.escape(', '.join(pieces), keep='')}")
    terminal.say(f"vault {terminal.escape(str(done.vault.root), keep='')}, genesis {done.genesis}")
    for name in done.hooks:
        terminal.warn(f"the hook {name} is somebody else's and was left alone")
    for warning in warnings:
        terminal.warn(f"{terminal.paint('note:', 'yellow', err=True)} {terminal.escape(warning)}")
    if "first commit" in done.made:
        _next_steps(done)


def _next_steps(done: Founded) -> None:
    import os
    import shlex

    from vaultcli.places.machine import location

    page = next((piece for piece in done.made + done.kept if piece.startswith("recovery page ")), "")
    terminal.say("\nnext:")
    if done.vault.root != Path.cwd():
        terminal.say(f"  cd {terminal.escape(shlex.quote(os.path.relpath(done.vault.root)), keep='')}")
    terminal.say(f"  print {terminal.escape(page.removeprefix('recovery page '), keep='')}, then delete the file")
    terminal.say(f"  {location.history_line()}")
    terminal.say("  vaultcli client add             # asks for name and handle")
    terminal.say("  vaultcli new HANDLE 14:00-14:53")
