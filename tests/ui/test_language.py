"""German on the screen: nothing untranslated, nothing cut, figures and names kept."""

from __future__ import annotations

import ast
import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from page_states import STATES
from test_page_layout import cut, cut_sideways, outside, overlaps

import ui
from lablive.calibrating.phases import PHASES
from lablive.metrics.registry import METRICS
from lablive.report.words import words_of
from ui import theme
from ui.action_table import SPECS, WORDS
from ui.language import SUBJECTS, Sayings, catalogue, language, say, use_language
from ui.look import Look
from ui.screen_settings import NAME, ScreenSettings, load_screen, save_screen

FOLDER = Path(ui.__file__).parent
# programs of the terminal speak English
TERMINAL = re.compile(r".*_command|cli|record|demo|demo_review|start|doctor|sources")
# what a text is given to so that it is shown in the language of the screen
SAID = {
    "say", "label", "ElidedLabel", "Card", "KeyButton", "set_title", "set_subtitle",
    "set_text", "show_message", "set_verdict", "Trouble",
}  # fmt: skip
# what shows a text as it is: it must be given `say(...)`
SHOWN = {
    "setToolTip", "setAccessibleName", "setPlaceholderText", "setWindowTitle",
    "setInformativeText", "addButton", "setText", "QCheckBox", "QRadioButton",
}  # fmt: skip
ROLES = {
    "note", "muted", "strong", "heading", "title", "value", "good", "caution", "poor",
    "alarm", "concern", "info", "unknown", "primary", "secondary", "danger",
}  # fmt: skip
HAS_WORD = re.compile(r"[A-Za-z]{2}")
KEYS = re.compile(r"(Ctrl|Alt|Shift)\+\S+|Enter|Esc|Space")
SAME = {  # the same in German, or no words
    "LabLive", "Person", "Name", "Id", "{} [kg]", "Ctrl+", "dB", "dB rel", "kg", "EMG",
    "Neutral", "Auto", "Pause", "PIN", "Format",
    "{} ms", "{} ppm", "{} kg", "{} cm", "{} km/h", "Delsys Trigno", "info", "999 ms",
}  # fmt: skip


@pytest.fixture
def german():
    """Speak German, and English again after."""
    use_language("de")
    yield
    use_language("en")


