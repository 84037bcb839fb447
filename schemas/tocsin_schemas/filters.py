"""Which records a subscriber wants: by country, and by how sure they are. No Kafka in here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast, get_args

from .control import Control
from .incident import Incident

MinStatus = Literal["contested", "claimed", "confirmed"]
SURENESS: Final[dict[str, int]] = {"retracted": 0, "contested": 1, "claimed": 2, "confirmed": 3}
"""Status of an incident, or of who holds a place -> how sure it is."""
OF_MODALITY: Final[dict[str, str]] = {"denied": "contested", "claimed": "claimed", "asserted": "confirmed"}
"""What the modality of one article's event counts as (docs/rules.md, `min_status`)."""
_COUNTRY: Final = re.compile(r"(.*[._])?country")


def countries_of(told: Any) -> set[str]:
    """Every country code (ISO 3166-1 alpha-3) in a record's JSON, however deep, also in labels like `place.country`."""
    if isinstance(told, dict):
        fields = cast(dict[str, Any], told)
        own = {value for name, value in fields.items() if isinstance(value, str) and _COUNTRY.fullmatch(name)}
        return own.union(*(countries_of(value) for value in fields.values()))
    if isinstance(told, list):
        return set[str]().union(*(countries_of(value) for value in cast(list[Any], told)))
    return set()


def status_of(told: dict[str, Any]) -> str | None:
    """How sure a record's JSON is: its status, or what its modality counts as; None where it has neither.

    An event that was taken back is "retracted".
    """
    if told.get("retracted") is True:
        return "retracted"
    status = told.get("status")
    if isinstance(status, str) and status in SURENESS:
        return status
    return OF_MODALITY.get(str(told.get("modality")))


@dataclass(slots=True)
class Wanted:
    """What one reader of topics wants: records in which `country` stands, and that are as sure as `min_status`.

    An alert names a country in a label only: its rule's own, or one that it groups by. What takes an event back always
    passes `min_status`. An incident or a place that falls below it is told once, so that nobody goes on believing what no
    longer holds; so is one whose earlier revisions this reader did not see. For that the keys are remembered, some hundred
    bytes each, where `min_status` is set.
    """

    country: str | None = None
    min_status: str | None = None
    _believed: dict[str, bool] = field(default_factory=dict[str, bool], init=False, repr=False)

    def takes(self, told: dict[str, Any], key: str) -> bool:
        """Whether this record's JSON is wanted: to be asked once a record, in the order of the topic. `key` is Kafka's."""
        if self.country is not None and self.country not in countries_of(told):
            return False
        status = status_of(told)
        if self.min_status is None or status is None:
            return True
        sure = SURENESS[status] >= SURENESS[self.min_status]
        if "modality" in told:
            return sure or status == "retracted"
        believed = self._believed.get(key, bool(told.get("revision") != 1))
        self._believed[key] = sure
        return sure or believed


def check(country: str | None, min_status: str | None, model: type[Any]) -> None:
    """Raises ValueError, which says what to give, for a filter that no record of `model` could pass."""
    if country is not None and not (len(country) == 3 and country.isascii() and country.isupper()):
        raise ValueError(f"country is an ISO 3166-1 code of three capitals, such as AFG, not {country!r}")
    if min_status is None:
        return
    if min_status not in get_args(MinStatus):
        raise ValueError(f"min_status is one of {', '.join(get_args(MinStatus))}, not {min_status!r}")
    if model not in (Control, Incident) and "modality" not in model.model_fields:
        raise ValueError(f"min_status is for events, incidents and control, not for {model.__name__.lower()}s")
