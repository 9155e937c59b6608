"""A lab's rows written as a trial."""

from __future__ import annotations

from lablive.messages import Chunk
from lablive.recording.recorder import Recorder


def recorded(path, lab, header=None, markers=()):
    recorder = Recorder(path, lab.streams, header or {}, None)
    for marker in markers:
        recorder.marker(marker)
    for item in lab.chunks(rows_per_chunk=20):
        if isinstance(item, Chunk):
            recorder.append(item)
        else:
            recorder.gap(item)
    return recorder.close()
