"""Stands in for ``drivers.microphone``: says what its device name tells it to say."""

from __future__ import annotations

import json
import sys

RESULTS = {
    "good claps": {"kind": "claps", "difference_db": 9.2, "ok": True, "why": ""},
    "bad clicks": {
        "kind": "clicks", "difference_db": 1.4, "ok": False,
        "why": "Two clicks 6 dB apart were heard 1.4 dB apart: the input evens "
        "loudness out.",
    },
    "good calibrate": {"device": "Yeti", "pa_per_fs": 0.8431, "made_at": "2026-11-21"},
}  # fmt: skip


def main():
    """Print a level, then the result for the task, as the program does."""
    task, device = sys.argv[1], sys.argv[3]
    unit = "dB(A)" if task == "claps" else "dB rel"
    sys.stdout.write(json.dumps({"level_db": -43.2, "unit": unit}) + "\n")
    sys.stdout.flush()
    if device == "gone":
        sys.stderr.write("ALSA lib: something else\nThe microphone is gone.\n")
        return 1
    result = RESULTS.get(f"good {task}") or RESULTS[f"bad {task}"]
    sys.stdout.write(json.dumps(result) + "\n")
    return int(not result.get("ok", True))


if __name__ == "__main__":
    sys.exit(main())
