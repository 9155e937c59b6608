import shutil
import subprocess
import xml.etree.ElementTree as ET
from importlib.resources import files
from pathlib import Path

import msgspec
import pypdf
import pytest
import report_cases

from lablive.errors import ConfigError
from lablive.report.paper import save_table
from lablive.report.paper import write_pdf as lay_out
from lablive.report.printed import page
from lablive.report.settings import DEFAULT, SECTIONS, ReportSettings

CASES = {
    "rich": report_cases.rich,
    "bare": report_cases.bare,
    "gaps": report_cases.with_gaps,
    "long": report_cases.long_names,
    "full lab": report_cases.full_lab,
}
MARGIN_PT = 18 / 25.4 * 72
LOGO = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 10">
<rect width="40" height="10" fill="#0B5FA5"/></svg>"""


def write_pdf(report, pdf, *, sections=DEFAULT, logo="", template="", **more):
    settings = ReportSettings(
        sections=sections, logo=str(logo), template=str(template), **more
    )
    return lay_out([page(report, settings)], pdf, settings)


def text_of(pdf: Path) -> str:
    pages = pypdf.PdfReader(pdf).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


LOOKS = {
    "plain": ("a4", "en", "metric"),
    "Letter": ("letter", "en", "imperial"),
    "German": ("a4", "de", "metric"),
}
HARDEST = ("long", "full lab")


@pytest.mark.parametrize(
    ("case", "look"),
    [(case, "plain") for case in CASES]
    + [(case, look) for case in HARDEST for look in ("Letter", "German")],
)
def test_two_pages_at_most_and_nothing_outside_the_margins(case, look, tmp_path):
    paper, language, units = LOOKS[look]
    pdf = tmp_path / "report.pdf"
    write_pdf(CASES[case](), pdf, paper=paper, language=language, units=units)

    reader = pypdf.PdfReader(pdf)
    assert len(reader.pages) <= 2
    assert pdf.stat().st_size < 2_000_000
    width, height = (float(side) for side in reader.pages[0].mediabox[2:])
    assert (round(width), round(height)) == {"a4": (595, 842), "letter": (612, 792)}[
        paper
    ]
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext (poppler-utils) is not installed: margins not checked")
    boxes = subprocess.run(
        ["pdftotext", "-bbox", str(pdf), "-"], capture_output=True, check=True
    )
    for word in ET.fromstring(boxes.stdout).iter("{http://www.w3.org/1999/xhtml}word"):
        left, right = float(word.attrib["xMin"]), float(word.attrib["xMax"])
        assert left > MARGIN_PT - 1, word.text
        assert right < width - MARGIN_PT + 1, word.text
        assert float(word.attrib["yMax"]) < height - 20, word.text


def figures(node) -> list:
    found = [node] if node.get("/S") == "/Figure" else []
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        kid = kid.get_object()
        if isinstance(kid, dict) and "/S" in kid:
            found += figures(kid)
    return found


def fonts(reader: pypdf.PdfReader) -> list:
    return [
        font.get_object()
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    ]


def test_archive_and_accessibility_marks(tmp_path):
    pdf = tmp_path / "report.pdf"
    logo = tmp_path / "logo.svg"
    logo.write_text(LOGO)
    write_pdf(report_cases.rich(), pdf, logo=logo)

    reader = pypdf.PdfReader(pdf)
    root = reader.trailer["/Root"]
    told = root["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in told
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in told
    assert "<pdfuaid:part>1</pdfuaid:part>" in told
    assert reader.metadata is not None
    assert reader.metadata.title == "LabLive session report LB-0042, 2026-11-20"
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert root["/OutputIntents"]
    shown = figures(root["/StructTreeRoot"])
    assert len(shown) == 3  # logo, force, soles
    assert all(len(figure["/Alt"]) > 10 for figure in shown)
    for font in fonts(reader):
        assert "Inter" in font["/BaseFont"]
        assert "/ToUnicode" in font
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert "/FontFile2" in descriptor


def test_every_number_of_the_details_is_on_paper(tmp_path):
    pdf = tmp_path / "report.pdf"
    write_pdf(report_cases.rich(), pdf, sections=("quality", "details"))
    text = text_of(pdf)
    assert "LB-0042" in text
    assert "412 of 450 strides used (91.6 %)" in text
    assert report_cases.SHA256 in text
    for number in ("166.2", "245", "249", "33.9", "1.2", "2.31", "0.363", "−3.1 %"):
        assert number in text
    assert "left higher" in text
    assert "right longer" in text
    assert "206/225 · 206/225" in text
    assert "Not a diagnosis." in text
    assert "Page 1 of 2" in text
    assert "D lab default" in text


def test_the_board_the_drills_and_pain_are_on_paper(tmp_path):
    pdf = tmp_path / "report.pdf"
    assert write_pdf(report_cases.full_lab(), pdf) == 2
    text = text_of(pdf)
    for told in (
        "1 Little outside the forward plane", "5 Pushing back", "Work on next",
        "Two-leg hops", "9 of 10 passed", "touch-down 3 times", "4 or more: stop",
        "Time in zone", "highest 310 kPa, n 60", "206 + 206 / 450", "L −2.3",
        "Clinician, signature",
    ):  # fmt: skip
        assert told in text, told


def test_sections_stand_in_the_order_asked_for(tmp_path):
    pdf = tmp_path / "report.pdf"
    write_pdf(report_cases.full_lab(), pdf, sections=("pain", "findings", "drills"))
    text = text_of(pdf)
    places = [text.index(it) for it in ("Pain and effort", "Findings", "Drills")]
    assert places == sorted(places)
    assert "The five skills" not in text
    assert "Clinician, signature" not in text


def test_the_runners_page_has_one_cue_one_exercise_and_the_next_runs(tmp_path):
    pdf = tmp_path / "report.pdf"
    pages = write_pdf(
        report_cases.full_lab(), pdf, sections=("runner",), focus_runs=3, clinic="C"
    )
    reader = pypdf.PdfReader(pdf)
    assert len(reader.pages) == pages
    text = reader.pages[-1].extract_text()
    for told in ("Keep your hips level", "Stand on one leg", "Run 1", "4 min", "9 min",
                 "Stop when something hurts"):  # fmt: skip
        assert told in text, told
    for jargon in ("pelvic", "contralateral", "evidence", "median", "°"):
        assert jargon not in text.lower()
    assert any(
        "stands on one leg" in figure["/Alt"]
        for figure in figures(reader.trailer["/Root"]["/StructTreeRoot"])
    )


def test_everything_at_once_in_german_keeps_the_archive_standard(tmp_path):
    pdf = tmp_path / "report.pdf"
    write_pdf(report_cases.full_lab(), pdf, sections=SECTIONS, language="de")
    reader = pypdf.PdfReader(pdf)
    assert reader.trailer["/Root"]["/Lang"] == "de"
    text = text_of(pdf)
    for told in ("Die fünf Fertigkeiten", "Schrittfrequenz", "166,3", "Seite 1 von",
                 "Unterschrift"):  # fmt: skip
        assert told in text, told
    assert "166.3" not in text
    assert pdf.stat().st_size < 2_000_000


def test_letters_no_font_has_are_printed_as_numbers(tmp_path):
    report = msgspec.structs.replace(
        report_cases.bare(), notes="Grüße, Łódź, Ωμέγα, Жуков \U0010fffd\ud800."
    )
    pdf = tmp_path / "report.pdf"
    write_pdf(report, pdf)
    assert "Grüße, Łódź, Ωμέγα, Жуков [U+10FFFD]" in text_of(pdf)


def test_wrong_template_names_its_line_and_leaves_the_old_report(tmp_path):
    shipped = files("lablive.report").joinpath("session.typ").read_text()
    lines = shipped.splitlines()
    at = next(i for i, text in enumerate(lines) if text.startswith("#set page("))
    template = tmp_path / "clinic.typ"
    template.write_text("\n".join([*lines[:at], "#first.slogan", *lines[at:]]))
    pdf = tmp_path / "report.pdf"
    pdf.write_bytes(b"old")

    with pytest.raises(ConfigError, match=rf"clinic\.typ, line {at + 1}: .*slogan"):
        write_pdf(report_cases.rich(), pdf, template=template)
    assert pdf.read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "clinic.typ",
        "report.pdf",
    ]


def test_a_clinics_folder_of_templates_lies_over_the_shipped_ones(tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    pdf = tmp_path / "report.pdf"
    with pytest.raises(ConfigError, match=r"no \.typ file"):
        write_pdf(report_cases.rich(), pdf, template=own)
    shipped = files("lablive.report").joinpath("runner.typ").read_text()
    (own / "runner.typ").write_text(shipped.replace("page.saw)", '"What counts")'))
    write_pdf(report_cases.rich(), pdf, template=own, sections=("runner",))
    assert "What counts" in text_of(pdf)
    (own / "summary.typ").write_text("#let head = (\n")
    with pytest.raises(ConfigError, match=r"own/summary\.typ, line \d"):
        write_pdf(report_cases.rich(), pdf, template=own)


def test_a_clinics_own_template_is_used(tmp_path):
    template = tmp_path / "clinic.typ"
    template.write_text(
        '#let data = json("data.json").reports.first()\n'
        "#set document(title: data.title)\n"
        '#set text(font: "Inter")\nHello #data.person'
    )
    pdf = tmp_path / "report.pdf"
    write_pdf(report_cases.rich(), pdf, template=template)
    assert text_of(pdf) == "Hello LB-0042"


def test_a_logo_that_would_fill_the_report_is_refused(tmp_path):
    logo = tmp_path / "logo.png"
    logo.write_bytes(bytes(2_400_000))
    pdf = tmp_path / "report.pdf"
    with pytest.raises(ConfigError, match=r"logo\.png has 2\.4 MB.*smaller than 1 MB"):
        write_pdf(report_cases.bare(), pdf, logo=logo)
    assert not pdf.exists()


@pytest.mark.parametrize("kind", ["svg", "png", "jpg"])
def test_a_broken_logo_is_named_and_no_line_of_a_template(tmp_path, kind):
    logo = tmp_path / f"logo.{kind}"
    logo.write_text("no image at all")
    pdf = tmp_path / "report.pdf"
    with pytest.raises(ConfigError, match=rf"logo .*logo\.{kind} is damaged") as told:
        write_pdf(report_cases.bare(), pdf, logo=logo)
    assert "line" not in str(told.value).replace(str(tmp_path), "")
    assert not pdf.exists()


def test_a_table_that_cannot_be_saved_leaves_the_report_and_says_so(tmp_path):
    pdf = tmp_path / "again.pdf"
    pdf.with_suffix(".csv").mkdir()  # nothing can be saved there
    told = r"table of its numbers .*again\.csv.* The report is there: .*again\.pdf"
    with pytest.raises(ConfigError, match=told):
        save_table(pdf, b"x")


def test_places_that_cannot_be_used_are_named(tmp_path):
    report = report_cases.bare()
    with pytest.raises(ConfigError, match=r"cannot be saved as .*trial is safe"):
        write_pdf(report, tmp_path / "missing" / "report.pdf")
    with pytest.raises(ConfigError, match=r"logo .* cannot be read"):
        write_pdf(report, tmp_path / "report.pdf", logo=tmp_path / "none.png")
    with pytest.raises(ConfigError, match="not an image a report can carry"):
        write_pdf(report, tmp_path / "report.pdf", logo=tmp_path / "logo.bmp")
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    with pytest.raises(ConfigError, match="decode"):
        write_pdf(report, tmp_path / "report.pdf", logo=broken)
    assert [path.name for path in tmp_path.iterdir()] == ["broken.png"]


def test_replacing_that_fails_leaves_no_half_file(tmp_path):
    pdf = tmp_path / "report.pdf"
    pdf.mkdir()  # a file cannot replace a folder
    with pytest.raises(ConfigError, match="cannot be saved"):
        write_pdf(report_cases.bare(), pdf)
    assert [path.name for path in tmp_path.iterdir()] == ["report.pdf"]
