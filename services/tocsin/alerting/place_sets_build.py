"""Makes data/admin1_capitals.tsv, from which the built-in place sets are drawn, of the gazetteer's table.

    python -m tocsin.alerting.place_sets_build

Reads the file of `tocsin.reading` as data. Source and licence: GeoNames, CC BY 4.0 (see the header of the file).
"""

from __future__ import annotations

import csv
import re
import unicodedata
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).parents[1] / "reading" / "data"
TARGET: Final = Path(__file__).parent / "data" / "admin1_capitals.tsv"

HEADER: Final = """\
# Capitals of first-level administrative divisions, one row a city. Made by tocsin.alerting.place_sets_build.
# GeoNames (https://www.geonames.org), CC BY 4.0; changed: joined with ISO 3166-2, filtered, curated.
# term: what the country calls its divisions; since: the day from which the city is such a capital (empty: always).
"""
COLUMNS: Final = ("country", "slug", "term", "place", "name", "admin1", "national", "since")

TERMS: Final = {
    "provincial": "AFG PAK COD TUR IRN ARG CAN CHN LAO VNM KHM DZA RWA BDI ZAF",
    "governorate": "SYR IRQ YEM EGY JOR LBN TUN KWT BHR PSE",
    "oblast": "UKR KAZ KGZ BLR",
    "county": "KEN",
    "state": "NGA SDN SSD IND BRA MEX VEN USA AUS DEU AUT MYS",
    "regional": "MLI BFA NER TCD CMR ETH ERI SOM GEO ITA NAM TZA CAF SEN",
}
"""What countries call such capitals; elsewhere sets are called "<country>-admin1-capitals"."""

SINCE: Final = {
    "AF-DAY": "2004-03-28",  # Daykundi was made a province of the south of Uruzgan
    "AF-PAN": "2004-04-13",  # Panjshir was made a province of the north of Parwan
}


def build() -> str:
    """The text of the table. Raises OSError when the gazetteer's data is not there."""
    terms = {country: term for term, countries in TERMS.items() for country in countries.split()}
    names = {row["iso3"]: row["names"].split("|")[0] for row in _rows(SOURCE / "states.tsv")}
    lines = [HEADER + "\t".join(COLUMNS)]
    seen: set[tuple[str, str]] = set()
    for row in _rows(SOURCE / "admin1_capitals.tsv"):
        country = row["country"]
        place = f"geonames:{row['geonames_id']}" if row["geonames_id"] else ""
        if (country, place or row["capital_name"]) in seen:  # one city may be the seat of two divisions
            continue
        seen.add((country, place or row["capital_name"]))
        values = (
            country, _slug(names.get(country, country)), terms.get(country, "admin1"), place, row["capital_name"],
            row["admin1_iso"], row["is_national_capital"], SINCE.get(row["admin1_iso"], ""),
        )  # fmt: skip
        lines.append("\t".join(values))
    return "\n".join(lines) + "\n"


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


if __name__ == "__main__":
    TARGET.write_text(build(), encoding="utf-8")
