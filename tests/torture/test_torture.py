"""Every torture in its short form; in full: ``make torture``."""

from __future__ import annotations

import pytest

from tests.torture.outcome import Job, Seen, Torture
from tests.torture.reliability import keep, kept, page, result_of
from tests.torture.tortures import TORTURES


@pytest.mark.parametrize("name", [n for n, it in TORTURES.items() if it.short])
def test_nothing_breaks(name: str, tmp_path, monkeypatch):
    monkeypatch.setenv("LABLIVE_RUN", str(tmp_path / "run"))
    work = tmp_path / "work"
    work.mkdir()
    torture = TORTURES[name]
    seen = torture.run(Job(torture.short, 20261121, work))
    assert seen.broken == []
    assert seen.done >= torture.short


def test_the_page_tells_what_was_run_and_what_broke(tmp_path):
    seen = Seen(done=7)
    seen.counts["cuts"] = 5
    seen.expect(False, 3, "a row <missing>")
    torture = Torture("Cutting", "no row is lost.", lambda job: seen, 1, 10)
    told = result_of(seen, torture, 12.3, 99, "python -m tests.torture cut")
    keep({"cut": told}, tmp_path / "results.json")
    text = page(kept(tmp_path / "results.json"), {"cut": torture, "sew": torture})
    assert "| [Cutting](#cut) | 7 | 1 | 12 s |" in text
    assert "- **broken**: case 3: a row <missing>" in text
    assert "- 5 cuts" in text
    assert "Not run yet: `sew`" in text
