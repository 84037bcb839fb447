"""Where the questions to the ledger are answered: by a running one over HTTP, or by folding events here.

Without a wish the running ledger is asked first; when there is none, or when it holds only a part of the partitions,
the events that the topics still keep are folded.
"""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from .console import ERR, escape, fail
from .services import BY_NAME

if TYPE_CHECKING:
    from tocsin.ledger.queries import Ledger

    from .extractors import AnyEvent

DEFAULT_URL: Final = f"http://127.0.0.1:{BY_NAME['ledger'].port}"
SECONDS: Final = 30.0
"""Longest wait for an answer: after a start the ledger indexes its places first."""
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: `control`, `history` of a place, or an `incident` by id, with the times as they were written."""

    what: str
    name: str | None = None
    country: str | None = None
    as_of: str | None = None
    known_at: str | None = None

    @property
    def path(self) -> str:
        """The address at a ledger."""
        if self.what == "incident":
            return f"/incidents/{urllib.parse.quote(self.name or '', safe='')}"
        asked = {"place": self.name, "country": self.country, "as_of": self.as_of, "known_at": self.known_at}
        given = {name: value for name, value in asked.items() if value is not None}
        return f"/{self.what}" + (f"?{urllib.parse.urlencode(given)}" if given else "")


@dataclass(frozen=True, slots=True)
class Source:
    """Where to ask. `url` null and nothing else given: the ledger of this machine, or the topics."""

    url: str | None = None
    events: Path | None = None
    from_topics: bool = False

    def answer(self, question: Question) -> Answer | None:
        """The answer as the HTTP API gives it, or None when there is no such place or incident. Ends with a message."""
        self._check(question)
        if self.events is not None:
            from .archive import read_events

            return _folded(question, read_events(self.events))
        reply = self._asked(question) if not self.from_topics else None
        if reply is None or (self.url is None and not reply.complete):
            from .archive import topic_events

            return _folded(question, topic_events())
        if not reply.complete:
            ERR.print("[yellow]this process of the ledger has only a part of it; --from-topics folds all[/]")
        return reply.answer

    def _check(self, question: Question) -> None:
        if sum((self.url is not None, self.events is not None, self.from_topics)) > 1:
            fail("give one of --ledger, --events and --from-topics")
        if self.url is not None and not self.url.startswith(("http://", "https://")):
            fail(f"--ledger is an address such as {DEFAULT_URL}, not {self.url!r}")
        from tocsin.ledger.answers import QuestionError, country_of, day_of, instant_of

        try:
            country_of(question.country)
            day_of(question.as_of)
            instant_of(question.known_at)
        except QuestionError as error:
            fail(str(error))

    def _asked(self, question: Question) -> _Reply | None:
        """What a running ledger says; None when nobody asked for one and there is none."""
        url = (self.url or DEFAULT_URL).rstrip("/")
        try:
            with urllib.request.urlopen(url + question.path, timeout=SECONDS) as reply:  # noqa: S310
                answer = orjson.loads(reply.read())
                return _Reply(answer, answer["complete"])
        except urllib.error.HTTPError as error:
            told = _problem(error)
            if error.code == HTTPStatus.NOT_FOUND and "complete" in told:
                return _Reply(None, told["complete"])
            why = told.get("detail") or f"it answered {error.code}"
        except (OSError, HTTPException) as error:
            why = str(getattr(error, "reason", error))
        except (orjson.JSONDecodeError, KeyError, TypeError):
            why = "something else answers there"
        if self.url is None:
            ERR.print(f"[dim]no ledger at {url} ({escape(why)}): folding what the event topics keep[/]")
            return None
        return fail(f"the ledger at {url} does not answer: {why}", hint="--from-topics folds the event topics", code=1)


@dataclass(frozen=True, slots=True)
class _Reply:
    """A ledger's answer (None: it has no such place or incident), and whether it holds all partitions."""

    answer: Answer | None
    complete: bool


def _problem(error: urllib.error.HTTPError) -> Answer:
    try:
        told = orjson.loads(error.read())
    except orjson.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}


def _folded(question: Question, events: Iterable[AnyEvent]) -> Answer | None:
    from tocsin.ledger.answers import encoded
    from tocsin.ledger.core import LedgerCore, fold_events
    from tocsin.ledger.queries import Ledger

    core = LedgerCore()
    for _ in fold_events(events, core):
        pass
    answer = _answered(Ledger(core.store, core.places), core.places.countries, question)
    return None if answer is None else orjson.loads(encoded(answer))


def _answered(ledger: Ledger, countries: list[str], question: Question) -> Answer | None:
    from tocsin.ledger.answers import control_answer, day_of, history_answer, incident_answer, instant_of

    known_at = instant_of(question.known_at)
    match question.what:
        case "control":
            return control_answer(ledger, countries, question.country, day_of(question.as_of), known_at)
        case "history":
            return history_answer(ledger, question.name or "", question.country, known_at)
        case _:
            return incident_answer(ledger, question.name or "")
