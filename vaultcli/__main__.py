"""Entry point of the console script and of `python -m vaultcli`."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line and end the process with its exit code.

    A bare `vaultcli --version` is answered here, before click is imported.
    """
    if sys.argv[1:] == ["--version"] and _said_version():
        return
    # most of what a command makes lives as long as the command: looking for circles in it is a tenth of a short one's time
    gc.set_threshold(50_000)
    from vaultcli.cli.door import run

    sys.exit(run(sys.argv[1:]))


def _said_version() -> bool:
    from vaultcli.ground.version import __version__

    try:
        sys.stdout.write(f"vaultcli {__version__}\n")
        sys.stdout.flush()
    except OSError:  # a full disk or a closed pipe: the door has words and a code for it
        return False
    return True


if __name__ == "__main__":
    main()
