"""The words that stand around place names, and those that only look like one."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Final

from tocsin_schemas.place import PlaceKind

from .place_names import fold

_DATA: Final = Path(__file__).parent / "data"


_CONFLICT_VERBS: Final = (
    "captured seized retook recaptured overran entered left besieged stormed liberated occupied reached".split()
)


def _listed(name: str) -> list[str]:
    return (_DATA / name).read_text(encoding="utf-8").split()


def _peoples() -> dict[str, str]:
    """Folded adjective or name of a people -> alpha-3 code of its state."""
    found: dict[str, str] = {}
    with (_DATA / "states.tsv").open(encoding="utf-8", newline="") as lines:
        for state in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            for name in state["demonyms"].split("|"):
                if name and len(fold(name).replace(" ", "")) > 2:
                    found.setdefault(fold(name), state["iso3"])
    return found


ORDINARY: Final = frozenset(_listed("ordinary_words.txt"))
"""English words that are the name of a place somewhere (Split, Nice, Man): a place only where the words around "
"say so."""
GIVEN_NAMES: Final = frozenset(_listed("given_names.txt"))
DEMONYMS: Final = _peoples()

_NOUNS: Final[dict[PlaceKind, str]] = {
    "province": "province provinces governorate governorates oblast oblasts state states prefecture department "
    "departments "
    "republic canton voivodeship emirate wilaya",
    "district": "district districts county counties neighborhood neighborhoods neighbourhood neighbourhoods quarter "
    "township subdistrict sub-district woreda commune municipality borough camp",
    "city": "city cities town towns village villages hamlet settlement settlements metropolis",
    "region": "region regions area areas valley peninsula mountains desert island islands enclave plain plains strip "
    "heights highlands territory zone front countryside",
    "border_crossing": "crossing border-crossing crossings checkpoint",
    "facility": "airport airports airfield airbase airstrip air-base base barracks garrison headquarters dam "
    "refinery prison "
    "bridge palace oilfield stadium port harbour harbor fort fortress citadel terminal "
    "monastery mosque cathedral jail",
}
KIND_NOUNS: Final[dict[str, PlaceKind]] = {noun: kind for kind, nouns in _NOUNS.items() for noun in nouns.split()}
"""A noun beside a name -> the kind of place that it makes of the name."""
FACILITY_ONLY: Final = frozenset(f"{_NOUNS['facility']} {_NOUNS['border_crossing']}".split())
UNKNOWN_NOUNS: Final = FACILITY_ONLY | frozenset(
    "province governorate oblast district county neighborhood neighbourhood suburb subdistrict town city village "
    "island valley peninsula villages towns districts provinces".split()
)
"""Nouns beside which a name that nobody knows is still believed to be a place's."""
PEOPLE_ENDING: Final = re.compile(r"(?:ian|ean|ese|ish|can|ian|nan|qi|ni|li)$")
"""How a word for a people ends: "the Crimean town" names no town."""
WEAK_NOUNS: Final = frozenset(
    "state states department departments republic territory front strip area areas zone quarter camp commune plain "
    "plains canton desert heights countryside".split()
)
"""Nouns that make an area of a name only where an area is called so ("Kansas state", not "State of Emergency")."""
PLURALS: Final = frozenset(noun for noun in KIND_NOUNS if noun.endswith("s") and not noun.endswith("ss"))
APPOSED: Final = frozenset("city town village province district capital port region governorate".split())
"""Nouns that a name may follow at once: "the city Kunduz", "the port city Latakia"."""

