"""Whether an article speaks of armed conflict at all: the gate that keeps sport, courts and business out.

Captures and surrenders are told in words that those fields share ("seized a lead", "surrendered to police"). An article
in which no two different words of war stand tells no capture of a place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .wants import Gate

if TYPE_CHECKING:
    from .reader import Reading

_WORDS: Final = (
    "troop soldier fighter rebel insurgent insurgency militant militia militiamen gunmen guerrilla jihadist separatist "
    "army armed airstrike shelling mortar artillery rocket frontline offensive counteroffensive battlefield "
    "garrison besieged siege ceasefire truce warlord paramilitary peshmerga mujahideen mujahedin warplane tank "
    "battalion brigade commando bombardment invasion occupation clashes regiment infantry"
)
_FORMS: Final = {form: word for word in _WORDS.split() for form in (word, f"{word}s")}
_PHRASES: Final = (("civil", "war"), ("air", "strike"), ("front", "line"))
ENOUGH: Final = 2
"""Different words of war that make an article one of conflict."""


def is_conflict(reading: Reading) -> bool:
    """Whether the text names an armed group, or title and text hold at least ENOUGH different words of war."""
    return len(war_words(reading)) >= ENOUGH or reading.names_armed_group


def war_words(reading: Reading) -> set[str]:
    """The different words of war in an article, lower case and without the plural's s."""
    words = reading.words
    found = {_FORMS[word] for word in words & _FORMS.keys()}
    text = f"{reading.title}\n{reading.text}" if any(one in words for one, _ in _PHRASES) else ""
    return found | {f"{one} {two}" for one, two in _PHRASES if re.search(rf"\b{one} {two}s?\b", text, re.IGNORECASE)}


CONFLICT: Final = Gate(is_conflict, f"the article names no armed group and fewer than {ENOUGH} different words of war")
