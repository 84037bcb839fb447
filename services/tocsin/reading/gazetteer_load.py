"""Fills a `Gazetteer` from the files of `data/`: the compact rows first, then the hand-checked tables over them."""

from __future__ import annotations

import csv
import json
import sys
import zlib
from array import array
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from .gazetteer import KINDS, Columns, Entry, Gazetteer

DATA: Final = Path(__file__).parent / "data"


@lru_cache(maxsize=1)
def load() -> Gazetteer:
    """The gazetteer of this installation, one per process. Raises FileNotFoundError when a data file is missing."""
    gazetteer = Gazetteer(read_columns((DATA / "gazetteer.bin").read_bytes()))
    gazetteer.index_ids()
    _add_states(gazetteer)
    _add_capitals(gazetteer)
    _add_regions(gazetteer)
    _add_more_places(gazetteer)
    _add_exonyms(gazetteer)
    return gazetteer


def read_columns(packed: bytes) -> Columns:
    """The columns of a gazetteer.bin as `gazetteer_build` packs it."""
    raw = zlib.decompress(packed)
    end = raw.index(b"\n")
    header = json.loads(raw[:end])
    sections: dict[str, bytes] = {}
    at = end + 1
    for name, size in header["sections"].items():
        sections[name] = raw[at : at + size]
        at += size
    keys = sections["keys"].decode().split("\n")
    return Columns(
        names=sections["names"].decode().split("\n"),
        kinds=sections["kinds"],
        country_codes=header["countries"],
        countries=_numbers("H", sections["countries"]),
        division_codes=header["divisions"],
        divisions=_numbers("H", sections["divisions"]),
        ids=_numbers("I", sections["ids"]),
        populations=_numbers("I", sections["populations"]),
        latitudes=_numbers("i", sections["latitudes"]),
        longitudes=_numbers("i", sections["longitudes"]),
        keys=dict(zip(keys, range(len(keys)), strict=True)),
        offsets=_numbers("I", sections["offsets"]),
        postings=_numbers("I", sections["postings"]),
        sounds=sections["sounds"].decode(),
        sound_offsets=_numbers("I", sections["sound_offsets"]),
        sound_keys=_numbers("I", sections["sound_keys"]),
    )


def _numbers(code: str, body: bytes) -> array[int]:
    column = array(code)
    column.frombytes(body)
    if sys.byteorder == "big":
        column.byteswap()
    return column


def table(name: str) -> Iterator[dict[str, str]]:
    """The rows of a tab-separated file of `data/`."""
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def _split(names: str) -> list[str]:
    return [name for name in names.split("|") if name]


def _add_states(gazetteer: Gazetteer) -> None:
    known = {gazetteer.country_of(row): row for row in gazetteer.rows_of_kind("country")}
    for state in table("states.tsv"):
        names = _split(state["names"])
        row = known.get(state["iso3"])
        if row is None:
            row = gazetteer.add(Entry(0, names[0], "country", state["iso3"], ""), names)
        else:
            gazetteer.describe(replace(gazetteer.entry(row), name=names[0]))
            gazetteer.name(row, names)
        gazetteer.is_state(state["iso3"], row)


def _add_capitals(gazetteer: Gazetteer) -> None:
    divisions: dict[str, int] = {}
    for row in gazetteer.rows_of_kind("province"):
        entry = gazetteer.entry(row)
        if entry.admin1:
            divisions.setdefault(entry.admin1, row)
    for line in table("admin1_capitals.tsv"):
        iso, country = line["admin1_iso"], line["country"]
        row = divisions.get(iso)
        names = [line["admin1_name"], *_split(line["admin1_aliases"])]
        if row is None:
            row = gazetteer.add(Entry(0, names[0], "province", country, iso), names)
        else:
            gazetteer.describe(replace(gazetteer.entry(row), name=names[0], country=country))
            gazetteer.name(row, names)
        capital = _add_capital(gazetteer, line)
        gazetteer.is_division(iso, row, capital)
        if line["is_national_capital"] == "1":
            gazetteer.is_national_capital(country, capital)


def _add_capital(gazetteer: Gazetteer, line: dict[str, str]) -> int:
    names = [line["capital_name"], *_split(line["aliases"])]
    known = gazetteer.by_geonames_id(int(line["geonames_id"])) if line["geonames_id"] else None
    ours = Entry(
        row=0,
        name=names[0],
        kind="city",
        country=line["country"],
        admin1=line["admin1_iso"],
        geonames_id=int(line["geonames_id"] or 0),
        population=known.population if known else 0,
        lat=float(line["lat"]),
        lon=float(line["lon"]),
        is_admin1_capital=True,
        is_national_capital=line["is_national_capital"] == "1",
    )
    if known is None:
        return gazetteer.add(ours, names)
    if not known.is_admin1_capital:
        gazetteer.describe(replace(ours, row=known.row))
    gazetteer.name(known.row, names)
    return known.row


def _add_regions(gazetteer: Gazetteer) -> None:
    for region in table("regions.tsv"):
        names = _split(region["names"])
        gazetteer.add(Entry(0, names[0], "region", region["country"], ""), names)


def _add_more_places(gazetteer: Gazetteer) -> None:
    for line in table("more_places.tsv"):
        if line["kind"] not in KINDS:
            raise ValueError(f"more_places.tsv: {line['kind']!r} is none of {', '.join(KINDS)}")
        names = _split(line["names"])
        lat, lon = float(line["lat"]), float(line["lon"])
        kind = KINDS[KINDS.index(line["kind"])]  # type: ignore[arg-type]
        gazetteer.add(Entry(0, names[0], kind, line["country"], line["admin1"], lat=lat, lon=lon), names)


def _add_exonyms(gazetteer: Gazetteer) -> None:
    for line in table("exonyms.tsv"):
        division = gazetteer.division(line["name"])
        found = [division] if division else gazetteer.find(line["name"], line["country"])
        if not found:
            raise ValueError(f"exonyms.tsv: no place {line['name']!r} in {line['country']}")
        gazetteer.name(found[0].row, _split(line["also"]))
