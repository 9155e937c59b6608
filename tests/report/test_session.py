import hashlib
import json
import subprocess
import sys
from collections import Counter
from importlib.metadata import version

import msgspec
import numpy as np
import pypdf
import pytest
from pipeline_cases import played, simulated

from drivers.sim import datasets
from lablive.analysis import analyze
from lablive.errors import ConfigError, RecordingError
from lablive.messages import Chunk, Gap
from lablive.names import HeaderKey
from lablive.recording.recorder import Recorder
from lablive.report.printed import METRICS
from lablive.report.session import write_report
from lablive.signals.auto_montage import auto_montage
from lablive.signals.montage import to_toml

HEADER = {
    HeaderKey.CODE: "LB-0042",
    HeaderKey.PROTOCOL: "Soft landing",
    HeaderKey.NOTE: "Left knee 3/10.",
    HeaderKey.STARTED: "2026-11-20T10:42:31+01:00",
}


def record(path, lab, **header):
    own = HEADER | {HeaderKey.MONTAGE: to_toml(lab.montage)} | header
    recorder = Recorder(path, lab.streams, own, None)
    for item in lab.chunks(rows_per_chunk=20):
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
    return record(folder / "trial-01.xdf", with_lost_rows(lab, 30.0, 30.3))


def text_of(pdf):
    pages = pypdf.PdfReader(pdf).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def printed_row(value, decimals, skill):
    """Write the numbers of a metric as a reader of ``analyze`` would round them."""
    keys = [key for key in ("left", "right", "both") if value.stat(key).n]
    told = [value.stat(key) for key in keys]
    values = " ".join(
        f"{s.median:.{decimals}f}"
        + (f" ± {s.sd:.{decimals}f}" if np.isfinite(s.sd) else "")
        for s in told
    )
    counts = [f"{s.n} / {s.n_total}" for s in told]
    if skill:
        short = [it.replace(" ", "") for it in counts]
        return f"{values} L {short[0]} R {short[1]}"
    if keys == ["left", "right", "both"]:
        return f"{values} {counts[2]} L {counts[0]} R {counts[1]}"
    return f"{values} – L {counts[0]} R {counts[1]}"


def test_every_number_is_one_of_the_analysis(trial, tmp_path):
    pdf = tmp_path / "report.pdf"
    write_report(trial, pdf)

    text, found = text_of(pdf), analyze(trial)
    rows = Counter()
    for key, style in METRICS.items():
        value = found.metrics[key]
        if value.stat("left").n:
            row = printed_row(value, style.decimals, style.skill)
            assert row in text.replace("−", "-"), key
            rows[bool(style.skill)] += 1
        if style.asymmetry:
            percent = found.metrics[style.asymmetry].stat("both").median
            side = "right" if percent > 0 else "left"
            number = f"{percent:+.1f} %".replace("-", "−")
            assert f"{number} {side} {style.larger}" in text, key
    assert rows[False] == 13
    assert rows[True] >= 2
    quality = found.metrics["event_quality_pct"].stat("both")
    share = f"({quality.median:.1f} %)"
    assert f"{quality.n} of {quality.n_total} strides used {share}" in text
    assert quality.n < quality.n_total


def test_head_data_quality_and_origin_are_told(trial, tmp_path):
    pdf = tmp_path / "report.pdf"
    write_report(trial, pdf)
    text = text_of(pdf)
    for told in (
        "LB-0042", "2026-11-20 10:42", "Soft landing", "3.00 m/s", "1:00", "70.0 kg",
        "Left knee 3/10.", "Data lost · 3 streams", "60 lost · 1 gap",
        f"LabLive {version('lablive')} · trial-01.xdf",
        hashlib.sha256(trial.read_bytes()).hexdigest(),
        "0:30 left_sole 0.30 60 radio",
    ):  # fmt: skip
        assert told in text
    title = pypdf.PdfReader(pdf).metadata.title
    assert title == "LabLive session report LB-0042, 2026-11-20 10:42"


