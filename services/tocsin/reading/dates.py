"""When: expressions of time in a sentence, resolved against the publication day.

    find(text, published) -> [DateMention(start, end, date, anaphoric)]

All days are days of the outlet; ranges include both ends. "On Friday" is the last Friday up to the publication day,
"overnight" the night that ended on it, "in May" the last May that had begun. Expressions that point to the future
("next week") are found and marked, so that nobody takes them for the past.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from tocsin_schemas import EventDate

from .morphology import words_in
from .quantities import SMALL_NUMBERS, number_value

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH_NAMES: Final = "january february march april may june july august september october november december".split()
_MONTHS: Final = (
    {name: i for i, name in enumerate(_MONTH_NAMES, 1)}
    | {name[:3]: i for i, name in enumerate(_MONTH_NAMES, 1)}
    | {"sept": 9}
)
_ALSO_NAMES: Final = frozenset(["jan", "mar", "april", "may", "june", "august"])
_ALSO_WORDS: Final = frozenset(["may", "march", "mar", "dec"])
_SEASONS: Final = {"spring": (3, 5), "summer": (6, 8), "autumn": (9, 11), "fall": (9, 11)}
_NUMBER: Final = (
    r"(?:\d{1,3}|"
    + "|".join(sorted(SMALL_NUMBERS, key=len, reverse=True))
    + r"|a|an|a few|few|several|couple of|a couple of)"
)
_DAY_PART: Final = r"(?:\ (?:morning|afternoon|evening|night|noon|overnight))?"
_MONTH: Final = r"(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"

_PATTERN: Final = re.compile(
    rf"""\b(?:
      (?P<iso>(?P<iso_y>\d{{4}})-(?P<iso_m>\d\d)-(?P<iso_d>\d\d))
    | (?:(?P<since>since|from)\s+)?(?:(?:the\ )?(?P<edge>start|beginning|end|middle|early|late|mid)(?:\ of|\ in)?[\ -])?(?:
        (?P<md>(?P<md_m>{_MONTH})\ (?P<md_d>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\ (?P<md_y>(?:19|20)\d\d))?)
      | (?P<dm>(?:the\ )?(?P<dm_d>\d{{1,2}})(?:st|nd|rd|th)?\ (?:of\ )?(?P<dm_m>{_MONTH})(?:,?\ (?P<dm_y>(?:19|20)\d\d))?)
      | (?P<my>(?:(?P<my_which>last|this|next)\ )?(?P<my_m>{_MONTH})(?:\ (?:of\ )?(?P<my_y>(?:19|20)\d\d|last\ year|this\ year))?)
      | (?P<season>(?:(?P<s_which>last|this|next)\ |the\ )?(?P<s_name>spring|summer|autumn)(?:\ of)?(?:\ (?P<s_y>(?:19|20)\d\d))?)
      | (?P<year>(?:19|20)\d\d)(?!\s*(?:people|soldiers|troops|fighters|men|civilians|miles|km|kilomet|m\b|killed|square|residents|refugees|homes|families|\w*\ ?killed))
      )
    | (?P<weekday>(?:(?P<wd_which>last|this|next|late|early)\ )?(?:on\ )?(?P<wd>{"|".join(WEEKDAYS)})(?P<wd_s>s)?(?:\ (?P<wd_last>last))?{_DAY_PART})
    | (?P<ago>(?:more\ than\ |about\ |around\ |nearly\ |almost\ |some\ |over\ |just\ )?(?P<ago_n>{_NUMBER})[\ -](?P<ago_u>day|week|month|year|hour|decade)s?\ (?P<ago_w>ago|earlier|before|later|after))
    | (?P<past>(?:in|over|during|within|for)\ (?:less\ than\ |more\ than\ |just\ |about\ |only\ |under\ |the\ (?:past|last)\ |the\ )*
        (?P<past_n>{_NUMBER}|past|last)\ ?(?P<past_u>hours?|days?|weeks?|months?|years?))
    | (?P<lasts>(?P<l_which>last|this|next|the\ (?:past|last|previous|same|following|next)|past|earlier\ this|late\ last|early\ last|earlier\ last|later\ this|later\ that|later\ the\ same|the)\ 
        (?P<l_unit>night|week|weekend|month|year|morning|afternoon|evening|day))
    | (?P<word>today|yesterday|tonight|overnight|tomorrow|(?:the\ )?day\ before\ yesterday|(?:in\ )?recent\ (?:days|weeks|months)|this\ (?:morning|afternoon|evening)|
        (?:at\ |before\ |by\ |since\ |after\ )?(?:dawn|nightfall|midnight|daybreak|noon)|in\ the\ (?:morning|night|evening|early\ hours|past\ hours)|hours\ (?:later|earlier|before)|
        minutes\ (?:later|earlier|before)|now|currently|already)
    )(?!\w)""",
    re.VERBOSE | re.IGNORECASE,
)


_TELLING: Final = frozenset(
    [
        *_MONTHS,
        *WEEKDAYS,
        *(f"{day}s" for day in WEEKDAYS),
        *_SEASONS,
        *"ago earlier before later after hour hours day days week weeks weekend month months year years decade decades night "
        "morning afternoon evening today yesterday tonight overnight tomorrow recent dawn nightfall midnight daybreak noon minutes "
        "now currently already".split(),
    ]
)
"""Words of which every expression of time without a figure has one: looked for first, as the whole pattern is slow."""
_FIGURE: Final = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class DateMention:
    """One expression of time. `relative` says it counts from another day of the story ("a day earlier").

    `since`: it opens a range up to publication; `duration`: it bounds how long ("in two weeks"); `future`: not past.
    """

    start: int
    end: int
    date: EventDate
    relative: bool = False
    since: bool = False
    duration: bool = False
    future: bool = False
    weak: bool = False


def find(text: str, published: date, *, offset: int = 0, story_day: date | None = None) -> list[DateMention]:
    """Every expression of time in `text`, in order; offsets are shifted by `offset`.

    `story_day` is the day that "a day earlier" counts from, the publication day if not given, until `text` names another.
    """
    found: list[DateMention] = []
    if not _FIGURE.search(text) and _TELLING.isdisjoint(words_in(text)):
        return found
    story = story_day or published
    for match in _PATTERN.finditer(text):
        mention = _read(match, published, offset, story)
        if mention is None:
            continue
        found.append(mention)
        if mention.date.precision == "day" and mention.date.start and not (mention.future or mention.weak):
            story = mention.date.end  # "fell on Friday and was lost again two days later"
    return found


def _read(match: re.Match[str], published: date, offset: int, story_day: date) -> DateMention | None:
    words = match.group().strip()
    start = match.start() + offset + len(match.group()) - len(match.group().lstrip())
    end = start + len(words)
    groups = match.groupdict()
    for name, reader in _READERS.items():
        if groups.get(name) is not None:
            if name == "my" and _is_given_name(match):
                return None
            mention = reader(groups, words, start, end, published, story_day)
            opened = match.string[max(0, match.start() - 7) : match.start()].lower()
            if mention is not None and opened.rstrip().endswith("since"):
                mention = replace(mention, since=True)
            return mention
    return None


def _is_given_name(match: re.Match[str]) -> bool:
    """ "Jan Olk", "Prime Minister May": a month's name that no preposition leads in, beside another name."""
    if (
        match["my_m"].lower() not in _ALSO_NAMES
        or match["my_y"]
        or match["my_which"]
        or match["edge"]
        or match["since"]
    ):
        return False
    before, after = match.string[max(0, match.start() - 12) : match.start()], match.string[match.end() :]
    beside = re.match(r" [A-ZÀ-Ý]", after) or re.search(r"\b[A-ZÀ-Ý]\w+ $", before)
    return bool(beside) and not re.search(
        r"\b(?:in|since|of|until|till|during|by|from|and|between) $", before, re.IGNORECASE
    )


