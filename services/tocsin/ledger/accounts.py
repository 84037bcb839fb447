"""An account: one event as the ledger keeps it, small and plain, with everything the folds look at.

    account = Weigher(Families.load()).account(event)
    merged(older, newer)                 # the same event again: corrected, or taken back

Days are proleptic ordinals (`date.toordinal`), knowledge times are microseconds since 1970 in UTC.
"""

# pyright: strict
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

from tocsin_schemas import Actor, Capture, Diplomacy, EventDate, Statement, Surrender
from tocsin_schemas.events import DatePrecision, EventType, Modality, Side
from tocsin_schemas.topics import EVENT_TOPICS, actor_key, place_key

from .copies import signature
from .families import Families, Medium

LedgerEvent = Capture | Surrender | Statement | Diplomacy

Voice = Literal["own", "concession", "claim", "denial"]
"""Whose word it is: the outlet's own, one against the speaker's interest, the gaining side's, or a denial."""
Mention = Literal["verbal", "state", "nominal"]

PRECISE_DAYS: Final = 3
"""A date of the text that spans more days than this ("last month") only bounds when it happened."""
SKEW_DAYS: Final = 1
"""The publication day may lag the outlet's own day by this much; what is dated later still counts as undated."""

_CIVILIANS: Final = frozenset(
    [
        "resident", "residents", "witness", "witnesses", "villager", "villagers", "shopkeeper", "shopkeepers",
        "civilian", "civilians", "locals", "inhabitant", "inhabitants", "refugee", "refugees", "activist", "activists",
    ]
)  # fmt: skip
"""Their word is as good as the outlet's own, but no concession of a side."""
FACILITIES: Final = frozenset(["facility", "border_crossing"])
INEXACT: Final = "~"
"""Stands in the group of places that are not named exactly, before the precision."""
SENTENCE: Final = 2_000
"""Characters of a sentence that are kept: a text without full stops is one sentence. Its offsets stay as they are."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Count = tuple[float | None, float | None, float | None, float | None]
"""Value, minimum, maximum, fraction: `tocsin_schemas.Quantity` without its words."""


class Party(NamedTuple):
    """An actor without its place in a text. `id` null: nobody known."""

    id: str | None
    name: str | None
    kind: str
    country: str | None
    plover: str | None


class Trace(NamedTuple):
    """Where an account stands in its article: `tocsin_schemas.Evidence`, flat."""

    field: str
    start: int
    end: int
    sentence_start: int
    sentence_end: int
    trigger: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Account:
    """One event as the ledger weighs it. Only `merged` makes one out of two.

    `direction` and `origin` are the sides that gain and lose: allies are one side. Null when nobody known is named.
    """

    id: str
    type: EventType
    group: str
    revision: int
    retracted: bool
    article: str
    url: str | None
    publisher: str
    family: str
    published: int
    withdrawn: int | None
    voice: Voice
    modality: Modality
    side: Side
    said_by: str | None
    first_day: int | None
    last_day: int
    precision: DatePrecision
    textual: bool
    parties: tuple[Party, ...]
    direction: str | None
    origin: str | None
    kind: str
    partial: bool
    mention: Mention
    recapture: bool
    ordinal: int | None
    count: Count | None
    of: str | None
    since_day: int | None
    trace: Trace
    signature: str

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def toward(self) -> Party | None:
        """The gaining side of a capture or a place's surrender, when one is named."""
        return self.parties[0] if self.parties and self.parties[0] != NOBODY else None

    @property
    def away_from(self) -> Party | None:
        """The losing side, when one is named."""
        return self.parties[1] if len(self.parties) > 1 and self.parties[1] != NOBODY else None

    @property
    def precise(self) -> bool:
        """Whether the text gives the day, give or take PRECISE_DAYS."""
        return self.textual and self.first_day is not None and self.last_day - self.first_day <= PRECISE_DAYS

    @property
    def coarse(self) -> bool:
        """Whether the text gives only a week, a month or a year."""
        return self.textual and not self.precise

    @property
    def day(self) -> int:
        """Where it stands on the time line: its first day, or the publication day when the text gives none."""
        return self.first_day if self.precise and self.first_day is not None else self.last_day

    def stands_at(self, known_at: int | None) -> bool:
        """Whether it was not taken back, as far as was known at `known_at` (null: all that is known)."""
        return self.withdrawn is None or (known_at is not None and self.withdrawn > known_at)


