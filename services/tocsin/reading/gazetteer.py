"""The places that the project knows, and how to find them by name.

    gazetteer = Gazetteer.load()                      # about 0.3 s, once per process
    gazetteer.find("Qunduz")                          # entries of that name, best known first
    gazetteer.find_sounding("Feyzabad", "AFG")        # spellings of one name, within a country
    gazetteer.capital_of("AF-BDS")                    # Faizabad
    gazetteer.country_capital("AFG")                  # Kabul

Places are rows of GeoNames (cities, districts, divisions: `data/gazetteer.bin`), of the hand-checked table of
provinces and their capitals (`data/admin1_capitals.tsv`), states (`data/states.tsv`) and named regions
(`data/regions.tsv`); `data/README.md` names sources and licences.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from .place_names import alike, fold, key, skeleton

EntryKind = Literal["city", "district", "province", "country", "region", "facility", "border_crossing"]
KINDS: Final[tuple[EntryKind, ...]] = (
    "city",
    "district",
    "province",
    "country",
    "region",
    "facility",
    "border_crossing",
)
"""The first four in the order of the numbers in gazetteer.bin."""
SOUNDS_ALIKE: Final = 0.8
"""Least likeness of two spellings of one name ("Zliten", "Zlitan": 0.83) that share their consonants."""


TRANSLITERATED: Final = frozenset(
    (
        "AFG ARE ARM AZE BGD BGR BHR BIH BLR BTN CHN DJI DZA EGY ERI ETH GEO IND IRN IRQ ISR JOR KAZ KGZ KHM KOR KWT "
        "LAO LBN LBY LKA MAR MDA MKD MLI MMR MNE MNG MRT NER NPL OMN PAK PRK PSE QAT RUS SAU SDN SOM SRB SSD SYR TCD "
        "THA TJK TKM TUN TUR UKR UZB XKX YEM ESH"
    ).split()
)
"""Countries whose place names English writes in several ways."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One place of the gazetteer. `row` is its number there; `geonames_id` 0 where GeoNames has none.

    `country` is ISO 3166-1 alpha-3 ("" when it lies in several), `admin1` ISO 3166-2 or "". Coordinates are WGS 84
    degrees of a town and None of an area.
    """

    row: int
    name: str
    kind: EntryKind
    country: str
    admin1: str
    geonames_id: int = 0
    population: int = 0
    lat: float | None = None
    lon: float | None = None
    is_admin1_capital: bool = False
    is_national_capital: bool = False

    @property
    def place_id(self) -> str | None:
        """The id that the contract uses."""
        return f"geonames:{self.geonames_id}" if self.geonames_id else None


@dataclass(slots=True)
class Columns:
    """The rows of `data/gazetteer.bin`, column by column, and the rows of each name and the names of each sound."""

    names: list[str]
    kinds: bytes
    country_codes: list[str]
    countries: array[int]
    division_codes: list[str]
    divisions: array[int]
    ids: array[int]
    populations: array[int]
    latitudes: array[int]
    longitudes: array[int]
    keys: dict[str, int]
    offsets: array[int]
    postings: array[int]
    sounds: str
    sound_offsets: array[int]
    sound_keys: array[int]


@dataclass(slots=True)
class Gazetteer:
    """All places, by row, by name and by sound. Make it with `load()`; it is read-only then and may be shared."""

    _columns: Columns
    _added: list[Entry] = field(default_factory=list)
    _added_keys: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _renamed: dict[int, Entry] = field(default_factory=dict)
    _division_rows: dict[str, int] = field(default_factory=dict)
    _capital_rows: dict[str, int] = field(default_factory=dict)
    _serves: dict[int, tuple[str, ...]] = field(default_factory=dict)
    _national: dict[str, int] = field(default_factory=dict)
    _state_rows: dict[str, int] = field(default_factory=dict)
    _by_id: dict[int, int] = field(default_factory=dict)
    _entries: dict[int, Entry] = field(default_factory=dict)
    _sounds: dict[str, int] = field(default_factory=dict)
    _key_names: list[str] = field(default_factory=list)
    _added_sounds: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def load(cls) -> Gazetteer:
        """The gazetteer of this installation. Raises FileNotFoundError when its data files are missing."""
        from .gazetteer_load import load

        return load()

    # -- entries ---------------------------------------------------------------------------------------------

    def entry(self, row: int) -> Entry:
        """The place in row `row`."""
        if row >= len(self._columns.names):
            return self._added[row - len(self._columns.names)]
        found = self._renamed.get(row) or self._entries.get(row)
        if found is None:
            found = self._entries[row] = self._make_entry(row)
        return found

    def _make_entry(self, row: int) -> Entry:
        kind = KINDS[self._columns.kinds[row]]
        is_point = kind == "city"
        return Entry(
            row,
            self._columns.names[row],
            kind,
            self._columns.country_codes[self._columns.countries[row]],
            self._columns.division_codes[self._columns.divisions[row]],
            self._columns.ids[row],
            self._columns.populations[row],
            self._columns.latitudes[row] / 1e5 if is_point else None,
            self._columns.longitudes[row] / 1e5 if is_point else None,
        )

    def population(self, row: int) -> int:
        """How many people live there, 0 when unknown or an area."""
        return self._columns.populations[row] if row < len(self._columns.names) else 0

    def country_of(self, row: int) -> str:
        """The alpha-3 code of the country of `row`, without making its entry."""
        if row >= len(self._columns.names):
            return self._added[row - len(self._columns.names)].country
        return self._columns.country_codes[self._columns.countries[row]]

    # -- names -----------------------------------------------------------------------------------------------

    def rows(self, name_key: str) -> tuple[int, ...]:
        """The rows that are called so, by a key of `place_names.key`; in no order."""
        number = self._columns.keys.get(name_key)
        rows = (
            ()
            if number is None
            else tuple(self._columns.postings[self._columns.offsets[number] : self._columns.offsets[number + 1]])
        )
        added = self._added_keys.get(name_key)
        return rows if added is None else (*dict.fromkeys((*added, *rows)),)

    def knows(self, name_key: str) -> bool:
        """Whether anything is called so."""
        return name_key in self._columns.keys or name_key in self._added_keys

    def find(self, name: str, country: str | None = None) -> list[Entry]:
        """Places of this name (in `country`, alpha-3), whatever its case, accents and articles; best known first."""
        entries = [self.entry(row) for row in self.rows(key(name))]
        if country:
            entries = [entry for entry in entries if entry.country == country]
        return sorted(entries, key=lambda entry: -self.prominence(entry, name))

    def find_sounding(self, name: str, country: str, least: float = SOUNDS_ALIKE) -> list[Entry]:
        """Places of `country` whose name sounds like `name`, most alike first.

        Guards against false joins: the consonants must be the same, and the whole name alike by `least`, or nearly
        equal where there are only two consonants or where the country writes its names in Latin letters itself.
        """
        wanted = key(name)
        consonants = skeleton(name)
        if len(wanted) < 4:
            return []
        if len(consonants) < 3 or country not in TRANSLITERATED:
            least = 0.99
        best: dict[int, float] = {}
        for spelling, row in self._sounding(consonants):
            if self.country_of(row) != country:
                continue
            likeness = alike(wanted, spelling)
            if likeness >= least:
                best[row] = max(best.get(row, 0.0), likeness)
        entries = {row: self.entry(row) for row in best}
        return sorted(entries.values(), key=lambda e: -best[e.row] - 0.05 * self.prominence(e, name))

    def _sounding(self, consonants: str) -> Iterator[tuple[str, int]]:
        """The names, and their rows, that have these consonants."""
        columns = self._columns
        if not self._sounds:
            self._sounds = {sound: number for number, sound in enumerate(columns.sounds.split("\n"))}
            self._key_names = list(columns.keys)
            for name in self._added_keys:
                self._added_sounds[skeleton(name)].append(name)
        number = self._sounds.get(consonants)
        if number is not None:
            for key_number in columns.sound_keys[columns.sound_offsets[number] : columns.sound_offsets[number + 1]]:
                name = self._key_names[key_number]
                for row in columns.postings[columns.offsets[key_number] : columns.offsets[key_number + 1]]:
                    yield name, row
        for name in self._added_sounds.get(consonants, ()):
            for row in self._added_keys[name]:
                yield name, row

    def prominence(self, entry: Entry, name: str = "") -> float:
        """How likely a bare name means this place: 0 a hamlet, about 1 a large or ruling one, 1.5 a state."""
        if entry.kind == "country":
            return 1.5
        if entry.kind == "region":
            return 0.9
        if entry.kind == "province":
            score = 0.62
        elif entry.kind == "district":
            score = 0.1
        elif not entry.geonames_id:
            score = 0.4
        else:
            unknown = 0.3 if entry.is_admin1_capital else 0.12  # a capital whose people nobody counted is no hamlet
            score = min(0.8, len(str(entry.population // 100)) * 0.12) if entry.population else unknown
            score += 0.35 if entry.is_national_capital else 0.2 if entry.is_admin1_capital else 0.0
        if name and fold(entry.name) == fold(name):
            score += 0.1
        elif name and key(entry.name) != key(name):
            score -= 0.1
        return score

    # -- what belongs to what --------------------------------------------------------------------------------

    def division(self, iso: str) -> Entry | None:
        """The province with this ISO 3166-2 code."""
        return self._entry_of(self._division_rows.get(iso))

    def capital_of(self, iso: str) -> Entry | None:
        """The capital of the province with this ISO 3166-2 code."""
        return self._entry_of(self._capital_rows.get(iso))

    def serves(self, entry: Entry) -> tuple[str, ...]:
        """The ISO 3166-2 codes of the provinces that `entry` is the capital of (sometimes more than its own)."""
        return self._serves.get(entry.row, ())

    def country(self, iso3: str) -> Entry | None:
        """The state as a place."""
        return self._entry_of(self._state_rows.get(iso3))

    def country_capital(self, iso3: str) -> Entry | None:
        """The capital of a state, where the tables have one."""
        return self._entry_of(self._national.get(iso3))

    def by_geonames_id(self, geonames_id: int) -> Entry | None:
        """The place with this GeoNames id."""
        return self._entry_of(self._by_id.get(geonames_id))

    def _entry_of(self, row: int | None) -> Entry | None:
        return None if row is None else self.entry(row)

    # -- filling (used by gazetteer_load) --------------------------------------------------------------------

    def add(self, entry: Entry, names: list[str]) -> int:
        """Adds a place that `Columns` lacks under `names`; its row is set here. Returns the row."""
        row = len(self._columns.names) + len(self._added)
        self._added.append(replace(entry, row=row))
        self.name(row, names)
        return row

    def name(self, row: int, names: list[str]) -> None:
        """Makes `row` known by further names."""
        for name in names:
            name_key = key(name)
            if name_key and row not in self.rows(name_key):
                self._added_keys[name_key].append(row)

    def describe(self, entry: Entry) -> None:
        """Replaces what `Columns` says of the row by what a hand-checked table says."""
        if entry.row >= len(self._columns.names):
            self._added[entry.row - len(self._columns.names)] = entry
        else:
            self._renamed[entry.row] = entry

    def is_state(self, iso3: str, row: int) -> None:
        """Makes `row` the place of a state."""
        self._state_rows[iso3] = row

    def is_division(self, iso: str, row: int, capital: int) -> None:
        """Makes `row` the province `iso` and the row `capital` its capital."""
        self._division_rows[iso] = row
        self._capital_rows[iso] = capital
        self._serves[capital] = (*self._serves.get(capital, ()), iso)

    def is_national_capital(self, iso3: str, row: int) -> None:
        """Makes `row` the capital of a state."""
        self._national[iso3] = row

    def rows_of_kind(self, kind: EntryKind) -> list[int]:
        """The rows of `Columns` of one kind."""
        number = KINDS.index(kind)
        return [row for row, each in enumerate(self._columns.kinds) if each == number]

    def index_ids(self) -> None:
        """Makes `by_geonames_id` work; towns win where an area has the same id."""
        self._by_id = dict(zip(self._columns.ids, range(len(self._columns.ids)), strict=True))
