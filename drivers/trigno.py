"""Delsys Trigno over TCP: EMG and auxiliary channels of up to 16 sensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from drivers.options import check_options, number
from drivers.profile import (
    Device,
    Field,
    Framing,
    Message,
    MessageType,
    Profile,
    Samples,
    Stream,
    Transport,
)
from drivers.profile_decoder import ProfileDecoder
from drivers.profile_driver import ProfileDriver, stream_infos
from drivers.profile_fields import site_prefix
from drivers.row_port import nothing_yet
from drivers.trigno_port import AUX, AUX_PORT, COMMAND_PORT, EMG, EMG_PORT, TrignoPort
from drivers.trigno_system import (
    AUX_PER_SLOT,
    AUX_ROW,
    EMG_ROW,
    SLOTS,
    Sensor,
    System,
)
from lablive.errors import ConfigError, DeviceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from drivers.base import Port, StreamTally
    from lablive.messages import Chunk, Gap, StreamInfo

_HEAD: Final = 3  # whose rows, and how many
_HELD_ROWS: Final = 26  # equal samples that no muscle gives: a radio frame was lost
_SENSOR_OPTIONS: Final = tuple(f"sensor_{n}" for n in range(1, SLOTS + 1))
_OPTIONS: Final = (
    "host", "port", "index_base", "expected_rate_hz", "name", *_SENSOR_OPTIONS,
)  # fmt: skip


class TrignoDriver(ProfileDriver):
    """One base station.

    Parameters
    ----------
    host
        Computer on which the Trigno Control Utility runs.
    base
        How places are counted: ``auto``, ``0`` or ``1``.
    muscles
        Sensor number -> muscle, for the channel labels.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        *,
        base: str = "auto",
        expected_hz: float = 0.0,
        muscles: Mapping[int, str] | None = None,
        name: str = "emg",
        ports: tuple[int, int, int] = (COMMAND_PORT, EMG_PORT, AUX_PORT),
    ) -> None:
        super().__init__(nothing_yet("Delsys Trigno", "emg"), host)
        self._muscles = dict(muscles or {})
        self._name = name
        self._given_port = TrignoPort(
            host, self._stop, base=base, expected_hz=expected_hz, ports=ports
        )
        self._held = HeldRows(())
        self._question = ""

    @classmethod
    def from_options(cls, options: Mapping[str, str | float | bool]) -> TrignoDriver:
        """Build a driver from options.

        ``sensor_1`` ... ``sensor_16`` name the muscles, ``port`` is the first of the
        ports (50040).

        Raises
        ------
        ConfigError
            An option is unknown or wrong.
        """
        check_options("trigno", options, _OPTIONS)
        base = str(options.get("index_base", "auto")).removesuffix(".0")
        if base not in ("auto", "0", "1"):
            raise ConfigError(
                f'Trigno: index_base = "{base}" is not known.',
                todo='Use "auto", 0 or 1.',
            )
        muscles = {
            place: str(options[key])
            for place, key in enumerate(_SENSOR_OPTIONS, start=1)
            if options.get(key)
        }
        for site in muscles.values():
            if not (site_prefix("emg", site) or "").startswith("emg_"):
                raise ConfigError(
                    f'Trigno: the muscle "{site}" is not known.',
                    todo='Use a word of the vocabulary: "gluteus_maximus_left".',
                )
        first = int(number(options, "port", COMMAND_PORT))
        return cls(
            str(options.get("host", "")) or "127.0.0.1",
            base=base,
            expected_hz=number(options, "expected_rate_hz", 0.0),
            muscles=muscles,
            name=str(options.get("name", "")) or "emg",
            ports=(first, first + 3, first + 4),
        )

    def _greet(self, port: Port) -> ProfileDecoder:
        system = port.system if isinstance(port, TrignoPort) else None
        if system is None:
            raise DeviceError("protocol", "The Trigno told nothing of itself.")
        self.profile = trigno_profile(system, self._muscles, self._name)
        self._infos = stream_infos(self.profile, self._address)
        self._question = system.question
        slots = {s.number: s.start - system.base for s in system.sensors if s.emg}
        self._held = HeldRows(tuple(slots.items()))
        return _Decoder(self.profile, self._infos, self._held)

    def _fault(self, decoder: ProfileDecoder, tally: StreamTally) -> str:
        told = super()._fault(decoder, tally)
        return told or self._held.fault or self._question