NOBODY: Final = Party(None, None, "unknown", None, None)


def merged(one: Account, other: Account) -> Account:
    """Two versions of one event: the later revision's words, known since the earlier one's publication.

    Commutative, associative and idempotent, so that neither order nor repetition matters.
    """
    newest = max(one, other, key=_version)
    taken_back = [a.withdrawn for a in (one, other) if a.withdrawn is not None and _version(a) == _version(newest)]
    return replace(
        newest,
        published=min(one.published, other.published),
        withdrawn=min(taken_back) if taken_back else None,
    )


def _version(account: Account) -> tuple[Any, ...]:
    return (account.revision, account.retracted, repr(replace(account, published=0, withdrawn=None)))


@dataclass(frozen=True, slots=True)
class Weigher:
    """Makes accounts of events: whose word it is, by the publisher families and the attribution."""

    families: Families

    def account(self, event: LedgerEvent) -> Account:
        """The account of `event`; `published` and, when it is retracted, `withdrawn` are its article's publication."""
        published = micros(event.article.published_at)
        parties = _parties(event)
        family = self.families.family_of(event.article)
        first, last, precision, textual = _when(event.date, event.article.published_at.date())
        evidence = event.evidence
        medium = self.families.medium(family, event.article.published_at.date())
        direction, origin = self._directions(event)
        said_by = event.attribution
        return Account(
            id=event.id,
            type=event.type,
            group=group_of(event),
            revision=event.article.revision,
            retracted=event.retracted,
            article=event.article.id,
            url=event.article.url,
            publisher=event.article.publisher,
            family=family,
            published=published,
            withdrawn=published if event.retracted else None,
            voice=voice_of(event, medium),
            modality=event.modality,
            side=said_by.side if said_by else "unknown",
            said_by=(said_by.name or said_by.text) if said_by else None,
            first_day=first,
            last_day=last,
            precision=precision,
            textual=textual,
            parties=parties,
            direction=direction,
            origin=origin,
            kind=_kind(event),
            partial=isinstance(event, Capture) and event.extent == "partial",
            mention=event.mention if isinstance(event, Capture) else "verbal",
            recapture=isinstance(event, Capture) and event.recapture,
            ordinal=event.ordinal if isinstance(event, Capture) else None,
            count=_count(event),
            of=event.of if isinstance(event, Capture) else None,
            since_day=_since(event),
            trace=Trace(
                evidence.field, evidence.start, evidence.end, evidence.sentence_start, evidence.sentence_end,
                evidence.trigger, evidence.sentence[:SENTENCE],
            ),
            signature=_signature(event),
        )  # fmt: skip

    def _directions(self, event: LedgerEvent) -> tuple[str | None, str | None]:
        gaining, losing = _sides(event)
        place = event.place if isinstance(event, Capture | Surrender) else None
        country = place.country if place is not None else None
        toward, away = (self.families.side_of(side, country) if side else None for side in (gaining, losing))
        return (gaining, losing) if toward == away else (toward, away)  # allies that fight each other are two sides


def voice_of(event: LedgerEvent, medium: Medium | None) -> Voice:
    """Whose word an event is. A belligerent's own outlet speaks for its side (DESIGN.md, "Ledger").

    An assertion that is attributed counts as a concession, unless to the gaining side or to civilians: the contract
    calls asserted what the losing side or a local official concedes.
    """
    if event.modality == "denied":
        return "denial"
    gaining, losing = _sides(event)
    stance = medium.stance(gaining, losing) if medium is not None else "third"
    said_by = event.attribution
    if event.modality == "claimed" or (said_by is not None and said_by.side == "gaining"):
        return "claim"
    if said_by is None:
        return {"gaining": "claim", "losing": "concession"}.get(stance, "own")  # pyright: ignore[reportReturnType]
    words = {word.strip(".,").casefold() for word in f"{said_by.text} {said_by.name or ''}".split()}
    return "own" if words & _CIVILIANS else "concession"


