import numpy as np
import pytest
from pipeline_cases import SOLES, segments_as_worn, simulated

from lablive.analysis import analyze_trial
from lablive.metrics.registry import METRICS
from lablive.names import SIDES, HeaderKey
from lablive.recording.recorder import Recorder
from lablive.report.curves import PelvisWatch, trace
from lablive.report.data import MeanCurve, Sole, SoleMap
from lablive.report.figures import (
    axis_ticks,
    force_figure,
    gait_line_figure,
    mean_curve,
    trace_figure,
    value_ticks,
)
from lablive.report.words import words_of
from lablive.signals.calibrations import Calibrations
from lablive.signals.montage import to_toml

ENGLISH = words_of("en")
CALIBRATED = Calibrations(segments=segments_as_worn())
RAMP = np.linspace(0.0, 2.0, 101)


def test_mean_and_sd_of_stances():
    made = mean_curve([RAMP, RAMP + 1.0, RAMP + 2.0], n_total=5)
    assert made is not None
    assert (made.n, made.n_total) == (3, 5)
    assert made.percent == tuple(range(101))
    assert np.array(made.mean)[:, 0] == pytest.approx(RAMP + 1.0, abs=1e-4)
    assert np.array(made.sd)[:, 0] == pytest.approx(1.0)


def test_points_known_to_few_strides_are_not_drawn():
    early = RAMP.copy()
    early[:10] = np.nan  # only one of three knows the first points
    made = mean_curve([early, early + 1.0, RAMP], n_total=3)
    assert made is not None
    assert made.percent == tuple(range(10, 101))
    assert np.isfinite(made.mean).all()


@pytest.mark.parametrize(
    "curves",
    [[], [RAMP], [RAMP, np.full(101, np.nan)]],
    ids=["none", "one", "one and an empty one"],
)
def test_one_stance_has_no_spread(curves):
    assert mean_curve(curves, n_total=2) is None


def test_half_known_curves_that_never_meet():
    first, second = RAMP.copy(), RAMP.copy()
    first[50:], second[:50] = np.nan, np.nan
    assert mean_curve([first, second], n_total=2) is None


@pytest.mark.parametrize("highest", [0.0, 0.04, 0.3, 1.0, 2.38, 2.5, 9.9, 1234.0])
def test_ticks_are_few_round_and_reach_the_top(highest):
    ticks = axis_ticks(highest)
    values = [value for value, _ in ticks]
    assert values[0] == 0.0
    assert values[-1] >= highest
    assert 2 <= len(ticks) <= 7
    assert [float(text) for _, text in ticks] == pytest.approx(values)
    assert len({len(text.partition(".")[2]) for _, text in ticks}) == 1


def test_force_figure_tells_what_it_shows():
    curve = mean_curve([RAMP, RAMP + 0.2], 2)
    assert curve is not None
    figure = force_figure({"right": curve}, "in-shoe", ENGLISH)
    assert figure is not None
    assert list(figure["sides"]) == ["right"]
    assert min(figure["sides"]["right"]["low"]) >= 0.0
    assert figure["sides"]["right"]["count"] == "n 2/2"
    assert "right, mean of 2 stances, highest at 100 % of stance, 2.10" in figure["alt"]
    assert "left" not in figure["alt"]


def test_nothing_measured_is_no_figure():
    assert force_figure({}, "in-shoe", ENGLISH) is None
    assert gait_line_figure({}, None, {}, ENGLISH) is None


def test_gait_line_figure_spreads_sideways():
    path = MeanCurve(
        percent=(0, 50, 100),
        mean=((-0.1, 0.1), (0.0, 0.5), (0.1, 0.9)),
        sd=((0.02, 0.01),) * 3,
        n=20,
        n_total=22,
    )
    sole = Sole("Room insole", 0.4, cells=((0.0, 0.5),))
    figure = gait_line_figure({"left": path}, sole, {}, ENGLISH)
    assert figure is not None
    left = figure["sides"]["left"]
    assert left["low"] == pytest.approx([-0.12, -0.02, 0.08])
    assert left["high"] == pytest.approx([-0.08, 0.02, 0.12])
    assert "from 10 to 90 % of insole length" in figure["alt"]
    assert (figure["title"], figure["cells"]) == ("Room insole", ((0.0, 0.5),))


