"""Exports of a range, and rows to hold them against."""

from __future__ import annotations

import gzip

from lablive.exporting.export_trial import export

FROM_S, UNTIL_S = 6.0, 14.0


def window(trial, info, from_s=FROM_S, until_s=UNTIL_S):
    return trial.window(info.id, trial.t0_s + from_s, trial.t0_s + until_s)


def exported(file, form, out, **options):
    told = []
    options = {"from_s": FROM_S, "until_s": UNTIL_S} | options
    export(file, form, out, progress=lambda share, step: told.append(share), **options)
    assert told
    assert told == sorted(told)
    assert 0.0 <= told[0] <= told[-1] <= 1.0
    assert not list(out.parent.glob("*.part"))
    return out


def every_text(path):
    """Return all bytes of a file or folder, packed ones unpacked."""
    files = [path] if path.is_file() else [it for it in path.rglob("*") if it.is_file()]
    found = b" ".join(str(it.relative_to(path.parent)).encode() for it in files)
    for it in files:
        data = it.read_bytes()
        found += gzip.decompress(data) if it.suffix == ".gz" else data
    return found
