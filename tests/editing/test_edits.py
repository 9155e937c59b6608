"""Edits beside a trial: what they change, what they never change, and damage."""

from __future__ import annotations

import hashlib

import pytest
from pipeline_cases import bits, run, segments_as_worn, simulated
from trial_files import recorded

from lablive.analysis import analyze
from lablive.editing.corrections import Corrections
from lablive.editing.edit import Edit, exclude, move, of_side, swap
from lablive.editing.edit_file import add_edit, edits_path, read_edits, undo
from lablive.editing.exchange import exchanged_calibrations, other_side
from lablive.errors import ConfigError, RecordingError
from lablive.live.replaying import ReplaySession
from lablive.locks import try_lock
from lablive.names import HeaderKey
from lablive.recording.replay import Trial
from lablive.signals.calibration import Calibration, FootCalibration
from lablive.signals.calibrations import Calibrations
from lablive.signals.emg_reference import Electrode, EmgRecords, EmgRest
from lablive.signals.montage import to_toml


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    made = simulated(20.0, standing_s=4.0)
    folder = tmp_path_factory.mktemp("edited")
    header = {HeaderKey.MONTAGE: to_toml(made.montage)}
    return recorded(folder / "trial-01.xdf", made, header)


@pytest.fixture
def trial(original, tmp_path):
    path = tmp_path / "trial-01.xdf"
    path.write_bytes(original.read_bytes())
    opened = Trial(path)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def raw(original):
    return analyze(original)


def valid(analysis):
    return [it for it in analysis.strides if it.valid]


def test_a_range_left_out_is_told_counted_and_taken_back(trial, raw):
    before = hashlib.sha256(trial.path.read_bytes()).hexdigest()
    add_edit(trial, exclude(10.0, 12.0, "stumble"))
    edited = analyze(trial)
    touched = [it for it in raw.strides if it.ic_s < 12.0 and it.next_ic_s > 10.0]
    assert len(touched) > 3
    gone = [it for it in edited.strides if "excluded" in it.reasons]
    assert [(it.side, it.ic_s) for it in gone] == [(it.side, it.ic_s) for it in touched]
    assert not any(it.valid for it in gone)
    cadence = edited.metrics["contact_time_ms"].stat("both")
    assert cadence.n == raw.metrics["contact_time_ms"].stat("both").n - len(
        [it for it in touched if it.valid]
    )
    assert cadence.n_total == raw.metrics["contact_time_ms"].stat("both").n_total
    assert any("stumble" in note and "left out" in note for note in edited.notes)
    assert [it.reason for it in edited.edits] == ["stumble"]
    undo(trial, 1)
    again = analyze(trial)
    assert again.strides == raw.strides
    assert again.metrics == raw.metrics
    assert again.edits == ()
    assert [it.kind for it in read_edits(trial).made] == ["exclude", "undo"]
    assert hashlib.sha256(trial.path.read_bytes()).hexdigest() == before


def test_one_stride_of_one_foot(trial, raw):
    chosen = next(it for it in valid(raw) if it.side == "left" and it.ic_s > 9.0)
    middle_s = 0.5 * (chosen.ic_s + chosen.next_ic_s)
    add_edit(trial, exclude(middle_s, middle_s, "spoke", "left"))
    lost = {(it.side, it.ic_s) for it in valid(raw)} - {
        (it.side, it.ic_s) for it in valid(analyze(trial))
    }
    assert lost == {("left", chosen.ic_s)}


@pytest.mark.parametrize("shift_s", [0.012, -0.012])
def test_a_moved_event_moves_its_stride_and_its_numbers(trial, raw, shift_s):
    chosen = next(it for it in valid(raw) if it.side == "right" and it.ic_s > 9.0)
    to_s = chosen.to_s + shift_s
    add_edit(trial, move("to", "right", chosen.to_s, to_s, "video"))
    edited = analyze(trial)
    times = [it.t_s for it in edited.events]
    assert times == sorted(times)
    assert len(times) == len(raw.events)
    found = next(it for it in edited.strides if it.ic_s == chosen.ic_s)
    assert found.to_s == to_s
    assert found.valid
    others = [it for it in edited.strides if it.side == "right" and it != found]
    assert others == [it for it in raw.strides if it.side == "right" and it != chosen]


