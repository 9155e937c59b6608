"""Every torture there is, by name."""

from __future__ import annotations

from tests.torture import faults, files, full, kills, library, soak, two, wires
from tests.torture.outcome import Torture

TORTURES = {
    "files": Torture(
        "Trials cut, flipped, zeroed, overwritten, with pieces pulled out or put in",
        "every file opens or is refused with one message; no value is wrong; every"
        " missing row is told; nothing raises.",
        files.run, 60, 10_000,
    ),
    "disk": Torture(
        "Each write and each fsync of a session fails, once and for good",
        "no row is lost, another folder is told.",
        faults.run_disk, 3, 1_000,
    ),
    "full": Torture(
        "The disk is full somewhere in the session",
        "no row is lost, the spill folder is told; or Record is refused at once.",
        full.run, 10, 1_000,
    ),
    "reads": Torture(
        "Each read of opening, verifying and playing fails or is short",
        "no value is wrong, what cannot be read is told, nothing raises.",
        faults.run_reads, 10, 1_000,
    ),
    "host": Torture(
        "The host is killed (kill -9) while it starts, does or ends a recording",
        "the file opens; every row that was in the host's memory 0.1 s before is in it,"
        " none wrong, none missing in between; that it was not closed is told.",
        kills.run_host, 5, 1_000,
    ),
    "app": Torture(
        "The app is killed (kill -9) at a random moment while the host records",
        "the recording goes on without a missing row, the next app joins it.",
        kills.run_app, 5, 1_000,
    ),
    "suspend": Torture(
        "The host stands still (SIGSTOP) for up to 3 s while it records",
        "what the wires could not hold is told in gaps, stamps keep their true course.",
        wires.run_suspend, 0, 200,
    ),
    "unplug": Torture(
        "Cables are pulled in the middle of a row, faster than they are opened again",
        "no wrong row, no row twice, every missing one told; as many threads and files"
        " as before.",
        wires.run_unplug, 8, 500,
    ),
    "soak": Torture(
        "Trial after trial, host and window, as in a day of 48 trials",
        "every trial whole; memory of host and window grows by less than 1 MB per hour"
        " of such a day, threads and files do not grow.",
        soak.run, 0, 150,
    ),
    "library": Torture(
        "Two apps work in one library, the wall clock jumps by days, both are killed",
        "all that was answered is there: people, trials in plan and library, journal"
        " lines in one chain; no name twice; it opens.",
        library.run, 3, 300,
    ),
    "two": Torture(
        "Two hosts record one stream, each begun and ended at its own moment",
        "both trials whole, no value wrong; a second recording on one host or over a"
        " file that is there is refused with one message.",
        two.run, 2, 100,
    ),
}  # fmt: skip