def modules():
    for path in sorted(FOLDER.rglob("*.py")):
        if not TERMINAL.fullmatch(path.stem):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def name_of(call):
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def texts_in(node):
    """Yield the texts that an expression may come to, ``{}`` for what is filled in."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(
            part.value if isinstance(part, ast.Constant) else "{}"
            for part in node.values
        )
    elif isinstance(node, ast.IfExp):
        yield from chain(texts_in(node.body), texts_in(node.orelse))
    elif isinstance(node, ast.BoolOp):
        yield from chain.from_iterable(map(texts_in, node.values))


def said():
    """Yield file, line and text of everything that is said on the screen."""
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and name_of(node) in SAID:
                for text in chain.from_iterable(map(texts_in, node.args)):
                    if HAS_WORD.search(text) and text not in ROLES:
                        yield f"{path.name}:{node.lineno}", text


def is_known(text, sayings):
    """Tell whether a text, or each of its parts, has its German words."""
    bare = text.strip(" .,;:·()\n")
    if bare in SAME or KEYS.fullmatch(bare) or not HAS_WORD.search(bare):
        return True
    filled = [it.replace("{}", "17") for it in (text, bare)]
    return any(sayings.say(it) != it for it in filled)


def test_everything_that_is_said_has_its_german_words():
    sayings = Sayings(catalogue("de"))
    missing = [(at, text) for at, text in said() if not is_known(text, sayings)]
    assert missing == []


def test_every_action_has_its_german_words():
    sayings = Sayings(catalogue("de"))
    words = [*WORDS.values(), *(w for it in SPECS for w in (it.title, it.about))]
    words += [it.needs for it in SPECS if it.needs]
    assert [text for text in words if not is_known(text, sayings)] == []


def test_no_text_is_shown_without_being_said():
    bare = [
        (f"{path.name}:{node.lineno}", text)
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and name_of(node) in SHOWN
        for text in chain.from_iterable(map(texts_in, node.args))
        if HAS_WORD.search(text) and text not in SAME | ROLES
    ]
    assert bare == []


def test_the_catalogue_fills_in_what_the_english_sentence_does():
    for subject in SUBJECTS:
        assert (FOLDER / "german" / f"{subject}.toml").is_file()
    for english, told in catalogue("de").items():
        assert told.strip(), english
        assert told.count("{}") == english.count("{}"), english


def test_sentences_are_said_with_their_figures_plural_and_parts(german):
    assert language() == "de"
    assert say("no data for 0:03") == "keine Daten seit 0:03"
    assert say("1 gap") == "1 Lücke"
    assert say("12 gaps") == "12 Lücken"
    assert say("left_sole · no data for 0:03") == "left_sole · keine Daten seit 0:03"
    assert say("Connect 1 known device") == "1 bekanntes Gerät verbinden"
    two = "Check power and cable; it comes back by itself. IMU 4 sends again."
    assert say(two).endswith("IMU 4 sendet wieder.")
    assert say("IMU 4 {brace}") == "IMU 4 {brace}"
    assert say("never heard of this") == "never heard of this"
    assert say("") == ""


def test_english_is_left_as_it_is():
    assert say("no data for 0:03") == "no data for 0:03"


@pytest.mark.parametrize("size", ["normal", "larger"])
@pytest.mark.parametrize("name", sorted(STATES.keys() - {"searching", "devices"}))
def test_long_german_words_are_not_cut(scene_of, themed, german, until, name, size):
    window = scene_of(name).window
    theme.apply_theme(themed, "light", size)

    def wrong():
        themed.processEvents()  # cards share the room again, one after the other
        return overlaps(window) + cut(window) + cut_sideways(window)

    until(lambda: not wrong(), "a page on which nothing is cut", 5.0)
    if size == "normal":
        assert outside(window) == []
        assert window.places.minimumSizeHint().width() <= window.width()


def test_the_rail_and_the_buttons_speak_german(scene_of, german):
    scene = scene_of("recording")
    assert [it.text() for it in scene.window.places.buttons.values()] == [
        "Personen", "Sitzung", "Ergebnisse", "Geräte",
    ]  # fmt: skip
    stop = scene.page.action_bar.stop_button
    assert stop.text() == "Stopp"
    assert stop.accessibleName() == f"Stopp, Taste {stop.key}"


def test_look_is_kept_for_next_time(themed, tmp_path):
    told = []
    look = Look(tmp_path, told.append)
    look.change_theme()
    look.change_text(1)
    assert look.change_language().startswith("English")
    kept, wrong = load_screen(tmp_path)
    assert kept == ScreenSettings(1, "dark", "large", "en")
    assert (kept.spoken, wrong, told) == ("en", "", [])


def test_a_wrong_file_is_told_and_the_usual_look_shown(tmp_path):
    (tmp_path / NAME).write_text('schema = 1\ntheme = "pink"\n', encoding="utf-8")
    kept, wrong = load_screen(tmp_path)
    assert kept == ScreenSettings()
    assert "screen.toml" in wrong


def test_a_folder_that_takes_no_file_is_told(tmp_path):
    said = save_screen(tmp_path / "gone", ScreenSettings())
    assert "not kept" in said
    assert "may be written" in said


def test_metrics_are_called_as_in_the_report():
    said, report = catalogue("de"), words_of("de")
    for name, metric in METRICS.items():
        assert said[metric.label] == report.label(name)


def test_every_gate_and_protocol_that_is_shipped_speaks_german():
    sayings = Sayings(catalogue("de"))
    folder = FOLDER.parent / "configs" / "protocols"
    for path in sorted(folder.glob("*.toml")):
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        assert is_known(told["name"], sayings), path.name
        assert is_known(told["about"], sayings), path.name
    for phase in PHASES.values():
        assert is_known(phase.title, sayings), phase.title
        assert is_known(phase.todo, sayings), phase.todo