def _mention(
    first: date | None, last: date, precision: str, words: str, start: int, end: int, **flags: bool
) -> DateMention:
    when = EventDate.model_validate({"start": first, "end": last, "precision": precision, "text": words})
    return DateMention(start, end, when, **flags)


def _day(first: date, words: str, start: int, end: int, published: date, **flags: bool) -> DateMention:
    return _mention(first, first, "day", words, start, end, future=first > published, **flags)


def _iso(
    g: dict[str, str | None], words: str, start: int, end: int, published: date, story: date
) -> DateMention | None:
    try:
        day = date(int(g["iso_y"] or 0), int(g["iso_m"] or 0), int(g["iso_d"] or 0))
    except ValueError:
        return None
    return _day(day, words, start, end, published)


def _month_day(
    g: dict[str, str | None], words: str, start: int, end: int, published: date, story: date
) -> DateMention | None:
    kind = "md" if g["md"] else "dm"
    month = _MONTHS[(g[f"{kind}_m"] or "").rstrip(".").lower()]
    number = int(g[f"{kind}_d"] or 0)
    given = g[f"{kind}_y"]
    try:
        if given:
            day = date(int(given), month, number)
        else:
            day = date(published.year, month, number)
            if day > published + timedelta(days=45):
                day = date(published.year - 1, month, number)
    except ValueError:
        return None
    return _open(g, day, day, "day", words, start, end, published)


