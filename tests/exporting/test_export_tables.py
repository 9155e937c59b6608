"""CSV and Parquet read back equal."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from export_cases import FROM_S, UNTIL_S, exported, window

from lablive.analysis import analyze_trial
from lablive.errors import LabLiveError
from lablive.exporting import tables
from lablive.exporting.export_trial import export

REPO = Path(__file__).resolve().parents[2]


def number(cell):
    return float(cell) if cell else np.nan


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as opened:
        head, *rows = csv.reader(opened)
    return head, rows


def test_csv_rows_strides_and_metrics_come_back_equal(file, trial, tmp_path):
    out = exported(file, "csv", tmp_path / "tables")
    for info, name in tables.file_names(trial.streams):
        t_s, x = window(trial, info)
        head, rows = read_csv(out / "raw" / f"{name}.csv")
        assert head[0] == "t [s]"
        units = [f" [{it.unit}]" if it.unit else "" for it in info.channels]
        assert all(h.endswith(u) for h, u in zip(head[1:], units, strict=True))
        table = np.array([[number(it) for it in row] for row in rows])
        assert np.array_equal(table[:, 0], t_s)
        assert np.array_equal(table[:, 1:].astype(x.dtype), x, equal_nan=True)
    head, rows = read_csv(out / "strides.csv")
    analysis = analyze_trial(file)
    mine = [
        it
        for it in analysis.pipeline.strides
        if trial.t0_s + FROM_S <= it.stride.ic_s
        and it.stride.next_ic_s < trial.t0_s + UNTIL_S
    ]
    assert len(rows) == len(mine) > 10
    contact = head.index("contact_time_ms [ms]")
    for row, it in zip(rows, mine, strict=True):
        assert row[0] == it.stride.side
        assert float(row[1]) == it.stride.ic_s
        value = it.values.get("contact_time_ms", np.nan)
        assert number(row[contact]) == pytest.approx(value, nan_ok=True, abs=0)
    head, rows = read_csv(out / "metrics.csv")
    contact = next(it for it in rows if it[0] == "contact_time_ms" and it[3] == "left")
    own = [
        it.values["contact_time_ms"]
        for it in mine
        if it.stride.side == "left" and it.stride.valid
    ]
    assert float(contact[head.index("median")]) == pytest.approx(np.median(own))
    assert json.loads((out / "about.json").read_text())["person"] == "LB-0007"


def test_parquet_holds_the_same_tables_with_units(file, trial, tmp_path):
    out = exported(file, "parquet", tmp_path / "parquet")
    plain = exported(file, "csv", tmp_path / "csv")
    for info, name in tables.file_names(trial.streams):
        t_s, x = window(trial, info)
        read = pq.read_table(out / "raw" / f"{name}.parquet")
        assert np.array_equal(read.column(0).to_numpy(), t_s)
        values = [read.column(n + 1).to_numpy() for n in range(x.shape[1])]
        assert values[0].dtype == x.dtype
        assert np.array_equal(np.array(values).T, x, equal_nan=True)
        units = [it.metadata[b"unit"].decode() for it in list(read.schema)[1:]]
        assert units == [it.unit for it in info.channels]
    for name in ("strides", "metrics", "events", "markers"):
        read = pq.read_table(out / f"{name}.parquet")
        head, rows = read_csv(plain / f"{name}.csv")
        assert read.column_names == head
        assert read.num_rows == len(rows)


def test_parquet_without_its_library_is_one_message(file, tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "find_spec", lambda name: None)
    with pytest.raises(LabLiveError, match=r"lablive\[parquet\]"):
        export(file, "parquet", tmp_path / "p")
    assert not list(tmp_path.iterdir())
