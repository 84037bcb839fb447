"""Where: a name in the text tied to a gazetteer entry, never finer than the text supports."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .base import CountryCode, Mention

PlaceKind = Literal["capital", "city", "district", "province", "facility", "border_crossing", "region", "country"]
PlacePrecision = Literal["exact", "near", "admin1", "country"]


class Place(Mention):
    """A place as named (`text`, offsets) and as resolved.

    `id` is "geonames:<number>" or null when the gazetteer does not know the name; `admin1` is ISO 3166-2;
    `lat`/`lon` are WGS 84 degrees. Only `exact` places move control.
    """

    id: str | None = None
    name: str
    kind: PlaceKind
    country: CountryCode | None = None
    admin1: Annotated[str, Field(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,4}$")] | None = None
    is_admin1_capital: bool = False
    is_national_capital: bool = False
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    precision: PlacePrecision
