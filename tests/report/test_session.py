import csv
import hashlib
import io
import json
import subprocess
import sys
from importlib.metadata import version
from typing import NamedTuple

import msgspec
import numpy as np
import pypdf
import pytest
from pipeline_cases import played, simulated

from drivers.sim import datasets
from lablive.analysis import Analysed, analyze_trial
from lablive.errors import ConfigError, RecordingError
from lablive.messages import Chunk, Gap, Marker
from lablive.names import HeaderKey
from lablive.recording.recorder import Recorder
from lablive.recording.replay import Trial
from lablive.report import session as report_session
from lablive.report.build import report_data
from lablive.report.numbers_table import numbers_csv
from lablive.report.paper import write_pdf
from lablive.report.printed import page
from lablive.report.session import report_of, trials_of, write_report
from lablive.report.settings import SECTIONS, ReportSettings
from lablive.report.shown import shown
from lablive.report.stored import fingerprint, keep, kept, stored_path
from lablive.signals.auto_montage import auto_montage
from lablive.signals.montage import to_toml

HEADER = {
    HeaderKey.CODE: "LB-0042",
    HeaderKey.PROTOCOL: "Soft landing",
    HeaderKey.NOTE: "Left knee 3/10.",
    HeaderKey.STARTED: "2026-11-20T10:42:31+01:00",
}


def record(path, lab, markers=(), **header):
    own = HEADER | {HeaderKey.MONTAGE: to_toml(lab.montage)} | header
    recorder = Recorder(path, lab.streams, own, None)
    for marker in markers:
        recorder.marker(marker)
    for item in lab.chunks(rows_per_chunk=200):
        if isinstance(item, Chunk):
            recorder.append(item)
        else:
            recorder.gap(item)
    return recorder.close()


def with_lost_rows(lab, start_s, end_s):
    """Take rows out of the left insole, as a lost radio packet does."""
    left = lab.streams[0].id
    t_s, x = lab.rows[left]
    kept = (t_s < start_s) | (t_s >= end_s)
    lost, at = int((~kept).sum()), int((t_s < start_s).sum())
    lab.rows[left] = (t_s[kept], x[kept])
    lab.gaps = [Gap(left, at, start_s, end_s - start_s, lost, "lost", "radio")]
    return lab


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    lab = simulated(
        60.0, contact_left_s=0.238, contact_right_s=0.256, insole_noise_n=6.0
    )
    folder = tmp_path_factory.mktemp("trial")
    markers = (Marker(40.0, "3", "pain"), Marker(50.0, "lands quieter", "note"))
    return record(folder / "trial-01.xdf", with_lost_rows(lab, 30.0, 30.3), markers)


class Made(NamedTuple):
    analysed: Analysed
    report: object
    text: str


@pytest.fixture(scope="module")
def made(trial, tmp_path_factory):
    """One analysis for all; the text of a report with every section."""
    opened = Trial(trial)
    try:
        analysed = analyze_trial(opened)
        report = report_data(opened, analysed)
    finally:
        opened.close()
    settings = ReportSettings(sections=SECTIONS)
    pdf = tmp_path_factory.mktemp("pdf") / "report.pdf"
    write_pdf([page(report, settings)], pdf, settings)
    return Made(analysed, report, text_of(pdf))


def text_of(pdf):
    pages = pypdf.PdfReader(pdf).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def printed_row(value, decimals):
    """Write the numbers of a metric as a reader of ``analyze`` would round them."""
    keys = [key for key in ("left", "right", "both") if value.stat(key).n]
    told = [value.stat(key) for key in keys]
    return (
        " ".join(
            f"{s.median:.{decimals}f}"
            + (f" ± {s.sd:.{decimals}f}" if np.isfinite(s.sd) else "")
            for s in told
        )
        .replace("-", "−")
        .replace("−0 ", "0 ")
    )


def test_every_number_of_the_details_is_one_of_the_analysis(made):
    found = 0
    for key, value in made.analysed.analysis.metrics.items():
        if not value.stat("left").n or key in ("gait_mode", "cop_path"):
            continue
        row = printed_row(value, shown(key).decimals)
        assert row in made.text, key
        left, right = value.stat("left"), value.stat("right")
        assert f"{left.n}/{left.n_total} · {right.n}/{right.n_total}" in made.text
        found += 1
    assert found > 25