class _Decoder(ProfileDecoder):
    """The profile's decoder, which also looks for values that were held."""

    def __init__(
        self, profile: Profile, infos: tuple[StreamInfo, ...], held: HeldRows
    ) -> None:
        super().__init__(profile, infos)
        self._held = held

    def feed(self, pieces: Iterable[bytes], arrival_s: float) -> list[Chunk | Gap]:
        """Decode rows, and look at those of the EMG."""
        pieces = list(pieces)
        for piece in pieces:
            if piece[0] == EMG:
                self._held.feed(piece[_HEAD:])
        return super().feed(pieces, arrival_s)


class HeldRows:
    """Find samples that repeat: TCP loses nothing, but the radio before it does.

    Parameters
    ----------
    slots
        (sensor number, place in the row) of the EMG that is looked at.
    """

    def __init__(self, slots: tuple[tuple[int, int], ...]) -> None:
        self._numbers = [sensor for sensor, _ in slots]
        self._places = [place for _, place in slots]
        self._last = np.zeros(len(slots), np.uint32)
        self._runs = np.zeros(len(slots), np.int64)
        self._counts = np.zeros(len(slots), np.int64)

    @property
    def fault(self) -> str:
        """What was seen, in words; "" = nothing."""
        if not self._counts.any():
            return ""
        worst = int(self._counts.argmax())
        return (
            f"Sensor {self._numbers[worst]} stood still {self._counts[worst]} times "
            f"for {_HELD_ROWS} samples or more: its radio loses data, or it is off."
        )

    def feed(self, rows: bytes) -> None:
        """Take EMG rows as they came."""
        raw = np.frombuffer(rows, np.uint32).reshape(-1, SLOTS)[:, self._places]
        before = np.concatenate((self._last[None], raw[:-1]))
        moved = raw != before
        for column in range(raw.shape[1]):
            at = np.flatnonzero(moved[:, column])
            edges = np.concatenate(([-1 - self._runs[column]], at, [len(raw)]))
            lengths = np.diff(edges)
            done = lengths >= _HELD_ROWS
            # a stretch counts once, when it has become long enough
            already = self._runs[column] + 1 >= _HELD_ROWS
            self._counts[column] += int(done.sum()) - int(bool(done[0]) and already)
            self._runs[column] = lengths[-1] - 1
        self._last = raw[-1]


def trigno_profile(
    system: System, muscles: Mapping[int, str], name: str = "emg"
) -> Profile:
    """Return the profile of the rows that :class:`TrignoPort` hands on."""
    kind = "f32be" if system.big else "f32le"
    emg = [
        f for s in system.sensors for f in _emg_fields(s, system.base, kind, muscles)
    ]
    aux = [f for s in system.sensors for f in _aux_fields(s, system.base, kind)]
    listed = [("emg", EMG, EMG_ROW, system.emg_hz, emg, name)]
    listed.append(("aux", AUX, AUX_ROW, system.aux_hz, aux, f"{name} aux"))
    listed = [entry for entry in listed if entry[4]]
    return Profile(
        device=Device(name="Delsys Trigno", kind="emg", vendor="Delsys"),
        transport=Transport(type="tcp"),
        framing=Framing(
            mode="datagram", type=MessageType(at=0, type="u8"), max_frame=1 << 24
        ),
        messages=tuple(
            Message(
                name=what,
                id=ident,
                rate_hz=rate_hz,
                samples=Samples(at=_HEAD, stride=size, count_at=(1, "u16le")),
                fields=tuple(fields),
            )
            for what, ident, size, rate_hz, fields, _ in listed
        ),
        streams=tuple(
            Stream(
                name=called,
                message=what,
                fields=tuple(field.name for field in fields),
                type="EMG" if what == "emg" else "Other",
            )
            for what, _, _, _, fields, called in listed
        ),
    )


def _emg_fields(
    sensor: Sensor, base: int, kind: str, muscles: Mapping[int, str]
) -> list[Field]:
    found: list[Field] = []
    for channel in range(sensor.emg):
        site = muscles.get(sensor.number, "") if channel == 0 else ""
        label = site_prefix("emg", site) if site else f"sensor_{sensor.number:02d}_emg"
        found.append(
            Field(
                name=f"{label}_{channel + 1}" if channel else str(label),
                at=4 * (sensor.start - base + channel),
                type=kind,
                per_sample=True,
                unit=sensor.units[channel] or "V",
            )
        )
    return found


def _aux_fields(sensor: Sensor, base: int, kind: str) -> list[Field]:
    first = (sensor.start - base) * AUX_PER_SLOT
    return [
        Field(
            name=f"sensor_{sensor.number:02d}_aux_{channel + 1}",
            at=4 * (first + channel),
            type=kind,
            per_sample=True,
            unit=sensor.units[sensor.emg + channel],
        )
        for channel in range(sensor.aux)
    ]
