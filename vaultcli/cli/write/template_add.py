"""`vaultcli template add`: a file becomes the practice's own template."""

from __future__ import annotations

from pathlib import Path

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, terminal


@click.command("add")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", help="What `new` will call it. Default: the file's name without .md.")
@click.option("--recovery-page", type=click.Path(path_type=Path), metavar="FILE", help="Sign with the recovery signer.")
@pass_options
def command(options: Options, file: Path, name: str | None, recovery_page: Path | None) -> None:
    """Make a file the practice's own template, for everybody who works here.

    It stands in for the shipped one of that name; a new name becomes a new format of progress notes. It is recorded on the
    practice's own line and signed by a key with the policy role. Drafts begun before keep what they have; `sign` still takes
    their prompts out. To go back: `vaultcli template show NAME --shipped > NAME.md`, and add that.
    """
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.cli.people.policy_key import holder
    from vaultcli.ground import files
    from vaultcli.record.notes import template
    from vaultcli.work.notes import template as templates

    raw, called = files.read(file), name or file.stem
    for problem in template.remarks(raw, str(file)):
        terminal.warn(f"{file}:{problem.line}: {problem.message}")
    with open_chart(options) as chart:
        templates.check(chart, called, raw, str(file))
        with holder(chart, recovery_page) as by:
            done = templates.add(chart, called, raw, by.recorder, clock.now())
    terminal.say(f"the practice's own template is now {called}" if done else f"{called} is that file already")
