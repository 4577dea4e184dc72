"""`vaultcli psychotherapy init`: begin the sealed notes, in a few questions, or take them over from a copy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.psychotherapy import open_store
from vaultcli.cli.psychotherapy.init_options import identity, originator, place, placed
from vaultcli.cli.ui import clock, new_passphrase, prompt, terminal
from vaultcli.ground.errors import Refused

if TYPE_CHECKING:
    from vaultcli.psychotherapy.keys.create import Founded, Wanted

_PATH = click.Path(path_type=Path)


@click.command("init")
@click.option("--page", type=_PATH, metavar="FILE", help="Where the recovery page goes; with --adopt, where it is.")
@click.option("--copy", type=_PATH, metavar="DIR", help="A folder on a stick for a second copy of epoch.age.")
@click.option("--label", metavar="TEXT", help="With --copy: what you call the stick. Default: the name of the folder.")
@click.option("--single-copy", is_flag=True, help="No second copy; `status` repeats it.")
@click.option("--repository", type=_PATH, metavar="DIR", help="Where the sealed files go. Default: psychotherapy in the vault.")
@click.option("--keys", type=_PATH, metavar="DIR", help="The key store, apart from the chart's. Default: your data folder.")
@click.option("--identity", metavar="ssh:PATH|plugin:PATH", help="An SSH key or a plugin's identity, not a passphrase.")
@click.option("--passphrase-file", type=click.File(encoding="utf-8"), metavar="FILE", help="Its first line is the passphrase.")
@click.option("--by", metavar="TEXT", help="Who writes these notes. Default: you, as in the chart.")
@click.option("--object-format", type=click.Choice(["sha256", "sha1"]), default="sha256", help="sha1 for a host that needs it.")
@click.option("--adopt", metavar="COPY", help="Take the notes over from a folder, a bundle or a URL.")
@click.option("--genesis", metavar="ID", help="With --adopt, without a page: the first commit.")
@click.option("--epoch", type=_PATH, metavar="FILE", help="With --adopt, without a page: a copy of epoch.age.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_options
def command(options: Options, /, **given: Any) -> None:  # noqa: ANN401
    """Begin psychotherapy notes beside the chart: sealed, in a repository of their own. Repeatable when interrupted.

    Nobody needs them, and nothing reminds you of them. Whoever loses every copy of epoch.age has lost every note, so this
    command ends with a second one: a recovery page, or a copy on a stick.

    \b
    vaultcli psychotherapy init                                       # asks
    vaultcli psychotherapy init --page /media/lee/print/page.html
    vaultcli psychotherapy init --adopt COPY --page page.txt  # another machine
    vaultcli psychotherapy init --adopt COPY --genesis sha256:... \\
        --epoch /media/lee/blue/psychotherapy-keys/epoch.age
    """  # noqa: D301
    if given["adopt"]:
        from vaultcli.cli.psychotherapy.init_adopt import run

        run(options, given)
        return
    if given["genesis"] or given["epoch"]:
        raise click.UsageError("--genesis and --epoch go with --adopt")
    _found(options, given)


def _found(options: Options, given: dict[str, Any]) -> None:
    from vaultcli.cli.open_chart import find_vault
    from vaultcli.psychotherapy.keys import create

    vault = find_vault(options)
    repository, keys = placed(given["repository"]) or vault.root / "psychotherapy", placed(given["keys"])
    _refuse_begun(options, vault.root, repository, keys)
    by = originator(options, given)
    page, copy = _second(given)
    asked = new_passphrase.asker(given["passphrase_file"])
    words = "" if given["identity"] else asked()
    wanted = create.Wanted(
        root=vault.root,
        by=by,
        repository=repository,
        page=page,
        identity=identity(given["identity"]),
        keys=keys,
        object_format=given["object_format"],
        copy=copy,
    )
    done = create.found(wanted, clock.now(), lambda: words, open_store.ask)
    _tell(wanted, done, as_json=given["as_json"])


def _refuse_begun(options: Options, root: Path, repository: Path, keys: Path | None) -> None:
    """Stop before any question where notes were begun; what an interruption left after the first commit is mended."""
    from vaultcli.ground.errors import Conflict
    from vaultcli.places.sealed import settings
    from vaultcli.psychotherapy.keys import create

    if settings.present(root) and create.is_founded(settings.load(root)):
        with open_store.open_store(options):
            pass
        raise Conflict("this vault keeps psychotherapy notes already", hint="`vaultcli keys copies` says where epoch.age is")
    create.refuse_begun(create.planned(root, "", repository, keys))


def _second(given: dict[str, Any]) -> tuple[Path | None, tuple[Path, str] | None]:
    """Where the second copy goes: page, stick, both, or none where that was accepted."""
    from vaultcli.psychotherapy.keys import usb_copies

    page, folder = placed(given["page"]), placed(given["copy"])
    if given["single_copy"] and (page or folder):
        raise click.UsageError("--single-copy means no page and no copy")
    if not (page or folder or given["single_copy"]):
        page, folder = _asked()
    if given["label"] and folder is None:
        raise click.UsageError("--label goes with --copy")
    return page, (folder, given["label"] or usb_copies.label_of(folder)) if folder else None


def _asked() -> tuple[Path | None, Path | None]:
    if not terminal.is_interactive():
        raise click.UsageError("these notes need a second copy of their key: --page FILE, --copy DIR, or --single-copy")
    terminal.warn("epoch.age and your passphrase open every one of these notes; if its last copy is lost, so are they")
    way = prompt.ask("a second copy:", ["on [p]aper", "on a [s]tick", "[n]one"], default="p")
    if way == "p":
        return place(Path(prompt.ask_line("file for the recovery page (on a stick, or to print)"))), None
    if way == "s":
        return None, place(Path(prompt.ask_line("folder on the stick")))
    if not prompt.confirm("if this computer fails, every note is lost: go on with a single copy?", default=False):
        raise Refused("nothing was made")
    return None, None


def say(text: str) -> None:
    """One line that may hold a path or a label."""
    terminal.say(terminal.escape(text, keep=""))


def _tell(wanted: Wanted, done: Founded, *, as_json: bool) -> None:
    known = done.settings
    if as_json:
        terminal.emit_json(
            {
                "repository": str(known.repository),
                "keys": str(known.keys),
                "identity": known.identity,
                "genesis": done.genesis,
                "page": str(wanted.page) if wanted.page else None,
                "copy": str(wanted.copy[0]) if wanted.copy else None,
                "single_copy": known.single_copy,
                "made": done.made,
            }
        )
        return
    say(f"made {', '.join(done.made)}")
    say(f"sealed files   {known.repository}")
    say(f"keys           {known.keys}")
    say(f"genesis        {done.genesis}")
    terminal.say("\nnext:")
    if wanted.page:
        say(f"  print {wanted.page}, keep the paper apart from every copy of the repository, delete the file")
    if wanted.copy:
        say(f"  take {wanted.copy[1]} out and keep it in another place than this computer")
        say("  write down the genesis: taking over from a stick asks for it")
    if known.single_copy:
        say("  one day: vaultcli keys copies add DIR, or vaultcli keys page FILE")
    say("  leave the key store out of every backup that keeps old versions: what is destroyed would come back")
    say("  vaultcli psychotherapy new HANDLE")
