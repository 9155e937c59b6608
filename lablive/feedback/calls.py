"""What is called out to the runner: recording begins and ends, blocks, count-downs.

Spoken where the computer can, beeps where it cannot. A number is handed on shortly
before its time, so that the operator who moves on early silences the rest.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from lablive.live.sounds import Cue

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.feedback.offers import Words
    from lablive.feedback.sounds import Beep
    from lablive.protocol.block_run import BlockRun

COUNT_S: Final = 5  # of a block, counted down
AHEAD_S: Final = 0.4  # for the speech program
_SETTLE_S: Final = 0.2  # blocks begin a moment after the recording


class Caller:
    """Calls out what changes; one thread.

    Parameters
    ----------
    play
        Takes cues at their time.
    words, language
        The runner's language.
    """

    def __init__(
        self, play: Callable[[Cue], None], words: Words, language: str = "en"
    ) -> None:
        self._play = play
        self._words, self._language = words, language
        self._was_recording, self._changed_s = False, math.inf
        self._block: tuple[int, int] = (0, -1)  # which run of blocks, which of them
        self._counted = COUNT_S + 1  # the last number called, downwards

    def tick(self, now_s: float, *, recording: bool, blocks: BlockRun | None) -> None:
        """Call what has changed, and the next number of a count-down.

        Parameters
        ----------
        now_s
            Lab clock.
        recording
            Whether a trial is being recorded.
        blocks
            Of the trial; None = it has none.
        """
        if recording != self._was_recording:
            self._was_recording, self._changed_s = recording, now_s
        if now_s >= self._changed_s + _SETTLE_S:
            self._changed_s = math.inf
            if not recording:
                self._call("recording ends", self._words.call.stop, "stop", now_s)
            elif blocks is None:  # else its first block is called
                self._call("recording begins", self._words.call.record, "go", now_s)
        if blocks is None:
            self._block = (0, -1)
        else:
            self._follow(blocks, now_s)

    def _follow(self, blocks: BlockRun, now_s: float) -> None:
        at = (id(blocks), blocks.number)
        if at != self._block:
            self._block, self._counted = at, COUNT_S + 1
            self._begin(blocks, now_s)
        if blocks.now is None:
            return
        left_s = blocks.left_s(now_s)
        number = math.floor(left_s - AHEAD_S) + 1 if left_s > 0 else 0
        if 1 <= number <= COUNT_S and number < self._counted:
            self._counted = number
            at_s = now_s + left_s - number
            self._call(f"block ends in {number}", str(number), "ready", at_s)

    def _begin(self, blocks: BlockRun, now_s: float) -> None:
        block = blocks.now
        if block is None:
            if blocks.number >= len(blocks.blocks):
                self._call("blocks are over", self._words.call.over, "stop", now_s)
            return
        said = self._words.call.block.get(block.kind, block.kind)
        if block.cadence_spm:
            said = f"{said}, {block.cadence_spm:g}"
        self._call(f"block {block.kind}", said, "go", now_s)

    def _call(self, what: str, voice: str, beep: Beep, at_s: float) -> None:
        self._play(Cue(what, at_s, beep, voice, self._language))
