"""What a person can be: plausible bodies, codes without names, places of sensors."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import TYPE_CHECKING, Final

from lablive.errors import ConfigError, LibraryError
from lablive.names import IMU_SITES, MUSCLES, SIDES, site_words
from lablive.recording.folders import check_code
from lablive.signals.montage import PLAUSIBLE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lablive.library.records import Person

OLDEST_YEARS: Final = 120
LONGEST: Final = {"given_name": 80, "family_name": 80, "notes": 20_000}
_LEAST_NAME: Final = 3  # letters; shorter ones are in many codes by chance
_LEG_OF_HEIGHT: Final = (0.35, 0.65)  # [design] trochanter height over body height
_NUMBERED: Final = re.compile(r"(.*?)(\d+)")
# letters that Unicode does not take apart
_LETTERS: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
FIRST_CODE: Final = "LB-0001"

# place of a sensor -> how a person says it
PLACES: Final[dict[str, str]] = {
    **{f"insole_{side}": f"{side} insole" for side in SIDES},
    **{f"imu_{site}": site_words(site) for site in IMU_SITES},
    **{
        f"emg_{muscle}_{side}": f"{side} {muscle.replace('_', ' ')}"
        for muscle in MUSCLES
        for side in SIDES
    },
}
_WORDS: Final = {
    "mass_kg": ("A body mass of {:g} kg", "{:g} to {:g} kg"),
    "height_m": ("A height of {:g} m", "{:g} to {:g} m"),
    "leg_length_m": ("A leg length of {:g} m", "{:g} to {:g} m"),
}


def problems(person: Person) -> dict[str, str]:
    """Return what is wrong with a person: field -> one sentence with its remedy."""
    found: dict[str, str] = {}
    try:
        check_code(person.code)
    except ConfigError as error:
        found["code"] = str(error)
    else:
        hidden = name_in_code(person)
        if hidden:
            found["code"] = (
                f"The code {person.code} holds the name {hidden}: it becomes part of "
                "file names. Use a code that says nothing of the person."
            )
    for field, (what, wanted) in _WORDS.items():
        value = getattr(person, field)
        low, high = PLAUSIBLE["subject", field]
        if value is not None and not low <= value <= high:
            found[field] = (
                f"{what.format(value)} is not plausible. Enter "
                f"{wanted.format(low, high)}, or leave it empty."
            )
    if not found.keys() & {"height_m", "leg_length_m"}:
        found |= _leg_problem(person)
    found |= _year_problem(person.birth_year)
    for field, longest in LONGEST.items():
        if len(getattr(person, field)) > longest:
            found[field] = f"This is too long: {longest} characters at most."
    unknown = [place for place in person.affected_sensors if place not in PLACES]
    if unknown:
        found["affected_sensors"] = f"Not a place of a sensor: {', '.join(unknown)}."
    return found


def check(person: Person) -> None:
    """Refuse a person with problems.

    Raises
    ------
    LibraryError
        Kind ``wrong``: every problem at once.
    """
    found = problems(person)
    if found:
        raise LibraryError("wrong", " ".join(found.values()), still="Nothing changed.")


def plain(text: str) -> str:
    """Return a text as it is compared and searched: no case, accents or double space.

    >>> plain("  Müller-Lüdenscheidt,  Ångström ")
    'muller-ludenscheidt, angstrom'
    """
    small = unicodedata.normalize("NFKD", text).casefold()
    apart = unicodedata.normalize("NFKD", small)
    letters = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return " ".join(letters.translate(_LETTERS).split())


def name_in_code(person: Person) -> str:
    """Return the name that the code gives away; "" when it holds none."""
    code = plain(person.code)
    for name in (person.family_name, person.given_name):
        for part in re.split(r"[\s,.'-]+", plain(name)):
            if len(part) >= _LEAST_NAME and part in code:
                return name
    return ""


def next_code(taken: Iterable[str]) -> str:
    """Return the code after the newest of those that end in a number.

    >>> next_code(["LB-0007", "LB-0012", "guest"])
    'LB-0013'
    """
    numbered = [found for code in taken if (found := _NUMBERED.fullmatch(code))]
    if not numbered:
        return FIRST_CODE
    # the clinic's own way of writing: that of most codes
    heads = [found[1] for found in numbered]
    head = max(dict.fromkeys(heads), key=heads.count)
    own = [found[2] for found in numbered if found[1] == head]
    last = max(own, key=int)
    return f"{head}{int(last) + 1:0{len(last)}d}"


def _leg_problem(person: Person) -> dict[str, str]:
    height_m, leg_m = person.height_m, person.leg_length_m
    if height_m is None or leg_m is None:
        return {}
    low_m, high_m = (share * height_m for share in _LEG_OF_HEIGHT)
    if low_m <= leg_m <= high_m:
        return {}
    return {
        "leg_length_m": f"A leg length of {leg_m:g} m does not go with a height of "
        f"{height_m:g} m. Measure from the greater trochanter to the floor "
        f"({low_m:.2f} to {high_m:.2f} m)."
    }


def _year_problem(year: int | None) -> dict[str, str]:
    this = date.today().year
    if year is None or this - OLDEST_YEARS <= year <= this:
        return {}
    return {
        "birth_year": f"The birth year {year} is not plausible. Enter "
        f"{this - OLDEST_YEARS} to {this}, or leave it empty."
    }
