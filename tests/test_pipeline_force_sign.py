"""A force that no foot can give is named: sign or zero are wrong."""

from __future__ import annotations

import numpy as np
import pytest
from pipeline_cases import run, simulated

from lablive.signals.montage import Subject


@pytest.mark.parametrize("subject", [None, Subject()])
def test_an_insole_with_the_wrong_sign_is_named(subject):
    lab = simulated(20.0, standing_s=3.0, subject=subject)
    assert run(lab)[0].findings() == ()
    left = next(info.id for info in lab.streams if info.name == "left_sole")
    t_s, x = lab.rows[left]
    x = x.copy()
    x[5::400] = np.nan  # lost rows say nothing of the sign
    lab.rows[left] = (t_s, x)
    assert "below zero" not in [f.name for f in run(lab)[0].findings()]
    lab.rows[left] = (t_s, -x)
    told = [f for f in run(lab)[0].findings() if f.name == "below zero"]
    assert len(told) == 1
    assert told[0].text.startswith("The left insole reads down to -")