def test_a_move_past_another_event_changes_nothing_and_says_so(trial, raw):
    chosen = next(it for it in valid(raw) if it.side == "left" and it.ic_s > 9.0)
    add_edit(trial, move("to", "left", chosen.to_s, chosen.to_s + 0.45, "video"))
    edited = analyze(trial)
    assert edited.events == raw.events
    assert any("Edit 1 changes nothing: it would pass" in it for it in edited.notes)


def test_swapped_insoles_exchange_every_side(trial, raw):
    add_edit(trial, swap("insole", "left and right were put into the wrong shoes"))
    edited = analyze(trial)
    mirror = {"left": "right", "right": "left"}
    assert [(mirror[it.side], it.ic_s) for it in edited.strides] == [
        (it.side, it.ic_s) for it in raw.strides
    ]
    for metric in ("contact_time_ms", "peak_force_bw"):
        ours, theirs = edited.metrics[metric], raw.metrics[metric]
        assert ours.stat("left").median == theirs.stat("right").median
        assert ours.stat("right").median == theirs.stat("left").median


def test_an_edit_that_fits_nothing_is_told(trial):
    add_edit(trial, of_side(8.0, 12.0, "left", "video"))
    notes = analyze(trial).notes
    assert any("Edit 1 changes nothing: no contact" in note for note in notes)


def test_replay_shows_the_edited_strides(trial):
    add_edit(trial, exclude(10.0, 12.0, "stumble"))
    session = ReplaySession(trial.path)
    while session.work(1.0):
        pass
    assert any("excluded" in it.stride.reasons for it in session.pipeline.strides)
    assert any("stumble" in note for note in session.notes)
    session.close()


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (exclude(1.0, 2.0, "  "), "needs a reason"),
        (exclude(5.0, 4.0, "x"), "end comes before its begin"),
        (exclude(1.0, 900.0, "x"), "lies outside"),
        (Edit("swap", "x"), "names no pair"),
        (move("ic", "left", 8.0, 9.0, "x"), "moves by 0 to 0.5 s"),
        (move("ic", "left", 8.0, 8.0, "x"), "not by 0"),
    ],
)
def test_what_cannot_be_applied_is_refused(trial, edit, told):
    with pytest.raises(ConfigError, match=told):
        add_edit(trial, edit)
    assert not edits_path(trial.path).exists()


def test_undo_of_nothing_is_refused(trial):
    add_edit(trial, exclude(10.0, 12.0, "stumble"))
    undo(trial, 1)
    with pytest.raises(ConfigError, match="no edit 1 to take back"):
        undo(trial, 1)