def test_cells_never_overlap_and_share_one_scale():
    sole = Sole("x", 0.4, cells=((0.0, 0.5), (0.0, 0.6)), areas_cm2=(2.0, 2.0))
    maps = {"left": SoleMap((100.0, 50.0), 12, 14), "right": SoleMap((25.0, 0.0), 9, 9)}
    figure = gait_line_figure({}, sole, maps, ENGLISH)
    assert figure is not None
    assert figure["pressures"]["left"]["share"] == [1.0, 0.5]
    assert figure["pressures"]["right"] == {"share": [0.25, 0.0], "top": "25", "n": 9}
    assert sum(figure["radii"]) <= 0.1
    assert "left, highest pressure 100 kPa, mean of 12 stances" in figure["alt"]


@pytest.mark.parametrize(
    ("low", "high"), [(-2.1, 3.0), (71.2, 73.9), (5.0, 5.0), (0.0, 0.012), (-90, -3)]
)
def test_ticks_of_values_enclose_them(low, high):
    values = [value for value, _ in value_ticks(low, high)]
    assert values[0] <= low
    assert values[-1] >= high
    assert 2 <= len(values) <= 5


def test_every_stride_stands_alone_until_they_are_many():
    t_s = np.arange(100.0)
    alone = trace(t_s, t_s * 2, 110)
    assert (alone.bin_s, alone.n, alone.n_total) == (0.0, 100, 110)
    assert alone.median == tuple((t_s * 2).tolist())


def test_many_strides_are_medians_of_stretches_and_none_is_lost():
    t_s = np.arange(0.0, 3600.0, 0.7)
    made = trace(t_s, np.sin(t_s / 300), 6000)
    assert made.bin_s == 20.0
    assert len(made.t_s) <= 181
    assert made.n == len(t_s)
    assert all(
        low <= mid <= high
        for low, mid, high in zip(made.low, made.median, made.high, strict=True)
    )
    inside = (t_s >= 40.0) & (t_s < 60.0)
    assert made.median[2] == pytest.approx(
        np.median(np.sin(t_s[inside] / 300)), abs=1e-3
    )


def test_a_pause_leaves_no_stretch_behind():
    t_s = np.concatenate([np.arange(0.0, 300.0), np.arange(900.0, 1200.0)])
    made = trace(t_s, t_s, 600)
    assert not any(320.0 < it < 890.0 for it in made.t_s)


def test_a_trace_is_told_in_minutes_with_its_parts():
    of = {"left": trace(np.array([60.0, 120.0]), np.array([1.0, 2.0]), 3)}
    figure = trace_figure(of, "Sound", "dB", [("baseline", 0.0, 60.0)], 300.0, ENGLISH)
    assert figure["sides"]["left"]["t"] == [1.0, 2.0]
    assert figure["parts"] == [("baseline", 0.0, 1.0)]
    assert figure["about"] == "every stride"
    assert "left, first 1.0, last 2.0 dB, 2 of 3 strides" in figure["alt"]


class Later:
    """A sample in which the last strides of each foot turned out not to count."""

    def __init__(self, sample, dropped):
        self._sample, self._dropped = sample, dropped
        self.sides = sample.sides
        self.expected = sample.expected

    def valid(self, key):
        return self._sample.valid(key)[: -self._dropped]

    def measured(self, metric, key):
        return self._sample.measured(metric, key)[: -self._dropped]


def test_the_pelvis_is_drawn_from_the_strides_that_count(tmp_path):
    lab = simulated(20.0, (*SOLES, "Sim pelvis IMU"), standing_s=4.0)
    header = {HeaderKey.MONTAGE: to_toml(lab.montage)}
    recorder = Recorder(tmp_path / "trial.xdf", lab.streams, header, None)
    for chunk in lab.chunks(rows_per_chunk=200):
        recorder.append(chunk)
    watch = PelvisWatch()
    analysed = analyze_trial(
        recorder.close(), calibrations=CALIBRATED, watch=watch.look
    )
    sample = analysed.pipeline.results.sample()
    used = {side: sample.stat(METRICS["pelvic_drop_deg"], side).n for side in SIDES}
    assert min(used.values()) > 6
    assert {key: it.n for key, it in watch.curves(sample).items()} == used
    fewer = watch.curves(Later(sample, 3))
    assert {key: it.n + 3 for key, it in fewer.items()} == used