def _open(
    g: dict[str, str | None], first: date, last: date, precision: str, words: str, start: int, end: int, published: date
) -> DateMention:
    since = (g.get("since") or "").lower() == "since"
    return _mention(first, last, precision, words, start, end, since=since, future=first > published)


def _month_year(
    g: dict[str, str | None], words: str, start: int, end: int, published: date, story: date
) -> DateMention | None:
    printed = (g["my_m"] or "").rstrip(".")
    month = _MONTHS[printed.lower()]
    given = (g["my_y"] or "").lower()
    led_in = bool(given) or re.match(r"(?i)(in|since|last|this|of|early|late|mid)\b", words) is not None
    if not printed[:1].isupper() or (printed.lower() in _ALSO_WORDS and not led_in and not start):
        return None  # "may" and "march" are words too, and begin sentences
    if given[:2] in ("19", "20"):
        year = int(given)
    elif given == "last year":
        year = published.year - 1
    else:
        year = published.year if month <= published.month else published.year - 1
        if (g["my_which"] or "").lower() == "last" and month == published.month:
            year -= 1
    first, last = date(year, month, 1), date(year, month, monthrange(year, month)[1])
    first, last = _edge(g["edge"], first, last)
    return _open(g, first, max(first, min(last, published)), "month", words, start, end, published)


