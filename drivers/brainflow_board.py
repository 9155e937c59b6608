"""Boards that BrainFlow knows (OpenBCI Cyton and others): EMG and acceleration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from drivers.options import check_options, number
from drivers.profile import Device
from drivers.profile_decoder import ProfileDecoder
from drivers.profile_driver import ProfileDriver, stream_infos
from drivers.profile_fields import site_prefix
from drivers.row_port import (
    Quantity,
    RowPort,
    let_go,
    no_library,
    nothing_yet,
    row_profile,
)
from drivers.serial_port import resolve_port
from drivers.talk import STILL
from lablive.errors import ConfigError, DeviceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers.base import Port, StreamTally

_OPTIONS: Final = (
    "board", "port", "host", "ip_port", "mac", "serial_number", "sites", "name",
)  # fmt: skip
_BOARDS: Final = {"cyton": 0, "synthetic": -1, "ganglion": 1, "cyton_daisy": 2}
_COUNTER_BITS: Final = {0: 8, -1: 8}  # boards whose package number is known to wrap so
_SLOW_HZ: Final = 500.0  # surface EMG reaches 400 Hz
_POLL_S: Final = 0.01
_BUFFER_ROWS: Final = 45_000


class BrainFlowPort(RowPort):
    """One board; BrainFlow keeps the rows until they are fetched.

    Attributes
    ----------
    about
        BrainFlow's description of the board, empty before it is open.
    """

    def __init__(self, board_id: int, parameters: Mapping[str, str | int]) -> None:
        super().__init__(f"The board {board_id} of BrainFlow")
        self.board_id = board_id
        self._parameters = parameters
        self._board: Any = None
        self._picked: list[int] = []
        self.about: dict[str, Any] = {}

    def open(self) -> None:
        """Begin to stream; raises DeviceError."""
        try:
            from brainflow.board_shim import (
                BoardShim,
                BrainFlowError,
                BrainFlowInputParams,
            )
        except ImportError as error:
            raise no_library("A BrainFlow board", "emg") from error
        BoardShim.disable_board_logger()
        wanted = BrainFlowInputParams()
        for key, value in self._parameters.items():
            setattr(wanted, key, value)
        try:
            self.about = BoardShim.get_board_descr(self.board_id)
            self.name = f"The {self.about.get('name', 'board')} board"
            self._board = BoardShim(self.board_id, wanted)
            self._board.prepare_session()
            self._board.start_stream(_BUFFER_ROWS)
        except BrainFlowError as error:
            self.close()
            raise DeviceError(
                "missing",
                f"{self.name} cannot be opened ({error}).",
                still=STILL,
                todo="Switch it on, check its port, and close other programs.",
            ) from error
        counter = int(self.about.get("package_num_channel", -1))
        self._picked = [counter, *self.emg, *self.acc]
        self.fresh()

    @property
    def emg(self) -> list[int]:
        """Rows of BrainFlow's matrix that are EMG."""
        return list(
            self.about.get("emg_channels") or self.about.get("eeg_channels", [])
        )

    @property
    def acc(self) -> list[int]:
        """Rows of BrainFlow's matrix that are acceleration."""
        return list(self.about.get("accel_channels", []))

    def read(self, timeout_s: float) -> list[bytes]:
        """Fetch what the board has; DeviceError after a second of silence."""
        board = self._board
        if board is not None:
            data = board.get_board_data()
            if not data.shape[1]:
                self._came.wait(min(timeout_s, _POLL_S))
                data = board.get_board_data()
            rows = np.ascontiguousarray(data[self._picked].T)
            for row in rows.tolist():
                self.put(row[1:], counter=int(row[0]))
        return super().read(0.0)

    def close(self) -> None:
        """Stop and let go; a board that is gone may refuse to stop."""
        board, self._board = self._board, None
        if board is not None:
            let_go(board.stop_stream, board.release_session)


class BrainFlowDriver(ProfileDriver):
    """One board.

    Parameters
    ----------
    port
        The library.
    sites
        Muscle of each EMG input in order; "" leaves an input unnamed.
    """

    def __init__(
        self, port: BrainFlowPort, *, sites: tuple[str, ...] = (), name: str = "emg"
    ) -> None:
        for site in filter(None, sites):
            if not (site_prefix("emg", site) or "").startswith("emg_"):
                raise ConfigError(
                    f'BrainFlow: the muscle "{site}" is not known.',
                    todo='Use a word of the vocabulary: "gluteus_maximus_left".',
                )
        self._library, self._sites, self._name = port, sites, name
        super().__init__(nothing_yet("BrainFlow", "emg"), port.name, port)

    @classmethod
    def from_options(cls, options: Mapping[str, str | float | bool]) -> BrainFlowDriver:
        """Build a driver from options; raises ConfigError or DeviceError.

        ``board`` is ``cyton``, ``ganglion``, ``cyton_daisy``, ``synthetic`` or
        BrainFlow's number; ``sites`` is ``gluteus_maximus_left,gluteus_medius_left``.
        """
        check_options("brainflow", options, _OPTIONS)
        text = str(options.get("board", "cyton"))
        known = _BOARDS.get(text)
        board_id = int(number(options, "board", 0)) if known is None else known
        parameters: dict[str, str | int] = {}
        if options.get("port"):
            parameters["serial_port"] = resolve_port(str(options["port"]))
        named = {"host": "ip_address", "mac": "mac_address"}
        for key in ("host", "mac", "serial_number"):
            if options.get(key):
                parameters[named.get(key, key)] = str(options[key])
        if options.get("ip_port"):
            parameters["ip_port"] = int(number(options, "ip_port", 0))
        sites = str(options.get("sites", ""))
        return cls(
            BrainFlowPort(board_id, parameters),
            sites=tuple(part.strip() for part in sites.split(",")) if sites else (),
            name=str(options.get("name", "")) or "emg",
        )

    def _greet(self, port: Port) -> ProfileDecoder:
        del port
        about = self._library.about
        quantities = [
            Quantity(self._label(place), "uV")
            for place in range(len(self._library.emg))
        ]
        if self._library.acc:
            quantities.append(Quantity("acc", "g", len(self._library.acc)))
        self.profile = row_profile(
            Device(name=str(about.get("name", "BrainFlow")), kind="emg"),
            float(about["sampling_rate"]),
            quantities,
            name=self._name,
            counter_bits=_COUNTER_BITS.get(self._library.board_id, 0),
        )
        self._infos = stream_infos(self.profile, self._address)
        return ProfileDecoder(self.profile, self._infos)

    def _label(self, place: int) -> str:
        site = self._sites[place] if place < len(self._sites) else ""
        return (site_prefix("emg", site) if site else "") or f"emg_{place + 1:02d}"

    def _fault(self, decoder: ProfileDecoder, tally: StreamTally) -> str:
        told = super()._fault(decoder, tally)
        slow = 0 < tally.info.rate_hz < _SLOW_HZ
        return told or (
            f"{tally.info.rate_hz:g} Hz is slow for muscles: use the envelope only."
            if slow
            else ""
        )
