"""What a drill can measure and score: one table, as the metrics of strides have one."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Level = Literal["rep", "set"]
Signal = Literal["force", "sound", "pelvis", "trunk", "thigh", "gmax", "gmed", "cop"]


class Quantity(NamedTuple):
    """One value of a repetition or a set.

    Attributes
    ----------
    label, unit
        As a person reads it.
    level
        What it is of; a value of repetitions can be scored as the median of a set.
    needs
        Signals it is measured with; () = contacts or time alone.
    digits
        Decimals that mean something.
    absolute
        Its size is judged, the sign says which foot or which way.
    citation
        Section of the metric reference, and whose it is.
    """

    label: str
    unit: str
    level: Level
    needs: tuple[Signal, ...] = ()
    digits: int = 0
    absolute: bool = False
    citation: str = "8.1"


class Relative(NamedTuple):
    """A value held against the same value of an earlier set."""

    of: str
    how: Literal["difference", "percent"]


QUANTITIES: Final[dict[str, Quantity]] = {
    "flight_ms": Quantity("flight time", "ms", "rep"),
    "hop_contact_ms": Quantity("ground contact", "ms", "rep"),
    "flight_contact_ratio": Quantity("flight / contact", "1", "rep", digits=2),
    "jump_height_cm": Quantity(
        "height from flight time", "cm", "rep", digits=1, citation="8.1; S53"
    ),
    "hop_rsi": Quantity(
        "reactive strength index", "m/s", "rep", digits=2, citation="8.1; S53"
    ),
    "hop_stiffness_kn_m": Quantity("hop stiffness", "kN/m", "rep", digits=1),
    "box_apex_cm": Quantity("rise over take-off", "cm", "rep", digits=1),
    "box_landing_mps": Quantity("landing speed", "m/s", "rep", digits=2),
    "box_drop_cm": Quantity("lands like a drop from", "cm", "rep", digits=1),
    "drop_height_cm": Quantity("real drop height", "cm", "rep", digits=1),
    "drop_height_off_pct": Quantity(
        "drop height against the box", "%", "rep", absolute=True
    ),
    "landing_peak_bw": Quantity(
        "landing peak", "BW", "rep", ("force",), 2, citation="8.1, 8.2"
    ),
    "landing_peak_rel_pct": Quantity(
        "landing peak against the first set", "%", "rep", ("force",)
    ),
    "landing_valr_bw_s": Quantity("landing loading rate", "BW/s", "rep", ("force",)),
    "landing_sel_db": Quantity(
        "landing sound", "dB", "rep", ("sound",), 1, citation="5.1, 8.1"
    ),
    "landing_rel_db": Quantity(
        "landing sound against the first set", "dB", "rep", ("sound",), 1,
        citation="8.1; S15",
    ),
    "landing_sync_ms": Quantity(
        "left foot before right", "ms", "rep", absolute=True
    ),
    "landing_share_pct": Quantity(
        "right share of the landing", "%", "rep", ("force",)
    ),
    "tts_s": Quantity(
        "time to stable", "s", "rep", ("force",), 2, citation="8.1; S54"
    ),
    "sway_cop_mm_s": Quantity("sway", "mm/s", "rep", ("cop",)),
    "hold_time_s": Quantity("held for", "s", "rep", digits=1),
    "pelvic_drop_deg": Quantity(
        "pelvic drop", "°", "rep", ("pelvis",), 1, citation="6.1, 8.2"
    ),
    "pelvic_level_deg": Quantity(
        "pelvis off level", "°", "rep", ("pelvis",), 1, absolute=True, citation="8.2"
    ),
    "trunk_lean_deg": Quantity(
        "trunk lean", "°", "rep", ("trunk",), 1, citation="6.4, 8.2"
    ),
    "thigh_range_deg": Quantity("thigh range", "°", "rep", ("thigh",), 1),
    "knee_lift_deg": Quantity(
        "knee lift", "°", "rep", ("thigh",), 1, citation="6.6, 8.2"
    ),
    "gmax_active_pct": Quantity(
        "gluteus maximus active", "% of time", "rep", ("gmax",), citation="7, 8.2"
    ),
    "gmed_active_pct": Quantity(
        "gluteus medius active", "% of time", "rep", ("gmed",), citation="7, 8.2"
    ),
    "gmax_uv": Quantity("gluteus maximus", "uV", "rep", ("gmax",), 1, citation="7"),
    "gmax_rel_pct": Quantity(
        "gluteus maximus against two legs", "%", "rep", ("gmax",), citation="7, 8.2"
    ),
    "lsi_pct": Quantity("leg against leg", "%", "set", citation="8.1; S55"),
    "rhythm_cv_pct": Quantity("unevenness of the rhythm", "%", "set", digits=1),
}  # fmt: skip

# values that need an earlier set, and what of it
RELATIVE: Final[dict[str, Relative]] = {
    "landing_rel_db": Relative("landing_sel_db", "difference"),
    "landing_peak_rel_pct": Relative("landing_peak_bw", "percent"),
    "gmax_rel_pct": Relative("gmax_uv", "percent"),
}
# values that only a landing with two feet has
TWO_FEET: Final = frozenset({"landing_sync_ms", "landing_share_pct"})
