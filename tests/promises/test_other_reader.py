"""What the host has recorded loads unchanged in another program's reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import pyxdf

from lablive.recording.replay import Trial
from tests.promises.lab import recorded

if TYPE_CHECKING:
    from tests.promises.lab import Lab


@pytest.mark.slow
def test_pyxdf_reads_the_same_rows_and_stamps(lab: Lab) -> None:
    session = lab.session()
    runner = lab.runner("--faults", "drop_pct=2", streams="insoles,speed")
    lab.connect(session, lab.numbered_port(), lab.numbered_lsl(), runner)
    path = lab.record(session)
    session.marker('with Ümläut, "quotes" and <angles>')
    lab.poll_until(lambda: recorded(session) > 0, "rows of every stream")
    lab.stop(session)
    trial = Trial(path)
    streams, header = pyxdf.load_xdf(
        str(path), synchronize_clocks=False, dejitter_timestamps=False
    )
    found = {stream["info"]["stream_id"]: stream for stream in streams}
    assert header["info"]["version"] == ["1.0"]
    assert len(trial.streams) == 5
    for info in trial.streams:
        t_s, x = trial.window(info.id, -np.inf, np.inf)
        other = found[info.id]
        assert other["info"]["name"] == [info.name]
        assert len(t_s) > 0
        np.testing.assert_array_equal(other["time_stamps"], t_s)
        np.testing.assert_array_equal(other["time_series"], x)
    texts = [
        text
        for stream in streams
        if isinstance(stream["time_series"], list)
        for row in stream["time_series"]
        for text in row
    ]
    assert any("Ümläut" in text for text in texts)
    # the reader's own clock correction changes nothing: every stamp is lab time
    synchronized, _ = pyxdf.load_xdf(str(path), dejitter_timestamps=False)
    for stream in synchronized:
        same = found[stream["info"]["stream_id"]]
        np.testing.assert_allclose(
            stream["time_stamps"], same["time_stamps"], rtol=0, atol=1e-9
        )