def _edge(edge: str | None, first: date, last: date) -> tuple[date, date]:
    length = (last - first).days + 1
    third = max(1, length // 3)
    match (edge or "").lower():
        case "start" | "beginning" | "early":
            return first, first + timedelta(days=third - 1)
        case "end" | "late":
            return last - timedelta(days=third - 1), last
        case "middle" | "mid":
            return first + timedelta(days=third), last - timedelta(days=third)
        case _:
            return first, last


def _season(
    g: dict[str, str | None], words: str, start: int, end: int, published: date, story: date
) -> DateMention | None:
    first_month, last_month = _SEASONS[(g["s_name"] or "").lower()]
    year = int(g["s_y"]) if g["s_y"] else published.year
    if not g["s_y"] and (date(year, first_month, 1) > published or (g["s_which"] or "").lower() == "last"):
        year -= 1 if date(year, last_month, 28) >= published else 0
    first, last = date(year, first_month, 1), date(year, last_month, monthrange(year, last_month)[1])
    return _open(g, first, max(first, min(last, published)), "month", words, start, end, published)


def _year(
    g: dict[str, str | None], words: str, start: int, end: int, published: date, story: date
) -> DateMention | None:
    year = int(re.search(r"\d{4}", g["year"] or "").group())  # type: ignore[union-attr]
    if year > published.year + 1:
        return None
    first, last = _edge(g["edge"], date(year, 1, 1), date(year, 12, 31))
    return _open(g, first, max(first, min(last, published)), "year", words, start, end, published)


def _weekday(
    g: dict[str, str | None], words: str, start: int, end: int, published: date, story: date
) -> DateMention | None:
    if g["wd_s"]:
        return None
    target = WEEKDAYS.index((g["wd"] or "").lower())
    which = (g["wd_which"] or g["wd_last"] or "").lower()
    back = (published.weekday() - target) % 7
    if which == "next":
        return _day(published + timedelta(days=(7 - back) or 7), words, start, end, published)
    if which == "last" and back == 0:
        back = 7
    return _day(published - timedelta(days=back), words, start, end, published)


def _ago(
    g: dict[str, str | None], words: str, start: int, end: int, published: date, story: date
) -> DateMention | None:
    number = number_value(g["ago_n"] or "") or 3
    unit, which = (g["ago_u"] or "").lower(), (g["ago_w"] or "").lower()
    relative = which != "ago"
    base = story if relative else published
    sign = 1 if which in ("later", "after") else -1
    if unit == "hour":
        return _day(base + timedelta(days=sign * int(number // 24)), words, start, end, published, relative=relative)
    if unit == "day":
        return _day(base + timedelta(days=sign * int(number)), words, start, end, published, relative=relative)
    days = {"week": 7, "month": 30, "year": 365, "decade": 3650}[unit] * number * sign
    middle = base + timedelta(days=int(days))
    slack = {"week": 3, "month": 15, "year": 183, "decade": 1825}[unit]
    precision = {"week": "week", "month": "month"}.get(unit, "year")
    first, last = middle - timedelta(days=slack), middle + timedelta(days=slack)
    if sign < 0:
        last = min(last, base)
    return _mention(first, max(first, last), precision, words, start, end, relative=relative, future=first > published)


def _past(
    g: dict[str, str | None], words: str, start: int, end: int, published: date, story: date
) -> DateMention | None:
    amount = (g["past_n"] or "").lower()
    number = 1.0 if amount in ("past", "last") else number_value(amount) or 4
    unit = (g["past_u"] or "").lower().rstrip("s")
    days = {"hour": 1 / 24, "day": 1, "week": 7, "month": 30, "year": 365}[unit] * number
    first = published - timedelta(days=max(1, round(days)))
    precision = "day" if days <= 1 else "week" if days <= 10 else "month" if days <= 45 else "year"
    return _mention(first, published, precision, words, start, end, duration=True)


def _last(
    g: dict[str, str | None], words: str, start: int, end: int, published: date, story: date
) -> DateMention | None:
    which, unit = (g["l_which"] or "").lower(), (g["l_unit"] or "").lower()
    is_day = unit in ("day", "morning", "afternoon", "evening", "night")
    if which in ("the following", "the next") and is_day and story < published:
        return _day(story + timedelta(days=1), words, start, end, published, relative=True)
    if which in ("next", "the following", "the next"):
        return _mention(
            published + timedelta(days=1), published + timedelta(days=14), "week", words, start, end, future=True
        )
    if which in ("the same", "later the same", "later that", "the") and is_day:
        if which == "the":
            return None
        return _day(story, words, start, end, published, relative=True)
    if unit == "night":
        day = published - timedelta(days=1)
        return _mention(day, published if which == "this" else day, "day", words, start, end)
    if unit in ("morning", "afternoon", "evening", "day"):
        return _day(published if which == "this" else published - timedelta(days=1), words, start, end, published)
    if which == "the" and unit != "weekend":
        return None
    return _calendar_unit(which, unit, words, start, end, published)


def _calendar_unit(which: str, unit: str, words: str, start: int, end: int, published: date) -> DateMention:
    this = which in ("this", "earlier this", "later this")
    rolling = which in ("the past", "the last", "past")
    monday = published - timedelta(days=published.weekday())
    match unit:
        case "weekend":
            saturday = published - timedelta(days=(published.weekday() - 5) % 7 or 0)
            return _mention(saturday, min(saturday + timedelta(days=1), published), "day", words, start, end)
        case "week":
            first = published - timedelta(days=7) if rolling else monday if this else monday - timedelta(days=7)
            last = published if this or rolling else monday - timedelta(days=1)
            if this and (published - first).days < 3:
                first = published - timedelta(days=6)
            return _mention(first, last, "week", words, start, end)
        case "month":
            start_of_month = published.replace(day=1)
            if rolling:
                return _mention(published - timedelta(days=30), published, "month", words, start, end)
            if this:
                return _mention(start_of_month, published, "month", words, start, end)
            before = start_of_month - timedelta(days=1)
            return _mention(before.replace(day=1), before, "month", words, start, end)
        case _:
            year = published.year if this else published.year - 1
            if rolling:
                return _mention(published - timedelta(days=365), published, "year", words, start, end)
            return _mention(date(year, 1, 1), min(date(year, 12, 31), published), "year", words, start, end)


def _word(
    g: dict[str, str | None], words: str, start: int, end: int, published: date, story: date
) -> DateMention | None:
    word = words.lower()
    if word in ("today", "tonight") or word.startswith("this "):
        return _day(published, words, start, end, published)
    if word == "yesterday":
        return _day(published - timedelta(days=1), words, start, end, published)
    if word.endswith("before yesterday"):
        return _day(published - timedelta(days=2), words, start, end, published)
    if word == "tomorrow":
        return _day(published + timedelta(days=1), words, start, end, published)
    if word == "overnight":
        return _mention(published - timedelta(days=1), published, "day", words, start, end)
    if "recent" in word:
        span = {"days": (7, "week"), "weeks": (30, "month"), "months": (120, "year")}[word.split()[-1]]
        return _mention(published - timedelta(days=span[0]), published, span[1], words, start, end)
    if word in ("now", "currently", "already"):
        return _mention(published - timedelta(days=1), published, "day", words, start, end, weak=True)
    return _day(story, words, start, end, published, relative=True, weak=True)


_READERS: Final = {
    "iso": _iso,
    "md": _month_day,
    "dm": _month_day,
    "weekday": _weekday,
    "ago": _ago,
    "past": _past,
    "lasts": _last,
    "my": _month_year,
    "season": _season,
    "word": _word,
    "year": _year,
}