def test_every_number_of_the_board_is_one_of_the_analysis(made):
    metrics = made.analysed.analysis.metrics
    names = {line.label: line.id for line in made.report.metrics}
    rows = [
        row for group in page(made.report)["board"]["groups"] for row in group["rows"]
    ]
    assert len(rows) >= 8
    for row in rows:
        metric_id = names[row["name"]]
        decimals = shown(metric_id).decimals
        sides = [key for key in ("left", "right") if metrics[metric_id].stat(key).n]
        stats = [metrics[metric_id].stat(key) for key in sides or ("both",)]
        values = [f"{it.median:.{decimals}f}".replace("-", "−") for it in stats]
        assert [row[key]["median"] for key in sides or ("both",)] == values, metric_id
        counts = " + ".join(str(it.n) for it in stats)
        assert row["n"] == f"{counts} / {sum(it.n_total for it in stats)}"
        assert f"{' '.join(values)} " in made.text, metric_id
        assert row["n"] in made.text


def test_asymmetry_zones_and_quality_are_those_of_the_analysis(made):
    analysis = made.analysed.analysis
    for key, larger in (
        ("contact_time_si_pct", "longer"),
        ("peak_force_si_pct", "higher"),
    ):
        percent = analysis.metrics[key].stat("both").median
        side = "right" if percent > 0 else "left"
        assert f"{percent:+.1f} % {side} {larger}".replace("-", "−") in made.text, key
    quality = analysis.metrics["event_quality_pct"].stat("both")
    share = f"({quality.median:.1f} %)"
    assert f"{quality.n} of {quality.n_total} strides used {share}" in made.text
    assert quality.n < quality.n_total
    assert all(
        line.zones == analysis.zones.get(line.id, {}) for line in made.report.metrics
    )


def test_the_table_beside_it_holds_the_same_numbers(made):
    text = numbers_csv([made.report]).decode("utf-8-sig")
    rows = {(it["metric"], it["side"]): it for it in csv.DictReader(io.StringIO(text))}
    contact = made.analysed.analysis.metrics["contact_time_ms"].stat("left")
    row = rows["contact_time_ms", "left"]
    assert (row["median"], row["unit"]) == (f"{contact.median:.0f}", "ms")
    assert (int(row["n"]), int(row["n_total"])) == (contact.n, contact.n_total)
    assert rows["pelvic_drop_deg", ""]["why"] == "needs a pelvis IMU"
    assert row["band"] == "info"
    even = rows["contact_time_si_pct", "both"]
    assert (even["good_from"], even["good_to"]) == ("-4", "4")
    assert row["good_from"] == rows["pelvic_drop_deg", ""]["good_to"] == ""


def test_head_data_quality_and_origin_are_told(trial, made):
    for told in (
        "LB-0042", "2026-11-20 10:42", "Soft landing", "3.00 m/s", "1:00", "70.0 kg",
        "Left knee 3/10.", "Data lost · 3 streams", "60 lost · 1 gap",
        f"LabLive {version('lablive')} · trial-01.xdf",
        hashlib.sha256(trial.read_bytes()).hexdigest(),
        "0:30 left_sole 0.30 60 radio", "Pain, 0 to 10: 3 0:4", "lands quieter",
        "Nothing was calibrated.", "Nothing was changed by hand.",
    ):  # fmt: skip
        assert told in made.text, told
    assert made.report.title == "LabLive session report LB-0042, 2026-11-20 10:42"


def test_left_out_strides_add_up(made):
    told = made.text.partition("Left out: ")[2].partition(" LabLive ")[0]
    left_out = sum(int(part.rsplit(" ", 1)[1]) for part in told.split(", "))
    quality = made.analysed.analysis.metrics["event_quality_pct"].stat("both")
    assert left_out == quality.n_total - quality.n > 0


