"""Any file, damaged anywhere: a trial that verifies, or one clear message."""

from __future__ import annotations

import numpy as np
import pytest
from import_cases import (
    FORCES,
    FSCAN,
    LOADSOL,
    MARKERS,
    XSENS,
    pedar,
    write,
    xsensor,
)

from lablive.errors import LabLiveError
from lablive.importing.import_trial import import_trial
from lablive.recording.replay import Trial

TABLE = "# Sampling rate: 100\nTime (s),a (N),foot\n" + "".join(
    f"{k / 100},{k}.5,left\n" for k in range(20)
)
FILES = {
    "table": TABLE,
    "loadsol": LOADSOL,
    "pedar": pedar(),
    "fscan_L": FSCAN,
    "xsensor": xsensor(("10:00:00.00", 1.0), ("10:00:00.02", 2.0)),
    "opensim": FORCES,
    "trc": MARKERS,
    "xsens": XSENS,
}
BYTES = b"\0\t\n\r ,;.-\"'09aeENn_/#[](){}:\xff\xb2"


def damaged(content: bytes, rng) -> bytes:
    """Return the file with bytes changed, cut out, doubled or cut off."""
    data = bytearray(content)
    for _ in range(int(rng.integers(1, 4))):
        at, length = (int(rng.integers(0, len(data) + 1)) for _ in range(2))
        match int(rng.integers(0, 5)):
            case 0:
                data[at : at + 1] = bytes([BYTES[int(rng.integers(0, len(BYTES)))]])
            case 1:
                del data[at : at + length % 40]
            case 2:
                data[at:at] = data[at : at + length % 200]
            case 3:
                del data[at:]
            case _:
                data[at:at] = bytes(rng.integers(0, 256, 3, dtype=np.uint8))
    return bytes(data)


@pytest.mark.parametrize("name", FILES)
def test_damaged_text_is_a_trial_or_one_message(tmp_path, name):
    rng = np.random.default_rng(11)
    out = tmp_path / "out.xdf"
    taken = 0
    for _ in range(150):
        path = write(tmp_path, f"{name}.txt", damaged(FILES[name].encode(), rng))
        try:
            report = import_trial([path], out)
        except LabLiveError:
            assert not out.exists()
            continue
        taken += 1
        trial = Trial(out)
        rows = [trial.rows(info.id) for info in trial.streams]
        assert rows == list(report.rows)
        assert not trial.damage
        trial.close()
        for written in tmp_path.glob("out.xdf*"):
            written.unlink()
    assert taken  # else nothing but messages was tried
