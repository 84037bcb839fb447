"""Events of a war that never was, for the ledger's tests: the republic of Meridia against the Harrow Front.

`taken("Velmora", day=3)` is an event with everything the ledger reads; what a test is about it says itself.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from tocsin_schemas import (
    Actor,
    ArticleRef,
    Attribution,
    Capture,
    Control,
    Diplomacy,
    EventDate,
    Evidence,
    Incident,
    Place,
    Quantity,
    Speaker,
    Statement,
    Surrender,
)
from tocsin_schemas.base import Span
from tocsin_schemas.ids import name_id

E = TypeVar("E", Capture, Surrender, Statement, Diplomacy)
COUNTRY = "XKX"  # a code that the contract accepts; nothing here is about that country
FRONT = Actor(text="the Harrow Front", id="harrow-front", name="Harrow Front", kind="armed_group", country=COUNTRY)
REPUBLIC = Actor(text="government forces", id="state:XKX", name="Meridia", kind="state", country=COUNTRY)
CAPITALS = ("Velmora", "Castrin", "Ostrel", "Ninefold", "Brackwater", "Tarn", "Hollin", "Quay")


def at(day: int, hour: float = 12.0) -> datetime:
    """A time on a day of March 2019."""
    return datetime(2019, 3, 1, tzinfo=UTC) + timedelta(days=day - 1, hours=hour)


def on(day: int) -> date:
    """A day of March 2019."""
    return date(2019, 3, 1) + timedelta(days=day - 1)


def place(name: str = "Velmora", **more: Any) -> Place:
    """A provincial capital, named exactly."""
    number = CAPITALS.index(name) + 1 if name in CAPITALS else 900
    told: dict[str, Any] = {
        "text": name, "id": f"geonames:{number}", "name": name, "kind": "city", "country": COUNTRY,
        "is_admin1_capital": True, "precision": "exact",
    }  # fmt: skip
    return Place(**{**told, **more})


def dated(day: int, last: int | None = None, text: str | None = "on that day") -> EventDate:
    """A date that the text gives."""
    return EventDate(start=on(day), end=on(last or day), precision="day", text=text)


def undated(day: int) -> EventDate:
    """No date in a text published on `day`."""
    return EventDate(start=None, end=on(day), precision="unknown")


def article(day: int, hour: float = 12.0, outlet: str = "courier", revision: int = 1, **more: Any) -> ArticleRef:
    """A reference to an article of an outlet, by default one a day and hour."""
    number = more.pop("number", 1)
    told: dict[str, Any] = {
        "id": f"{outlet}/{day}/{hour:g}/{number}", "revision": revision, "url": f"https://{outlet}.example/{day}/{hour:g}/{number}",
        "publisher": outlet, "family": outlet, "published_at": at(day, hour),
    }  # fmt: skip
    return ArticleRef(**{**told, **more})


def evidence(sentence: str, trigger: str | None = None) -> Evidence:
    """A trigger in a sentence that begins an article."""
    word = trigger or sentence.split(maxsplit=1)[0]
    start = sentence.index(word)
    return Evidence(
        start=start,
        end=start + len(word),
        sentence_start=0,
        sentence_end=len(sentence),
        trigger=word,
        sentence=sentence,
    )


def said_by(side: str, text: str = "an official", **more: Any) -> Attribution:
    """Who says so, with its stake."""
    return Attribution(text=text, side=side, **more)  # pyright: ignore[reportArgumentType]


def taken(
    where: str | Place = "Velmora",
    day: int = 3,
    *,
    by: Actor | None = FRONT,
    hour: float = 12.0,
    outlet: str = "courier",
    when: EventDate | None = None,
    modality: str = "asserted",
    sentence: str | None = None,
    article_: ArticleRef | None = None,
    **more: Any,
) -> Capture:
    """A report, published on `day`, that a place was taken; without a date unless `when` gives one."""
    spot = place(where) if isinstance(where, str) else where
    ref = article_ or article(day, hour, outlet)
    words = sentence or f"{spot.name} fell, {ref.id}."
    told: dict[str, Any] = {
        "id": name_id("event/capture", ref.id, spot.id or spot.name, by.id if by else None, modality, words),
        "article": ref, "evidence": evidence(words), "rule": "capture.active", "modality": modality,
        "date": when or undated(day), "kind": "place", "place": spot, "captor": by,
    }  # fmt: skip
    return Capture(**{**told, **more})


def retaken(where: str | Place = "Velmora", day: int = 5, **more: Any) -> Capture:
    """A report that the republic took a place back."""
    return taken(where, day, **{"by": REPUBLIC, "recapture": True, **more})


def denied(where: str | Place = "Velmora", day: int = 4, **more: Any) -> Capture:
    """A denial of the front's capture, by the republic."""
    told = {"modality": "denied", "attribution": said_by("losing", "the interior ministry")}
    return taken(where, day, **{**told, **more})