def test_what_was_kept_gives_the_same_report_without_a_second_analysis(
    trial, made, tmp_path, monkeypatch
):
    own = tmp_path / "session" / trial.name
    own.parent.mkdir()
    own.write_bytes(trial.read_bytes())
    assert kept(own) is None
    keep(own, made.report)
    again = kept(own)
    assert page(again, ReportSettings(sections=SECTIONS)) == page(
        made.report, ReportSettings(sections=SECTIONS)
    )
    assert repr(again) == repr(made.report)
    monkeypatch.setattr("lablive.analysis.analyze_trial", None)
    assert repr(report_of(own)) == repr(made.report)
    pdf = tmp_path / "kept.pdf"
    assert write_report(own, pdf) == 2
    assert pdf.with_suffix(".csv").exists()


def test_what_was_kept_of_another_state_does_not_count(
    trial, made, tmp_path, monkeypatch
):
    own = tmp_path / trial.name
    own.write_bytes(trial.read_bytes())
    keep(own, made.report)
    before = fingerprint(own)
    edits = own.with_name(f"{own.stem}.edits.jsonl")
    edits.write_text("x")
    assert fingerprint(own) != before
    assert kept(own) is None
    edits.unlink()
    own.with_suffix(".pdf").write_text("a result changes nothing")
    assert kept(own) is not None
    monkeypatch.setattr("lablive.report.stored.program", lambda: "another version")
    assert kept(own) is None
    monkeypatch.undo()
    stored_path(own).write_bytes(b"damaged")
    assert kept(own) is None


def test_a_session_folder_is_one_report_of_all_its_trials(
    trial, made, tmp_path, monkeypatch
):
    folder = tmp_path / "2026-11-20_LB-0042"
    folder.mkdir()
    with pytest.raises(ConfigError, match=r"There is no trial in .*LB-0042"):
        trials_of(folder)
    for name in ("trial-02.xdf", "trial-01.xdf"):
        (folder / name).write_bytes(trial.read_bytes())
    monkeypatch.setattr(report_session, "report_of", lambda *_, **__: made.report)
    pdf = tmp_path / "all.pdf"
    settings = ReportSettings(sections=("quality", "runner", "signature"))
    assert write_report(folder, pdf, settings) == 3
    assert trials_of(folder) == [folder / "trial-01.xdf", folder / "trial-02.xdf"]
    text = text_of(pdf)
    assert text.count("strides used") == 2
    assert text.count("Your running") == text.count("Clinician, signature") == 1


def recorded_bare(path, seconds, part_of=None):
    lab = simulated(seconds, streams=("left_sole", "right_sole"))
    lab.montage = auto_montage(lab.streams)
    recorder = Recorder(path, lab.streams, part_of or {}, None)
    for chunk in lab.chunks(rows_per_chunk=200):
        recorder.append(chunk)
    return recorder.close()


def test_a_recording_in_two_files_says_so_beside_the_data_quality(tmp_path):
    path = tmp_path / "trial-01.xdf"
    later = tmp_path / "trial-01-continued2.xdf"
    recorded_bare(path, 10.0)
    recorded_bare(later, 10.0, {HeaderKey.PART_OF.value: path.name})
    for file, words in (
        (path, "This recording goes on in trial-01-continued2.xdf:"),
        (later, "This recording began in trial-01.xdf:"),
    ):
        pdf = tmp_path / "report.pdf"
        write_report(file, pdf)
        text = text_of(pdf)
        assert "Part of a recording · 2 streams" in text
        assert text.count(words) == 1
        assert text.count("the numbers here cover this file only.") == 1


def test_bare_insoles_say_what_is_missing(tmp_path):
    file = recorded_bare(tmp_path / "trial-02.xdf", 20.0)
    pdf = tmp_path / "report.pdf"
    settings = ReportSettings(sections=SECTIONS, paper="letter")
    write_report(file, pdf, settings)
    text = text_of(pdf)
    assert "trial-02" in text
    assert "Protocol not recorded" in text
    assert "Step length / leg length, Stride length (needs belt speed)" in text
    assert "needs 50 valid strides per side" in text
    assert "not measured: needs a pelvis IMU" in text


def test_nobody_ran(tmp_path):
    file = record(tmp_path / "trial-03.xdf", simulated(6.0))
    pdf = tmp_path / "report.pdf"
    write_report(file, pdf)
    text = text_of(pdf)
    assert "No stride found" in text
    assert "Not measured: no valid stride" in text
    assert "no skill is proposed" in text