def group_of(event: LedgerEvent) -> str:
    """What an event may share an incident with: one place and how exactly it is named, or one topic key.

    A facility keeps apart from the city whose name it bears, and a place that the gazetteer does not know from its
    namesakes in other countries.
    """
    place = event.place if isinstance(event, Capture | Surrender) else None
    if place is None:
        return EVENT_TOPICS[event.type].key_of(event)
    key = place_key(place.id, place.name)
    if place.kind in FACILITIES or place.id is None:
        key = f"{place_key(None, place.name)}@{place.country or ''}"
    return key if place.precision == "exact" else f"{key}{INEXACT}{place.precision}"


def micros(moment: datetime) -> int:
    """Microseconds since 1970 of a time with a zone."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(at: int) -> datetime:
    """The UTC time of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=at)


def party(actor: Actor | None) -> Party:
    """`actor` without its offsets; NOBODY for null."""
    if actor is None:
        return NOBODY
    return Party(actor.id, actor.name or actor.text, actor.kind, actor.country, actor.plover)


def party_key(who: Party) -> str:
    """What a party is told apart by: its id, or its folded words."""
    return actor_key(who.id, who.name)


def _signature(event: LedgerEvent) -> str:
    """What copies are told by: the sentence, or a statement's own words, however few."""
    return signature(event.content, 1) if isinstance(event, Statement) else signature(event.evidence.sentence)


def _when(when: EventDate, published: date) -> tuple[int | None, int, DatePrecision, bool]:
    latest = published.toordinal() + SKEW_DAYS
    first = when.start.toordinal() if when.start is not None else None
    last = when.end.toordinal()
    if first is not None and first > latest:
        return None, published.toordinal(), "unknown", False
    textual = first is not None and (when.text is not None or first == last or when.precision != "day")
    return first, min(last, latest), when.precision, textual


def _sides(event: LedgerEvent) -> tuple[str | None, str | None]:
    match event:
        case Capture():
            gaining, losing = event.captor, event.previous_holder
        case Surrender():
            gaining, losing = event.recipient, event.surrendering
        case _:
            return None, None
    return (gaining.id if gaining else None), (losing.id if losing else None)


def _parties(event: LedgerEvent) -> tuple[Party, ...]:
    match event:
        case Capture():
            return party(event.captor), party(event.previous_holder)
        case Surrender():
            return party(event.recipient), party(event.surrendering)
        case Statement():
            return (party(event.speaker),)
        case Diplomacy():
            everyone = [*event.participants, *([event.mediator] if event.mediator else [])]
            return tuple(sorted({party(actor) for actor in everyone}, key=repr))


def _kind(event: LedgerEvent) -> str:
    match event:
        case Capture():
            return "tally" if event.kind == "tally" else "capture"
        case Surrender():
            return "defection" if event.defection else event.what
        case Statement():
            return event.mode
        case Diplomacy():
            return event.kind


def _count(event: LedgerEvent) -> Count | None:
    """The number that an event gives. "The ninth city" counts nine."""
    if not isinstance(event, Capture | Surrender):
        return None
    if event.count is not None:
        return event.count.value, event.count.minimum, event.count.maximum, event.count.fraction
    ordinal = event.ordinal if isinstance(event, Capture) and event.kind == "tally" else None
    return None if ordinal is None else (float(ordinal), None, None, None)


def _since(event: LedgerEvent) -> int | None:
    since = event.since if isinstance(event, Capture) else None
    return since.start.toordinal() if since is not None and since.start is not None else None
