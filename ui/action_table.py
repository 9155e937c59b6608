"""Everything that can be done in the windows: names, keys, and where they count.

Buttons, tooltips, the list of keys, the palette and a lab's own ``keys.toml`` all read
this table. Two actions may share a key only where they are never there together.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Where = Literal[
    "idle", "gate", "run", "drill", "review", "people", "results", "devices",
    "feedback", "microphone",
]  # fmt: skip
Wheres = tuple[Where, ...]

LIVE: Final[Wheres] = ("idle", "gate", "run", "review")
PAGES: Final[Wheres] = (*LIVE, "drill", "people", "results", "devices")
RECORDING: Final[Wheres] = ("run", "drill", "people", "results", "devices")
WORDS: Final[dict[Where, str]] = {
    "idle": "Session, nothing connected",
    "gate": "Session, at a gate",
    "run": "Session, recording",
    "drill": "A drill on screen",
    "review": "A trial on screen",
    "people": "People",
    "results": "Results",
    "devices": "Devices",
    "feedback": "Feedback",
    "microphone": "Check microphone",
}


class ActionSpec(NamedTuple):
    """What is said of an action.

    Attributes
    ----------
    id
        Its name in ``keys.toml``.
    title
        What a button says; some say more of the moment ("Begin zero").
    about
        What it does, one sentence without a full stop.
    keys
        As Qt writes them ("Ctrl+K"), the first stands on the button.
    where
        Where the keys count.
    needs
        When it is possible, in words.
    repeats
        A key that is held down does it again and again.
    """

    id: str
    title: str
    about: str
    keys: tuple[str, ...]
    where: Wheres
    needs: str = ""
    repeats: bool = False


_FREE: Final = "possible while nothing is recorded"
_CONNECTED: Final = "possible with a device connected and nothing recorded"
_RECORDED: Final = "possible while a trial is recorded"
_GATE: Final = "possible at a gate that offers it"
_TRIAL: Final = "possible with a trial on screen"
_CHOSEN: Final = "possible with a device chosen on the Devices page (Ctrl+4)"
_DRILL: Final = "possible with a drill on screen (J)"
_SET: Final = "possible while a set is done"
_REP: Final = "possible after a repetition"
_RESULTS: Final = "possible on the Results page (Ctrl+3)"
_PERSON: Final = "possible with a person chosen on the People page (Ctrl+1)"

SPECS: Final = (
    # the windows
    ActionSpec("palette", "Do …", "Find any action by its name", ("Ctrl+K", "Ctrl+P"),
               PAGES),
    ActionSpec("key_list", "Keys", "List every key", ("?", "F1"), PAGES),
    ActionSpec("people", "People", "Go to the people", ("Ctrl+1",), PAGES),
    ActionSpec("session", "Session", "Go to the session", ("Ctrl+2",), PAGES),
    ActionSpec("results", "Results", "Go to comparisons and history", ("Ctrl+3",),
               PAGES),
    ActionSpec("devices", "Devices", "Go to the devices", ("Ctrl+4",), PAGES),
    ActionSpec("theme", "Colours", "Light, dark, high contrast", ("Ctrl+L",), PAGES),
    ActionSpec("language", "Language",
               "The computer's language, English, German; from the next start on",
               ("Ctrl+Shift+U",), PAGES),
    ActionSpec("text_larger", "Larger text", "Make all text larger",
               ("Ctrl++", "Ctrl+="), PAGES, repeats=True),
    ActionSpec("text_smaller", "Smaller text", "Make all text smaller", ("Ctrl+-",),
               PAGES, repeats=True),
    ActionSpec("runner_window", "Runner's window",
               "Open or close the window that the runner sees", ("F11",),
               (*PAGES, "feedback")),
    ActionSpec("two_keys", "Two keys", "Show or hide what two keys or pedals do now",
               ("Ctrl+T",), PAGES),
    ActionSpec("privacy", "Privacy", "Passphrase, journal, delete a person",
               ("Ctrl+Shift+P",), PAGES),
    ActionSpec("lock", "Lock", "Show no person until a PIN is typed; recording goes on",
               ("Ctrl+Shift+L",), PAGES, "possible where there are operators"),
    # devices
    ActionSpec("connect", "Connect devices", "List what is connected to this machine",
               ("C",), ("idle", "gate", "devices"), _FREE),
    ActionSpec("connect_known", "Connect", "Connect the devices that are known here",
               ("K",), ("idle", "devices"), "possible when a known device is there"),
    ActionSpec("simulate", "Simulated runner",
               "Start a simulated runner on the same wires", ("T",), ("idle",),
               "possible while nothing is connected"),
    ActionSpec("try_again", "Try again", "Open the device again", ("A",), ("devices",),
               _CHOSEN),
    ActionSpec("disconnect", "Disconnect", "Let go of the device", ("X",),
               ("devices",), _CHOSEN),
    ActionSpec("microphone", "Check microphone", "Check level, noise and delay",
               ("H",), ("devices",), "possible with a microphone chosen"),
    ActionSpec("keep_raw", "Keep its bytes", "Keep what the wire sends beside a trial",
               ("B",), ("devices",), _CHOSEN),
    ActionSpec("publish", "Publish its rows", "Let other programs join it by LSL",
               ("U",), ("devices",), _CHOSEN),
    ActionSpec("publish_results", "Publish results",
               "Publish contacts, strides and metrics on LSL", ("L",), ("devices",),
               "possible with a device connected"),
    ActionSpec("retry_missing", "Try again", "Open the device that is away again",
               ("1",), PAGES, "possible while a device is away"),
    ActionSpec("another", "Pick another", "Take another device in its place", ("2",),
               PAGES, "possible while a device is away"),
    ActionSpec("go_without", "Go on without", "Ask no more about it", ("3",), PAGES,
               "possible while a device is away"),
    ActionSpec("noted", "Seen", "Say no more of it while it stands", ("Shift+N",),
               PAGES, "possible while something stands wrong"),
    ActionSpec("close_message", "Close this message", "Take the message away",
               ("Backspace",), PAGES, "possible while there is a message"),
    # the session
    ActionSpec("protocol", "Protocol", "Choose the protocol of this session", ("Y",),
               ("idle", "gate"), _FREE),
    ActionSpec("next", "Begin", "Do what the gate of now wants next", ("N",),
               ("gate",), _GATE),
    ActionSpec("again", "Again", "Do the gate of now once more", ("A",), ("gate",),
               _GATE),
    ActionSpec("use_earlier", "Use earlier", "Take an earlier calibration", ("U",),
               ("gate",), "possible when an earlier calibration fits"),
    ActionSpec("skip", "Skip", "Pass by the gate of now; what it costs is told",
               ("X",), ("gate",), _GATE),
    ActionSpec("gate_before", "Gate before", "Go back to the gate before",
               ("Alt+Left",), PAGES),
    ActionSpec("gate_after", "Gate after", "Go on to the gate after", ("Alt+Right",),
               PAGES),
    ActionSpec("put_on_anew", "Put on anew",
               "Soles, straps or electrodes were taken off: calibrate all of them "
               "again", ("H",), ("gate",), "possible before a run"),
    ActionSpec("practise", "Practice", "Run with live numbers; nothing is stored",
               ("E",), ("gate",), "possible before a run"),
    ActionSpec("record", "Record", "Start a trial", ("R",), ("gate",), _CONNECTED),
    ActionSpec("auto", "Auto", "Start and stop by movement, reps or time", ("Z",),
               ("gate", "run", "drill"), "possible with a device connected"),
    ActionSpec("auto_cancel", "Go on by hand", "Cancel the automatic start or stop",
               ("G",), ("gate", "run", "drill", "people", "devices"),
               "possible while a start or stop is waited for"),
    ActionSpec("belt", "Belt", "Type speed and slope as the treadmill shows them",
               ("B",), ("gate", "run", "drill"), "possible with a device connected"),
    ActionSpec("feedback", "Feedback", "Choose what the runner sees and hears", ("F",),
               ("gate", "run", "drill"), "possible while somebody runs"),
    ActionSpec("stop", "Stop", "End the trial, the practice or the step", ("S",),
               ("gate", *RECORDING), "possible while something runs"),
    ActionSpec("marker", "Marker", "Note this moment in the trial", ("M", "Space"),
               RECORDING, _RECORDED),
    ActionSpec("note", "Note", "Note this moment, then type what it is", ("T",),
               RECORDING, _RECORDED),
    ActionSpec("name_marker", "Name marker",
               "Type what the last marker or note is; its time stays", ("Shift+M",),
               RECORDING, "possible after a marker or note of this trial"),
    ActionSpec("pain", "Pain", "Note the pain now, 0 to 10", ("P",), RECORDING,
               _RECORDED),
    ActionSpec("effort", "Effort", "Note the effort now, 0 to 10 (Borg)", ("O",),
               RECORDING, _RECORDED),
    ActionSpec("block", "Next block", "End the block of the run, begin the next",
               ("N",), RECORDING, "possible in a run with blocks"),
    ActionSpec("plan", "Plan of the run", "Change the blocks of the protocol",
               ("Ctrl+Y",), ("gate",), "possible before a run"),
    ActionSpec("block_pause", "Pause", "Stop the clock of the block, or let it run on",
               ("Q",), ("run", "drill"), "possible in a run with blocks"),
    ActionSpec("block_skip", "Skip next", "Leave the following block out", ("K",),
               ("run", "drill"), "possible in a run with another block to come"),
    ActionSpec("close_result", "Close", "Take the card of before and after away",
               ("V",), ("run", "drill"), "possible while the card is there"),
    ActionSpec("peaks", "Peaks", "Hold the highest value of each cell", ("Ctrl+H",),
               LIVE, "possible with insoles that have cells"),
    ActionSpec("blocks", "Blocks", "Choose which blocks are on the page", ("W",),
               ("gate", "run", "review"), "possible while blocks are on the page"),
    ActionSpec("enlarge", "Enlarge", "Enlarge one block after the other", ("D",),
               ("gate", "run", "review"), "possible while blocks are on the page"),
    ActionSpec("put_back", "Put back", "Show all blocks again", ("Esc",),
               ("gate", "run", "review"), "possible while a block is enlarged"),
    ActionSpec("curves", "Curves", "Turn the tiles over: numbers or curves", ("I",),
               ("gate", "run", "review"), "possible while the tiles are on the page"),
    # drills
    ActionSpec("drills", "Drills", "Show the drills, or the run again", ("J",),
               ("gate", "run", "drill"), "possible at the run and while recording"),
    ActionSpec("drill_go", "Begin set",
               "Begin a set, give its next cue, or tick it off", ("C",), ("drill",),
               "possible with a drill on screen (J) while a trial is recorded"),
    ActionSpec("drill_end", "End set", "End the set; what was done stays", ("E",),
               ("drill",), _SET),
    ActionSpec("drill_redo", "Redo set", "Take the set out; it is done again", ("R",),
               ("drill",), "possible after the begin of a set"),
    ActionSpec("drill_accept", "Count it anyway",
               "Count the repetition whatever was measured; once more takes it back",
               ("A",), ("drill",), _REP),
    ActionSpec("drill_reject", "Take out",
               "Do not count the repetition; once more takes it back", ("X",),
               ("drill",), _REP),
    ActionSpec("rep_before", "Repetition before", "Look at the repetition before",
               ("Left",), ("drill",), _REP, repeats=True),
    ActionSpec("rep_after", "Next repetition", "Look at the next repetition",
               ("Right",), ("drill",), _REP, repeats=True),
    ActionSpec("drill_by_hand", "Mark by hand",
               "Begin a range that is a repetition; once more ends it", ("H",),
               ("drill",), _SET),
    ActionSpec("drill_leg", "Other leg", "Take the other leg", ("L",), ("drill",),
               "possible between sets of a drill on one leg"),
    ActionSpec("drill_automatic", "Cues by hand",
               "Give each cue by hand, or let them come by themselves", ("U",),
               ("drill",), "possible between sets of a drill with single cues"),
    ActionSpec("drill_before", "Drill before", "Take the drill before", ("Up",),
               ("drill",), _DRILL, repeats=True),
    ActionSpec("drill_after", "Next drill", "Take the next drill", ("Down",),
               ("drill",), _DRILL, repeats=True),
    ActionSpec("drill_edit", "Change …",
               "Change a drill of the lab's own, or make one from this", ("Ctrl+D",),
               ("drill",), "possible between sets"),
    ActionSpec("drill_go_on", "Go on", "Go on in spite of a reason to stop", ("Y",),
               ("drill",), "possible while there is a reason to stop"),
    # trials
    ActionSpec("open", "Open trial", "Open a trial file", ("O",),
               ("idle", "gate", "review"), _FREE),
    ActionSpec("sample", "Sample recording",
               "Look at a recording of the simulated runner", ("Shift+T",), ("idle",),
               "possible while nothing is connected"),
    ActionSpec("check", "Check this computer",
               "Look for what stands in the way, and its fix", ("D",), ("idle",),
               "possible while nothing is connected"),
    ActionSpec("replay", "Replay trial", "Look at the trial just recorded", ("V",),
               ("idle", "gate"), "possible after a recording"),
    ActionSpec("report", "Make PDF", "Make the report of the trial", ("P",),
               ("idle", "gate", "review"), "possible with a trial"),
    ActionSpec("report_look", "Report …", "Choose what the report shows, see its pages",
               ("Shift+P",), ("idle", "gate", "review"), "possible with a trial"),
    ActionSpec("live", "Back to live", "Leave the trial", ("L",), ("review",), _TRIAL),
    ActionSpec("play", "Play or pause", "Play or pause the trial", ("Space",),
               ("review",), _TRIAL),
    ActionSpec("back_5_s", "5 s back", "Jump 5 s back", ("Left",), ("review",), _TRIAL,
               repeats=True),
    ActionSpec("forward_5_s", "5 s on", "Jump 5 s on", ("Right",), ("review",), _TRIAL,
               repeats=True),
    ActionSpec("marker_before", "Marker before", "Jump to the marker before",
               ("PgUp",), ("review",), _TRIAL),
    ActionSpec("marker_after", "Next marker", "Jump to the next marker", ("PgDown",),
               ("review",), _TRIAL),
    ActionSpec("step_before", "Step before", "Jump to the contact before",
               ("Shift+Left",), ("review",), _TRIAL, repeats=True),
    ActionSpec("step_after", "Next step", "Jump to the next contact",
               ("Shift+Right",), ("review",), _TRIAL, repeats=True),
    ActionSpec("stride_before", "Stride before",
               "Jump to the contact of the same foot before", ("Ctrl+Left",),
               ("review",), _TRIAL, repeats=True),
    ActionSpec("stride_after", "Next stride", "Jump to its next contact",
               ("Ctrl+Right",), ("review",), _TRIAL, repeats=True),
    ActionSpec("frame_before", "Row before", "Go back by one row of the force",
               ("Ctrl+Shift+Left",), ("review",), _TRIAL, repeats=True),
    ActionSpec("frame_after", "Next row", "Go on by one row of the force",
               ("Ctrl+Shift+Right",), ("review",), _TRIAL, repeats=True),
    ActionSpec("range_begin", "Range from here", "Let the range begin at the cursor",
               ("B",), ("review",), _TRIAL),
    ActionSpec("range_end", "Range to here", "Let the range end at the cursor",
               ("E",), ("review",), _TRIAL),
    ActionSpec("range_none", "No range", "Forget the range", ("N",), ("review",),
               _TRIAL),
    ActionSpec("loop", "Loop", "Play the range, or the trial, again and again",
               ("R",), ("review",), _TRIAL),
    ActionSpec("zoom_in", "Zoom in", "Draw a shorter part of the time line",
               ("Ctrl+Up",), ("review",), _TRIAL, repeats=True),
    ActionSpec("zoom_out", "Zoom out", "Draw a longer part of the time line",
               ("Ctrl+Down",), ("review",), _TRIAL, repeats=True),
    ActionSpec("zoom_whole", "Whole trial", "Draw the whole trial on the time line",
               ("Ctrl+0",), ("review",), _TRIAL),
    ActionSpec("signals", "Signals", "Show one or all signals on the time line",
               ("G",), ("review",), _TRIAL),
    ActionSpec("edits", "Correct …",
               "Leave out strides, correct a foot or an event; the file stays",
               ("Shift+E",), ("review",), _TRIAL),
    ActionSpec("compare", "Compare …", "Compare this trial, or its range, with another",
               ("Shift+C",), ("review",), _TRIAL),
    ActionSpec("export", "Export …", "Write the trial, or its range, for others",
               ("Shift+X",), ("review",), _TRIAL),
    ActionSpec("recalculate", "Recalculate …",
               "Work the trial out with other thresholds or calibration: a new result",
               ("Shift+R",), ("review",), _TRIAL),
    ActionSpec("roles", "Roles …", "Say what each channel of the recording measures",
               ("Shift+O",), ("review",), _TRIAL),
    ActionSpec("slower", "Slower", "Play slower", ("-",), ("review",), _TRIAL),
    ActionSpec("faster", "Faster", "Play faster", ("+", "="), ("review",), _TRIAL),
    ActionSpec("open_made", "Open", "Open the PDF that was made", ("Ctrl+Return",),
               PAGES, "possible after a PDF was made"),
    # people
    ActionSpec("new_person", "New person", "Add a person", ("Ctrl+N",), ("people",),
               "possible on the People page (Ctrl+1)"),
    ActionSpec("import_people", "Import", "Add people from a table (CSV)",
               ("Ctrl+I",), ("people",), "possible on the People page (Ctrl+1)"),
    ActionSpec("start_session", "Start session", "Begin a session with this person",
               ("Ctrl+S",), ("people",), _PERSON),
    ActionSpec("edit_person", "Edit", "Change what is known of this person",
               ("Ctrl+E",), ("people",), _PERSON),
    ActionSpec("open_session", "Open trial", "Look at a trial of this person",
               ("Ctrl+O",), ("people",), "possible with a trial of a person chosen"),
    ActionSpec("session_details", "Session details", "Shoes, pain, notes",
               ("Ctrl+D",), ("people",), "possible with a session of a person chosen"),
    ActionSpec("person_after", "Next person", "Go down the list of people",
               ("Ctrl+Down",), ("people",), "possible on the People page (Ctrl+1)",
               repeats=True),
    ActionSpec("person_before", "Person before", "Go up the list of people",
               ("Ctrl+Up",), ("people",), "possible on the People page (Ctrl+1)",
               repeats=True),
    ActionSpec("library_again", "Try again", "Open the library again", ("Ctrl+R",),
               ("people",), "possible while the library does not open"),
    ActionSpec("unlock_names", "Unlock names", "Open the library with its passphrase",
               ("Ctrl+U",), ("people",), "possible while a passphrase locks the names"),
    ActionSpec("restore", "Bring back the backup", "Take the newest backup",
               ("Ctrl+B",), ("people",), "possible while the library does not open"),
    ActionSpec("anew", "Make it anew from the session folders",
               "Names are not in the folders: codes only", ("Ctrl+M",), ("people",),
               "possible while the library does not open"),
    # results
    ActionSpec("view_compare", "Then and now", "Show the comparison",
               ("Ctrl+Shift+C",), ("results",), _RESULTS),
    ActionSpec("view_history", "History", "Show a metric over the sessions",
               ("Ctrl+Shift+H",), ("results",), _RESULTS),
    ActionSpec("choose_then", "Choose …", "Pick the trial for then", ("Ctrl+O",),
               ("results",), _RESULTS),
    ActionSpec("choose_now", "Choose …", "Pick the trial for now", ("Ctrl+Shift+O",),
               ("results",), _RESULTS),
    ActionSpec("compare_go", "Compare", "Compare then and now", ("Ctrl+G",),
               ("results",), _RESULTS),
    ActionSpec("compare_stop", "Stop", "End the comparison", ("Ctrl+Shift+S",),
               ("results",), "possible while a comparison is worked out"),
    ActionSpec("history_export", "Export table", "Write the table as CSV",
               ("Ctrl+E",), ("results",), "possible on the Results page (Ctrl+3)"),
    # dialogs
    ActionSpec("feedback_end", "End feedback", "Give the runner nothing any more",
               ("E",), ("feedback",), "possible in the Feedback dialog (F)"),
    ActionSpec("baseline", "Mark baseline", "Begin or end the baseline", ("Y",),
               ("feedback",), "possible in the Feedback dialog (F)"),
    ActionSpec("voice", "Call out", "Call out recording, blocks and the last five "
               "seconds, spoken where this computer can; or be silent", ("V",),
               ("feedback",), "possible in the Feedback dialog (F)"),
    ActionSpec("check_1", "Start", "Begin the first check", ("1",), ("microphone",)),
    ActionSpec("check_2", "Start", "Begin the second check", ("2",), ("microphone",)),
    ActionSpec("check_3", "Start", "Begin the third check", ("3",), ("microphone",)),
    # two keys: pedals and presenter remotes are keyboards
    ActionSpec("first_key", "First key",
               "Short: next step or marker; long: start or stop", ("PgDown",),
               ("idle", "gate", *RECORDING)),
    ActionSpec("second_key", "Second key", "Short: the other choice; long: pass by",
               ("PgUp",), ("idle", "gate", *RECORDING)),
    ActionSpec("start_key", "Start key", "Start or stop, as remotes send it", ("F5",),
               PAGES),
    ActionSpec("marker_key", "Marker key", "A marker, as remotes send it", (".",),
               PAGES),
)  # fmt: skip
ACTIONS: Final[dict[str, ActionSpec]] = {spec.id: spec for spec in SPECS}