_QUALIFIERS: Final = (
    r"international|military|civilian|main|central|air|naval|army|oil|gas|border|provincial|northern|southern|eastern|"
    r"western|police|refugee|presidential|autonomous|people[’']s"
)
NOUN_AFTER: Final = re.compile(
    rf"[ \u00a0-](?:(?:{_QUALIFIERS})[ -]){{0,3}}("
    + "|".join(sorted(KIND_NOUNS, key=len, reverse=True))
    + r")(?![\w-])",
    re.IGNORECASE,
)
LIST_GAP: Final = re.compile(r"\s*(?:,|,? and|,? or|,? as well as|,? both|&)\s*(?:the )?")
LOCATIVE: Final = frozenset(
    [
        *"in near at from outside around into toward towards inside across to via throughout beyond through".split(),
        *_CONFLICT_VERBS,
    ]
)
"""What often stands before a place. Verbs of taking are among them: what is taken is a place or a person."""
LOCATIVE_PAIRS: Final = frozenset(
    (noun, "of")
    for noun in (
        "control fall capture recapture loss outskirts north south east west northeast northwest southeast southwest "
        "outside out siege center centre part parts most streets people suburb"
    ).split()
)
"""Pairs of words that often stand before a place."""
_FELL: Final = r"(?:fell|falls|has fallen|had fallen)(?! (?:to|by) (?:a|an|its|third|second|fourth|\d|[$£€]))"
_TAKEN: Final = (
    r"(?:was|were|has been|had been|is|being) (?:captured|seized|taken|overrun|retaken|recaptured|lost|liberated|"
    r"besieged|under|in the hands|surrounded|shelled)"
)
FALLS: Final = re.compile(
    rf"\s*(?:,[^,.]{{0,60}},)?\s*(?:{_FELL}|{_TAKEN})\b|"
    r",? (?:a|the|another|its|one of)(?: [\w-]+){0,4} (?:town|city|village|capital|district|port|stronghold|crossing)\b"
)
"""What follows a name that is a place's: "X fell", "X, a town in the north"."""
SPEECH: Final = frozenset(
    "said says told added tells warned insisted replied denied announced declared argued claimed accused vowed "
    "pledged urged demanded rejected agreed believes wants hopes".split()
)
PERSON_TITLES: Final = frozenset(
    "mr mrs ms miss dr sir lord lady gen general maj major lt lieutenant col colonel brig brigadier capt captain cmdr "
    "commander sgt sergeant adm admiral cpl corporal marshal haji mullah mawlawi maulvi maulana sheikh shaikh "
    "ayatollah "
    "imam prof professor president premier chancellor secretary minister senator sen rep representative congressman "
    "governor gov mayor ambassador envoy king queen prince princess emir sultan pope bishop archbishop cardinal father "
    "rabbi judge justice spokesman spokeswoman spokesperson chief leader director chairman chairwoman lawmaker "
    "reporter correspondent analyst activist lawyer attorney officer sayed sayyid abu bin ibn al".split()
)
SHORT_TITLE: Final = re.compile(
    r"\b(?:Gen|Col|Maj|Lt|Capt|Sgt|Cpl|Dr|Mr|Mrs|Ms|Gov|Sen|Rep|Brig|Adm|Cmdr|Prof|Hon|Rev)\. ?$"
)
"""An abbreviated title right before a name."""
TITLES: Final = PERSON_TITLES | frozenset("police army military government gov's security provincial".split())
"""Capitalized words that may follow a place without swallowing it: "Kandahar Governor X", "Helmand Police Chief"."""
AFTER_PLACE: Final = frozenset("on in at monday tuesday wednesday thursday friday saturday sunday today".split())
_TIMES: Final = AFTER_PLACE | frozenset(
    "january february march april may june july august september october november december".split()
)
_ARTICLES: Final = frozenset("al el ar as ad az an at ash".split())
MODIFIERS: Final = frozenset(
    "north south east west northern southern eastern western central northeast northwest southeast southwest "
    "upper lower "
    "northeastern northwestern southeastern southwestern greater old new downtown rural mainland metropolitan "
    "inner outer "
    "federal autonomous".split()
)
FUNCTION_WORDS: Final = frozenset(
    "the a an in on at from to near after before when while as but and or if for with by of that this these those then "
    "since until outside around inside into across through both all most some many much even only also now today "
    "yesterday meanwhile earlier later besides although though because once where which what who how why is are "
    "was were "
    "like unlike despite during under over about between among within without beyond against it its his her "
    "their our".split()
)
LINKS: Final = frozenset(
    "de da do dos du d des del di la le les los las e i ye y au aux sur of and bin ibn the".split()
)
NEVER: Final = FUNCTION_WORDS | frozenset(
    "i he she they we you mr mrs ms dr gen col sgt maj no yes not there here so do does did has have had be been can "
    "could may might must shall should will would let us".split()
)
NOT_A_NAME: Final = NEVER | PERSON_TITLES | MODIFIERS | frozenset(
    "taliban isis isil daesh un nato eu al-qaeda hezbollah hamas houthi houthis internet facebook twitter god allah "
    "parliament congress senate english arabic january february march april june july august september october "
    "november "
    "december monday tuesday wednesday thursday friday saturday sunday christmas easter ramadan eid islam christian "
    "muslim muslims christians sunni shiite shia tuareg druze hutu tutsi alawite jewish soviet yazidi "
    "kurdish kurds arab arabs western operation west nations united "
    "security council assembly court house ministry police army government state department university reuters afp ap "
    "opposition phase world war cup".split()
)  # fmt: skip
BESIDE_UNKNOWN: Final = LINKS | FUNCTION_WORDS
"""What may stand before a name that the gazetteer lacks."""
BEFORE_PLACE: Final = FUNCTION_WORDS | LINKS | _TIMES | MODIFIERS | frozenset(DEMONYMS) | frozenset(KIND_NOUNS)
"""Capitalized words that may stand before a place without making it part of a longer name ("Afghan", "Eastern")."""
MAY_FOLLOW: Final = frozenset(KIND_NOUNS) | TITLES | LINKS | AFTER_PLACE
ENDS_UNKNOWN: Final = (frozenset(KIND_NOUNS) | LINKS | TITLES) - _ARTICLES
"""Capitalized words that a longer unknown name does not run into."""