def gave_up(day: int = 3, where: str | None = "Velmora", **more: Any) -> Surrender:
    """A report that soldiers of the republic surrendered to the front."""
    ref = article(day, more.pop("hour", 12.0), more.pop("outlet", "courier"))
    words = more.pop("sentence", f"Soldiers laid down their arms, {ref.id}.")
    told: dict[str, Any] = {
        "id": name_id("event/surrender", ref.id, where, words), "article": ref, "evidence": evidence(words),
        "rule": "surrender.active", "modality": "asserted", "date": undated(day), "surrendering": REPUBLIC,
        "recipient": FRONT, "place": place(where) if where else None, "what": "people",
    }  # fmt: skip
    return Surrender(**{**told, **more})


def said(content: str, day: int = 3, speaker: str = "President Ada Renn", **more: Any) -> Statement:
    """A report of a person's words."""
    ref = article(day, more.pop("hour", 12.0), more.pop("outlet", "courier"))
    who = Speaker(
        text=speaker, id=f"person:{speaker.rsplit(maxsplit=1)[-1].casefold()}" if speaker else None, kind="person"
    )
    told: dict[str, Any] = {
        "id": name_id("event/statement", ref.id, speaker, content), "article": ref, "evidence": evidence(content),
        "rule": "statement.direct", "modality": "asserted", "date": undated(day), "speaker": who, "mode": "direct",
        "content": content, "spans": [Span(start=0, end=len(content))],
    }  # fmt: skip
    return Statement(**{**told, **more})


def met(day: int = 3, kind: str = "talks", **more: Any) -> Diplomacy:
    """A report that the two sides dealt with each other."""
    ref = article(day, more.pop("hour", 12.0), more.pop("outlet", "courier"))
    words = more.pop("sentence", f"The two sides met, {ref.id}.")
    told: dict[str, Any] = {
        "id": name_id("event/diplomacy", ref.id, kind, words), "article": ref, "evidence": evidence(words),
        "rule": "diplomacy.talks", "modality": "asserted", "date": undated(day), "kind": kind,
        "participants": [REPUBLIC, FRONT],
    }  # fmt: skip
    return Diplomacy(**{**told, **more})


def counted(number: int, day: int = 3, **more: Any) -> Capture:
    """A tally: the front has taken so many provincial capitals."""
    ref = article(day, more.pop("hour", 12.0), more.pop("outlet", "courier"))
    words = more.pop("sentence", f"So far {number} provincial capitals have fallen, {ref.id}.")
    told: dict[str, Any] = {
        "id": name_id("event/capture", ref.id, "tally", words), "article": ref, "evidence": evidence(words),
        "rule": "capture.tally", "modality": "asserted", "date": undated(day), "kind": "tally", "captor": FRONT,
        "count": Quantity(text=str(number), value=float(number)), "of": "provincial capitals",
    }  # fmt: skip
    return Capture(**{**told, **more})


def taken_back(event: E, day: int, hour: float = 12.0) -> E:
    """The same event, retracted by the article's next revision."""
    ref = event.article.model_copy(update={"revision": event.article.revision + 1, "published_at": at(day, hour)})
    return event.model_copy(update={"article": ref, "retracted": True})


class Final:
    """The last record of every incident and place, as a reader of the compacted topics sees them."""

    def __init__(self) -> None:
        self.incidents: dict[str, Incident] = {}
        self.controls: dict[str, Control] = {}

    def see(self, records: list[Incident | Control]) -> Final:
        from tocsin.ledger.records import is_retired

        for record in records:
            if isinstance(record, Control):
                self.controls[record.place.name] = record
            elif is_retired(record):
                self.incidents.pop(record.id, None)
            else:
                self.incidents[record.id] = record
        return self

    def without_revisions(self) -> dict[str, Any]:
        """What must not depend on the order of arrival."""
        told = [*self.incidents.values(), *self.controls.values()]
        return {str(getattr(r, "id", None) or r.place): r.model_dump(exclude={"revision"}) for r in told}

    def of_place(self, name: str = "Velmora") -> list[Incident]:
        """Capture incidents of a place, in the order in which they happened."""
        found = [i for i in self.incidents.values() if i.type == "capture" and i.place and i.place.name == name]
        return sorted(found, key=lambda i: (i.date.start or i.date.end, i.first_seen))

    @property
    def only(self) -> Incident:
        (incident,) = self.incidents.values()
        return incident
