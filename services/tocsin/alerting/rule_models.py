"""A rule file as it is written: the shape that is validated, and from which the JSON Schema for editors is made.

What needs the contract's models (paths, values) is checked in `rules`; here stands what a rule is made of.
"""

# pyright: strict
from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from tocsin_schemas.alert import SignalStream

from .durations import parse_duration

LABEL: Final = r"^[a-zA-Z_][a-zA-Z0-9_]*$"
"""Names that Prometheus and Alertmanager take as labels."""

GEONAMES: Final = r"^geonames:\d+$"

Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    WithJsonSchema(
        {"type": "string", "pattern": r"^(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?$", "minLength": 2, "examples": ["7d"]}
    ),
]
Match = Annotated[dict[str, Any], Field(description="what a record must look like: field: value, list or range")]
Path = Annotated[str, Field(min_length=1, description="a field of the stream's records, such as place.country")]


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"expected a number, not {value!r}")
    return value


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Number = Annotated[float, BeforeValidator(_number), Field(allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Threshold(_Part):
    """When the rule holds: one comparison of what it measures."""

    gte: Number | None = Field(None, description="at least")
    gt: Number | None = Field(None, description="more than")
    lte: Number | None = Field(None, description="at most")
    lt: Number | None = Field(None, description="less than")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("expected exactly one of gte, gt, lte, lt")
        return self

    @property
    def rising(self) -> bool:
        """Whether more of what is measured makes the rule hold."""
        return self.gte is not None or self.gt is not None

    @property
    def bound(self) -> float:
        """The number that is compared with."""
        return next(bound for bound in (self.gte, self.gt, self.lte, self.lt) if bound is not None)

    def holds(self, value: float) -> bool:
        """Whether `value` meets the threshold."""
        if self.gte is not None:
            return value >= self.gte
        if self.gt is not None:
            return value > self.gt
        if self.lte is not None:
            return value <= self.lte
        return value < self.bound

    def __str__(self) -> str:
        sign = {"gte": ">=", "gt": ">", "lte": "<=", "lt": "<"}[next(iter(self.model_fields_set))]
        return f"{sign} {self.bound:g}"


class Rate(_Part):
    """How much faster than usual: the count in the window over what the baseline before it leads one to expect."""

    baseline: Duration = Field(description="the time before the window that says what is usual, such as 30d")


class Step(_Part):
    """One step of a sequence."""

    stream: SignalStream | None = Field(None, description="the stream of this step, if not the rule's")
    match: Match = {}


MeasureName = Literal["count", "count_distinct", "sum", "share_of", "rate", "absence", "silence", "sequence"]
MEASURES: Final[tuple[MeasureName, ...]] = (
    "count", "count_distinct", "sum", "share_of", "rate", "absence", "silence", "sequence",
)  # fmt: skip


class Measure(_Part):
    """What is measured: exactly one of these."""

    count: Literal[True] | None = Field(None, description="how many records match")
    count_distinct: Path | None = Field(None, description="how many different values a field has")
    sum: Path | None = Field(None, description="the sum of a number, or of the least number of a quantity")
    share_of: str | None = Field(None, description="the share of a place set that is counted, from 0 to 1")
    rate: Rate | None = Field(None, description="the count against a baseline")
    absence: Duration | None = Field(None, description="nothing matched for so long, though our sources spoke")
    silence: Duration | None = Field(None, description="nothing at all on the stream for so long")
    sequence: Annotated[list[Step], Field(min_length=2, max_length=10)] | None = Field(
        None, description="one thing after another within the window"
    )

    @model_validator(mode="before")
    @classmethod
    def _plain_count(cls, value: Any) -> Any:
        return {"count": True} if value == "count" else value

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError(f"expected exactly one of {', '.join(MEASURES)}")
        return self

    @property
    def name(self) -> MeasureName:
        """Which measure it is."""
        return next(name for name in MEASURES if name in self.model_fields_set)


class Rule(_Part):
    """One rule: when to ring, and with which words."""

    alert: Annotated[str, Field(pattern=LABEL, max_length=100)] = Field(description="its name, once in all files")
    description: str | None = Field(None, description="what it is for, and what it takes to be true")
    stream: SignalStream | None = Field(None, description="whose records it looks at")
    match: Match = {}
    measure: Measure = Field(description="what is measured")
    window: Duration | None = Field(None, description="event time that counts; on control, none means the state now")
    when: Threshold | None = Field(None, description="the threshold")
    for_: Duration = Field(timedelta(), alias="for", description="how long it must hold before it rings")
    keep_firing_for: Duration = Field(timedelta(), description="how long it rings on after it held")
    min_status: Literal["contested", "claimed", "confirmed"] | None = Field(
        None, description="how sure an item must be; without it: claimed"
    )
    min_families: Annotated[int, Field(ge=1, strict=True)] | None = Field(
        None, description="independent publisher families that must report an item"
    )
    group_by: Annotated[list[Path], BeforeValidator(_listed)] = Field(
        [], description="count apart for each value of these fields"
    )
    of: str | None = Field(None, description="the place set that the count is out of")
    steps: list[Number] = Field([], description="values above the threshold at which the alert is sent again")
    labels: dict[Annotated[str, Field(pattern=LABEL)], str] = {}
    annotations: dict[Annotated[str, Field(pattern=LABEL)], str] = {}

    @property
    def streams(self) -> set[SignalStream]:
        """The streams that it names: more than one only in a sequence."""
        named: set[SignalStream | None] = {self.stream, *(step.stream for step in self.measure.sequence or [])}
        return {stream for stream in named if stream is not None}


class PlaceSetMember(_Part):
    """A place of a set, from `since` up to, not including, `until`."""

    id: Annotated[str, Field(pattern=GEONAMES)]
    name: str = ""
    since: date | None = None
    until: date | None = None


class RawFile(_Part):
    """A file of rules of which each is still to be validated."""

    place_sets: Mapping[str, Annotated[list[PlaceSetMember], Field(min_length=1)]] = Field(
        {}, description="sets of places to count against, beside those that come with Tocsin"
    )
    rules: list[Any]


class RuleFile(RawFile):
    """A file of rules, and of place sets that they count against."""

    rules: list[Rule]