def damages(data):
    """Return every way a file breaks: flipped, cut off, lines gone, another's."""
    flipped = bytearray(data)
    flipped[len(data) // 2] ^= 1
    lines = data.splitlines(keepends=True)
    return [
        bytes(flipped), data[:-20], b"".join([lines[0], lines[2]]), b"", b"\xff\xfe",
        b"[]\n", lines[1],
    ]  # fmt: skip


def test_a_damaged_file_means_raw_numbers_and_one_message(trial, raw):
    add_edit(trial, exclude(10.0, 12.0, "stumble"))
    add_edit(trial, exclude(14.0, 15.0, "spoke"))
    path = edits_path(trial.path)
    for bad in damages(path.read_bytes()):
        path.write_bytes(bad)
        edited = analyze(trial)
        assert edited.strides == raw.strides
        told = [note for note in edited.notes if "are not applied" in note]
        assert len(told) == 1
        assert path.name in told[0]
        if not bad:
            continue
        with pytest.raises(RecordingError, match="Move that file away"):
            add_edit(trial, exclude(8.0, 9.0, "more"))
        assert path.read_bytes() == bad


def test_an_edit_is_refused_while_another_program_edits(trial):
    add_edit(trial, exclude(10.0, 12.0, "stumble"))
    held = try_lock(edits_path(trial.path))
    with pytest.raises(RecordingError, match="another program is editing"):
        add_edit(trial, exclude(14.0, 15.0, "spoke"))
    held.close()
    add_edit(trial, exclude(14.0, 15.0, "spoke"))
    assert [it.number for it in read_edits(trial).holding] == [1, 2]
    assert sorted(it.name for it in trial.path.parent.iterdir()) == [
        "trial-01.edits.jsonl", "trial-01.xdf",
    ]  # fmt: skip


def test_an_empty_file_of_a_lost_first_edit_takes_the_next(trial):
    edits_path(trial.path).touch()
    assert add_edit(trial, exclude(10.0, 12.0, "stumble")).number == 1
    assert len(read_edits(trial).holding) == 1


def test_edits_of_another_recording_are_not_applied(trial, tmp_path):
    add_edit(trial, exclude(10.0, 12.0, "stumble"))
    again = recorded(tmp_path / "other.xdf", simulated(12.0, standing_s=4.0))
    edits_path(again).write_bytes(edits_path(trial.path).read_bytes())
    assert any("another recording" in note for note in analyze(again).notes)


def test_a_full_disk_leaves_earlier_edits(trial, monkeypatch):
    add_edit(trial, exclude(10.0, 12.0, "stumble"))
    before = edits_path(trial.path).read_bytes()

    def full(file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(RecordingError, match="No space left"):
        add_edit(trial, exclude(14.0, 15.0, "spoke"))
    assert edits_path(trial.path).read_bytes() == before


def test_the_other_side_of_a_name():
    assert other_side("emg_gluteus_maximus_right") == "emg_gluteus_maximus_left"
    assert other_side("thigh_left") == "thigh_right"
    assert other_side("mic_belt.level") == "mic_belt.level"


def test_the_same_edits_give_the_same_bits_for_any_cut():
    lab = simulated(14.0, standing_s=4.0)
    _, plain = run(lab)
    toe_offs = [it for it in plain if getattr(it, "kind", "") == "to"]
    edits = (
        Edit("move", "a", 1, event="to", side=toe_offs[5].side,
             from_s=toe_offs[5].t_s, to_s=toe_offs[5].t_s + 0.011),
        Edit("move", "a", 2, event="to", side=toe_offs[8].side,
             from_s=toe_offs[8].t_s, to_s=toe_offs[8].t_s - 0.011),
        Edit("exclude", "a", 3, t0_s=9.0, t1_s=9.5),
    )  # fmt: skip
    corrections = Corrections(edits)
    first = bits(run(lab, corrections=corrections)[1])
    assert first != bits(plain)
    for seed in range(3):
        assert bits(run(lab, seed, corrections=corrections)[1]) == first


def test_contacts_of_the_pelvis_alone_are_given_to_a_foot():
    lab = simulated(16.0, streams=("Sim pelvis IMU", "Sim treadmill"))
    _, plain = run(lab)
    seen = [it for it in plain if getattr(it, "kind", "") == "ic"]
    first_s, last_s = seen[2].t_s - 0.01, seen[2].t_s + 0.01
    edit = Edit("side", "video", 1, t0_s=first_s, t1_s=last_s, side="left")
    other = Edit("side", "video", 1, t0_s=first_s, t1_s=last_s, side="right")
    for one in (edit, other):
        _, edited = run(lab, corrections=Corrections((one,)))
        found = [it for it in edited if getattr(it, "kind", "") == "ic"]
        assert found[2].side == one.side
        assert [it.t_s for it in found] == [it.t_s for it in seen]
        assert found[3:] == seen[3:]


def test_calibrations_follow_their_sensors_to_the_other_side():
    own = FootCalibration(
        "insole_left.pressure", "N", (1.0,), 2.0, "unloaded", "two_leg"
    )
    electrode = Electrode("emg_soleus_left", "P01", "", "chain")
    rest = EmgRest(electrode, "", 1.0, 1.0, 1.0, "stand")
    before = Calibrations(
        insole=Calibration("", "P01", "", 70.0, left=own, standing_balance_pct=40.0),
        segments=segments_as_worn(("pelvis", "foot_left", "shank_left")),
        emg=EmgRecords((rest,)),
    )
    after = exchanged_calibrations(before, ("insole", "imu_foot", "emg"))
    assert after.insole.left is None
    assert after.insole.right.role == "insole_right.pressure"
    assert after.insole.standing_balance_pct == 60.0
    sites = [it.site for it in after.segments.sites]
    assert sites == ["pelvis", "foot_right", "shank_left"]
    assert after.emg.rests[0].electrode.role == "emg_soleus_right"
    assert exchanged_calibrations(after, ("insole", "imu_foot", "emg")) == before
