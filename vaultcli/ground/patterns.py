"""Regular expressions that are compiled when they are first used: a command uses few of those that it imports."""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class _Late:
    """Stands for a pattern; its methods come from the compiled one, from the first use on."""

    def __init__(self, text: Any, flags: int) -> None:  # noqa: ANN401 - text or bytes
        self._made = (text, flags)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a pattern has
        found = getattr(re.compile(*self._made), name)
        setattr(self, name, found)
        return found


def pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """A pattern for use by its methods, as `re.compile` gives it; a malformed one is told at its first use.

    Args:
        text: the regular expression.
        flags: as for `re.compile`.
    """
    return cast("re.Pattern[AnyStr]", _Late(text, flags))
