"""Error kinds: every message says what happened, what still works, what to do."""

from __future__ import annotations

from typing import Any


class LabLiveError(Exception):
    """A problem worth one clear message to a person.

    Parameters
    ----------
    what
        What happened, one sentence, naming file, line, device or value.
    still
        What still works (empty when nothing is affected).
    todo
        What to do next.
    """

    def __init__(self, what: str, *, still: str = "", todo: str = "") -> None:
        self.what = what
        self.still = still
        self.todo = todo
        super().__init__(" ".join(part for part in (what, still, todo) if part))


class ConfigError(LabLiveError):
    """A configuration file or option is wrong; lists every problem at once."""


class RecordingError(LabLiveError):
    """A trial cannot be written, opened or trusted."""


class CalibrationError(LabLiveError):
    """A calibration step cannot be used; says which, why and how to repeat it.

    Parameters
    ----------
    problems
        The causes, each with its remedy, one sentence or two each.
    """

    def __init__(
        self,
        what: str,
        *,
        still: str = "",
        todo: str = "",
        problems: tuple[str, ...] = (),
    ) -> None:
        self.problems = problems
        super().__init__(what, still=still, todo=todo)


class LinkError(LabLiveError):
    """The app and the host cannot talk to each other.

    Parameters
    ----------
    no_host
        No host is running, so that one may be started.
    """

    def __init__(
        self, what: str, *, still: str = "", todo: str = "", no_host: bool = False
    ) -> None:
        self.no_host = no_host
        super().__init__(what, still=still, todo=todo)


class LibraryError(LabLiveError):
    """The library of people and sessions cannot be read, or a change is not stored.

    Parameters
    ----------
    kind
        ``missing``, ``damaged``, ``foreign``, ``newer``, ``folder``: it does not open;
        ``read_only``, ``full``, ``busy``, ``changed``, ``duplicate``, ``wrong``,
        ``unknown``: this one change or question failed.
    """

    def __init__(
        self, kind: str, what: str, *, still: str = "", todo: str = ""
    ) -> None:
        self.kind = kind
        super().__init__(what, still=still, todo=todo)


class DeviceError(LabLiveError):
    """A device cannot be opened or has gone.

    Parameters
    ----------
    kind
        ``unplugged``, ``busy``, ``permission``, ``missing``, ``ambiguous``,
        ``timeout``, ``baud``, ``protocol`` or ``library``.
    choices
        What could have been meant, when it is ``ambiguous``: :class:`LslIdentity`.
    """

    def __init__(
        self,
        kind: str,
        what: str,
        *,
        still: str = "",
        todo: str = "",
        choices: tuple[Any, ...] = (),
    ) -> None:
        self.kind = kind
        self.choices = choices
        super().__init__(what, still=still, todo=todo)