def test_force_plate_without_feet(real_data, tmp_path):
    recording = datasets.load("dryft", real_data)
    streams = [stream.info for stream in recording.streams]
    lab = played(recording, auto_montage(streams))
    file = record(tmp_path / "trial-04.xdf", lab)
    pdf = tmp_path / "report.pdf"
    write_report(file, pdf)
    text = text_of(pdf)
    assert "Both feet n 76/76" in text
    assert "body weights, treadmill" in text
    assert "in-shoe" not in text


def report_process(*arguments):
    command = [sys.executable, "-m", "lablive.report.session", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_process_of_its_own_tells_its_progress(trial, made, tmp_path):
    own = tmp_path / trial.name
    own.write_bytes(trial.read_bytes())
    keep(own, made.report)
    pdf = tmp_path / "report.pdf"
    done = report_process(
        own, "--pdf", pdf, "--paper", "letter", "--runner", "--no-csv",
        "--language", "de", "--focus-runs", "2",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    told = [json.loads(line) for line in done.stdout.splitlines()]
    shares = [line["progress"] for line in told]
    assert shares == sorted(shares)
    assert (told[-1]["progress"], told[-1]["step"]) == (1.0, "done")
    assert {"opening", "drawing"} <= {line["step"] for line in told}
    pages = pypdf.PdfReader(pdf).pages
    assert told[-1]["pages"] == len(pages) == 3
    assert pages[0].mediabox[2] == 612
    assert "Dein Laufen" in pages[2].extract_text()
    assert not pdf.with_suffix(".csv").exists()


def test_a_section_that_does_not_exist_is_one_message(trial, tmp_path):
    done = report_process(
        trial, "--pdf", tmp_path / "r.pdf", "--sections", "quality,colours"
    )
    assert done.returncode == 1
    assert "There is no section colours." in done.stderr
    assert "skills" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_problem_is_one_message(tmp_path):
    done = report_process(tmp_path / "none.xdf", "--pdf", tmp_path / "report.pdf")
    assert done.returncode == 1
    assert "none.xdf" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_used_is_said_and_the_old_report_stays(trial, tmp_path):
    pdf = tmp_path / "report.pdf"
    pdf.write_bytes(b"old")
    with pytest.raises(ConfigError, match=r"cannot be saved as .*nowhere"):
        write_report(trial, tmp_path / "nowhere" / "report.pdf")
    no_trial = tmp_path / "notes.xdf"
    no_trial.write_text("not a recording")
    with pytest.raises(RecordingError, match=r"notes\.xdf"):
        write_report(no_trial, pdf)
    template = tmp_path / "own.typ"
    template.write_text("#nonsense(")
    with pytest.raises(ConfigError, match=r"own\.typ, line 1"):
        write_report(trial, pdf, ReportSettings(template=str(template)))
    assert pdf.read_bytes() == b"old"


def test_a_montage_that_does_not_fit_is_told(trial, tmp_path):
    lab = simulated(1.0)
    rules = tuple(
        msgspec.structs.replace(
            rule, match=msgspec.structs.replace(rule.match, name="Room 9 insoles")
        )
        for rule in lab.montage.streams[:1]
    )
    other = msgspec.structs.replace(lab.montage, streams=rules)
    with pytest.raises(ConfigError, match="Room 9 insoles"):
        write_report(trial, tmp_path / "report.pdf", montage=other)
    assert list(tmp_path.iterdir()) == []


def test_strides_that_nobody_saw_are_left_out_too(tmp_path):
    lab = with_lost_rows(simulated(30.0), 24.0, 40.0)  # one foot goes silent
    file = record(tmp_path / "trial-05.xdf", lab)
    pdf = tmp_path / "report.pdf"
    write_report(file, pdf)
    quality = report_of(file)
    told = text_of(pdf).partition("Left out: ")[2].partition(" LabLive ")[0]
    assert "not seen" in told
    left_out = sum(int(part.rsplit(" ", 1)[1]) for part in told.split(", "))
    assert left_out == quality.strides_total - quality.strides_used
