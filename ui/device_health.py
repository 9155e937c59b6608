"""The health of each device in the words of the Devices page: no widgets in here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ui.numbers import MISSING, age_text, counted, elapsed_text, rate_text, value_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lablive.live.reports import HostReport, SourceReport
    from lablive.messages import DriverState, SourceSpec, StreamInfo, StreamStatus

OFF_RATE: Final = 0.05  # of the nominal rate: said in colour from here on
LOW_BATTERY_PCT: Final = 20.0
NOTE: Final = "Please note"  # it sends, but something is wrong with it
GRAVEST: Final[tuple[DriverState, ...]] = (
    "failed", "recovering", "stalled", "opening", "settling", "closed", "streaming",
)  # fmt: skip
NO_SILENCE: Final = (
    "It is silent. Other devices and the recording go on. Check power and cable; it "
    "comes back by itself."
)
_KINDS: Final = {
    "lsl": "LSL stream",
    "microphone": "microphone",
    "manual_speed": "typed by hand",
    "trigno": "Delsys Trigno",
    "ximu3": "x-IMU3",
}


class Line(NamedTuple):
    """One line of the list: a device, or one stream of a device that has several.

    Attributes
    ----------
    source, stream
        Which; stream -1 is a device whose streams follow.
    name, detail, state
        What it is, what it is opened as, or what is wrong with it, and how it is.
    nominal, measured, effective, lost, age, battery, drift, jitter
        Figures as they are written; "" where a device has several streams.
    off_rate, low
        The measured rate is not the nominal one; the battery is nearly empty.
    """

    source: str
    stream: int
    name: str
    detail: str
    state: DriverState
    nominal: str = ""
    measured: str = ""
    effective: str = ""
    lost: str = ""
    age: str = ""
    battery: str = ""
    drift: str = ""
    jitter: str = ""
    off_rate: bool = False
    low: bool = False

    @property
    def is_part(self) -> bool:
        """Whether it is one stream of the device above it."""
        return self.stream >= 0 and not self.detail

    @property
    def has_loss(self) -> bool:
        """Whether anything was lost."""
        return any(digit in "123456789" for digit in self.lost)


def state_of(source: SourceReport) -> DriverState:
    """Return how a device is: as its worst stream, or as its wire."""
    states: set[str] = {status.state for status in source.status}
    if source.state != "streaming" or not states:
        states.add(source.state)
    for state in GRAVEST:
        if state in states:
            return state
    return "closed"


def lines(report: HostReport) -> list[Line]:
    """Return the list: one line a device, its streams below when it has several."""
    found: list[Line] = []
    for source in report.sources:
        found += _of_source(source)
    return found


def _of_source(source: SourceReport) -> Iterator[Line]:
    state = state_of(source)
    heading, text = fault_of(source)
    if state == "stalled":
        text = source.message or "silent: check power and cable"
    elif state != "streaming":
        text = source.message
    elif heading != NOTE:  # of the past
        text = ""
    said = text.split(". ")[0]
    detail = said or opened_as(source.spec)
    parts = list(zip(source.streams, source.status, strict=True))
    name = source.spec.id
    if len(parts) != 1:
        battery_pct = max((told.battery_pct for _, told in parts), default=-1.0)
        charge = battery_text(battery_pct) if parts else ""
        head = Line(name, -1, name, detail, state, battery=charge)
        yield head._replace(low=is_low(battery_pct))
    for info, told in parts:
        alone = len(parts) == 1
        yield Line(
            name,
            info.id,
            name if alone else info.name,
            detail if alone else "",
            state if alone else told.state,
            nominal=rate_text(info.rate_hz),
            measured=_measured(told),
            effective=value_text(told.effective_rate_hz) if told.rate_hz else MISSING,
            lost=loss_text(info, told),
            age=age_text(told.last_sample_age_s) if told.rows else MISSING,
            battery=battery_text(told.battery_pct) if alone else "",
            drift=drift_text(told),
            jitter=jitter_text(told),
            off_rate=is_off_rate(info, told),
            low=alone and is_low(told.battery_pct),
        )


def _measured(told: StreamStatus) -> str:
    return rate_text(told.rate_hz) if told.rate_hz > 0 else MISSING


def loss_text(info: StreamInfo, told: StreamStatus) -> str:
    """Return how many rows were lost; "about" where not every loss can be seen."""
    if is_counted(info, told):
        return str(told.lost)
    if info.rate_hz <= 0 and not told.lost:
        return MISSING  # nobody knows when a row is due
    return f"about {told.lost}"


def is_counted(info: StreamInfo, told: StreamStatus) -> bool:
    """Tell whether the device numbers its rows and every loss was counted."""
    return told.lost_is_exact and info.counter_bits > 0


def battery_text(charge_pct: float) -> str:
    """Return the charge, a dash when the device does not tell."""
    return f"{charge_pct:.0f} %" if charge_pct >= 0 else MISSING


def is_low(charge_pct: float) -> bool:
    """Tell whether a battery will not last a session."""
    return 0 <= charge_pct < LOW_BATTERY_PCT


def drift_text(told: StreamStatus) -> str:
    """Return how fast the device's clock runs against the lab's; a dash = unknown."""
    return f"{value_text(told.ppm, signed=True)} ppm" if told.ppm else MISSING


def jitter_text(told: StreamStatus) -> str:
    """Return by how much rows come late, 19 of 20 times less; a dash = unknown."""
    return f"{told.jitter_p95_ms:.1f} ms" if told.jitter_p95_ms else MISSING


def is_off_rate(info: StreamInfo, told: StreamStatus) -> bool:
    """Tell whether a stream sends at another rate than it said."""
    if info.rate_hz <= 0 or told.rate_hz <= 0 or told.state != "streaming":
        return False
    return abs(told.rate_hz / info.rate_hz - 1.0) > OFF_RATE


def opened_as(spec: SourceSpec) -> str:
    """Return what a device was opened as, and where.

    >>> from lablive.messages import SourceSpec
    >>> opened_as(SourceSpec("a", "profile", {"profile": "xbus", "port": "COM3"}))
    'xbus · COM3'
    """
    options = spec.options
    kind = _KINDS.get(spec.driver, spec.driver.replace("_", " "))
    if profile := options.get("profile"):
        kind = str(profile)
    keys = ("site", "port", "source_id", "name", "device", "host")
    where = [str(options[key]) for key in keys if options.get(key)]
    return " · ".join([kind, *where[:2], *(["raw bytes"] * spec.record_raw)])


def summary(report: HostReport) -> str:
    """Return how the lab is, in one line."""
    states = [state_of(source) for source in report.sources]
    good = states.count("streaming")
    words = f"{good} of {counted(len(states), 'device')} sending"
    names = [
        source.spec.id
        for source, state in zip(report.sources, states, strict=True)
        if state != "streaming"
    ]
    return f"{words} · no data from {', '.join(names)}" if names else words


def fault_of(source: SourceReport) -> tuple[str, str]:
    """Return what is wrong now, or was last: heading and text; both "" = nothing."""
    state = state_of(source)
    if source.message:
        return ("What is wrong" if state != "streaming" else NOTE), source.message
    told = next(
        (status.last_fault for status in source.status if status.last_fault), ""
    )
    if state == "stalled":
        return "What is wrong", told or NO_SILENCE
    if told and told != source.fault:
        return NOTE, told
    if source.fault:
        return f"Last fault, {elapsed_text(source.fault_age_s)} ago", source.fault
    return "", ""


def facts(source: SourceReport) -> list[tuple[str, str]]:
    """Return name and value of everything else that is known of a device."""
    parts = list(zip(source.streams, source.status, strict=True))
    found = [("Opened as", opened_as(source.spec))]
    if not parts:
        return found
    rows = sum(told.rows for _, told in parts)
    found.append(("Received", counted(rows, "row")))
    found.append(("Lost", _loss_in_words(parts)))
    counts = {
        "Interrupted": (sum(told.gaps for _, told in parts), "time"),
        "Came back": (max(told.reconnects for _, told in parts), "time"),
        "Sent twice": (sum(told.duplicates for _, told in parts), "row"),
        "Damaged": (max(told.checksum_errors for _, told in parts), "frame"),
        "Not understood": (max(told.skipped_bytes for _, told in parts), "byte"),
    }
    always = ("Interrupted", "Came back")
    found += [
        (name, counted(number, noun) if number else "none")
        for name, (number, noun) in counts.items()
        if number or name in always
    ]
    first = parts[0][1]
    found.append(("Clock drift", drift_text(first)))
    found.append(("Jitter", jitter_text(first)))
    charge = max(told.battery_pct for _, told in parts)
    said = battery_text(charge) if charge >= 0 else "the device does not tell"
    found.append(("Battery", said))
    units = {channel.unit for channel in parts[0][0].channels}
    if units & {"Pa^2", "FS^2"}:
        calibrated = (
            "dB SPL, calibrated" if "Pa^2" in units else "dB rel, no calibrator"
        )
        found.append(("Level in", calibrated))
    return found


def _loss_in_words(parts: list[tuple[StreamInfo, StreamStatus]]) -> str:
    lost = sum(told.lost for _, told in parts)
    if all(is_counted(info, told) for info, told in parts):
        return f"{counted(lost, 'row')}, counted exactly"
    why = "not every loss could be counted"
    if not any(info.counter_bits for info, _ in parts):
        why = "it does not number its rows"
    return f"about {counted(lost, 'row')}; {why}" if lost else f"none seen; {why}"