def test_a_recording_in_two_files_says_so_beside_the_data_quality(tmp_path):
    lab = simulated(10.0, streams=("left_sole", "right_sole"))
    lab.montage = auto_montage(lab.streams)
    path = tmp_path / "trial-01.xdf"
    for part_of in ({}, {HeaderKey.PART_OF.value: path.name}):
        file = tmp_path / "trial-01-continued2.xdf" if part_of else path
        recorder = Recorder(file, lab.streams, part_of, None)
        for chunk in lab.chunks(rows_per_chunk=20):
            recorder.append(chunk)
        recorder.close()
    for file, words in (
        (path, "This recording goes on in trial-01-continued2.xdf:"),
        (tmp_path / "trial-01-continued2.xdf", "This recording began in trial-01.xdf:"),
    ):
        pdf = tmp_path / "report.pdf"
        write_report(file, pdf)
        text = text_of(pdf)
        assert "Part of a recording · 2 streams" in text
        assert text.count(words) == 1
        assert text.count("the numbers here cover this file only.") == 1


def test_left_out_strides_add_up(trial, tmp_path):
    pdf = tmp_path / "report.pdf"
    write_report(trial, pdf)
    told = text_of(pdf).partition("Left out: ")[2].partition(" LabLive ")[0]
    left_out = sum(int(part.rsplit(" ", 1)[1]) for part in told.split(", "))
    quality = analyze(trial).metrics["event_quality_pct"].stat("both")
    assert left_out == quality.n_total - quality.n > 0


def test_bare_insoles_say_what_is_missing(tmp_path):
    lab = simulated(20.0, streams=("left_sole", "right_sole"))
    lab.montage = auto_montage(lab.streams)
    recorder = Recorder(tmp_path / "trial-02.xdf", lab.streams, {}, None)
    for chunk in lab.chunks(rows_per_chunk=20):
        recorder.append(chunk)
    pdf = tmp_path / "report.pdf"
    write_report(recorder.close(), pdf, paper="letter")
    text = text_of(pdf)
    assert "trial-02" in text
    assert "Protocol not recorded" in text
    assert "Step length: needs belt speed" in text
    assert "needs 50 valid strides per side" in text


def test_nobody_ran(tmp_path):
    file = record(tmp_path / "trial-03.xdf", simulated(6.0))
    pdf = tmp_path / "report.pdf"
    write_report(file, pdf)
    text = text_of(pdf)
    assert "No stride found" in text
    assert "Not measured: no valid stride" in text


def test_force_plate_without_feet(real_data, tmp_path):
    recording = datasets.load("dryft", real_data)
    streams = [stream.info for stream in recording.streams]
    lab = played(recording, auto_montage(streams))
    file = record(tmp_path / "trial-04.xdf", lab)
    pdf = tmp_path / "report.pdf"
    write_report(file, pdf)
    text = text_of(pdf)
    assert "Both feet 76 of 76 stances" in text
    assert "body weights, treadmill" in text
    assert "in-shoe" not in text


def report_process(*arguments):
    command = [sys.executable, "-m", "lablive.report.session", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_process_of_its_own_tells_its_progress(trial, tmp_path):
    pdf = tmp_path / "report.pdf"
    done = report_process(trial, "--pdf", pdf, "--paper", "letter")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    told = [json.loads(line) for line in done.stdout.splitlines()]
    shares = [line["progress"] for line in told]
    assert shares == sorted(shares)
    assert (told[-1]["progress"], told[-1]["step"]) == (1.0, "done")
    assert {"opening", "reading", "drawing"} <= {line["step"] for line in told}
    pages = pypdf.PdfReader(pdf).pages
    assert told[-1]["pages"] == len(pages)
    assert pages[0].mediabox[2] == 612


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
        write_report(trial, pdf, template=template)
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
    quality = analyze(file).metrics["event_quality_pct"].stat("both")
    told = text_of(pdf).partition("Left out: ")[2].partition(" LabLive ")[0]
    assert "not seen" in told
    left_out = sum(int(part.rsplit(" ", 1)[1]) for part in told.split(", "))
    assert left_out == quality.n_total - quality.n
