"""Inflected forms of English words: what a trigger search must look for when a frame names a lemma."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_IRREGULAR: Final[dict[str, tuple[str, ...]]] = {
    "take": ("take", "takes", "took", "taken", "taking"),
    "retake": ("retake", "retakes", "retook", "retaken", "retaking"),
    "overtake": ("overtake", "overtakes", "overtook", "overtaken", "overtaking"),
    "overrun": ("overrun", "overruns", "overran", "overrunning", "over-run", "over-ran"),
    "fall": ("fall", "falls", "fell", "fallen", "falling"),
    "lose": ("lose", "loses", "lost", "losing"),
    "win": ("win", "wins", "won", "winning"),
    "be": ("is", "are", "was", "were", "be", "been", "being", "'s", "’s"),
    "have": ("have", "has", "had", "having"),
    "hold": ("hold", "holds", "held", "holding"),
    "give": ("give", "gives", "gave", "given", "giving"),
    "lay": ("lay", "lays", "laid", "laying"),
    "drive": ("drive", "drives", "drove", "driven", "driving"),
    "throw": ("throw", "throws", "threw", "thrown", "throwing"),
    "break": ("break", "breaks", "broke", "broken", "breaking"),
    "meet": ("meet", "meets", "met", "meeting"),
    "fly": ("fly", "flies", "flew", "flown", "flying"),
    "sweep": ("sweep", "sweeps", "swept", "sweeping"),
    "come": ("come", "comes", "came", "coming"),
    "go": ("go", "goes", "went", "gone", "going"),
    "say": ("say", "says", "said", "saying"),
    "tell": ("tell", "tells", "told", "telling"),
    "speak": ("speak", "speaks", "spoke", "spoken", "speaking"),
    "write": ("write", "writes", "wrote", "written", "writing"),
    "hand": ("hand", "hands", "handed", "handing"),
    "shut": ("shut", "shuts", "shutting"),
    "sit": ("sit", "sits", "sat", "sitting"),
    "put": ("put", "puts", "putting"),
    "bring": ("bring", "brings", "brought", "bringing"),
    "send": ("send", "sends", "sent", "sending"),
    "leave": ("leave", "leaves", "left", "leaving"),
    "see": ("see", "sees", "saw", "seen", "seeing"),
    "strike": ("strike", "strikes", "struck", "striking"),
    "begin": ("begin", "begins", "began", "begun", "beginning"),
    "draw": ("draw", "draws", "drew", "drawn", "drawing"),
    "pull": ("pull", "pulls", "pulled", "pulling"),
    "swap": ("swap", "swaps", "swapped", "swapping"),
    "wrest": ("wrest", "wrests", "wrested", "wresting"),
    "free": ("free", "frees", "freed", "freeing"),
    "rout": ("rout", "routs", "routed", "routing"),
    "oust": ("oust", "ousts", "ousted", "ousting"),
    "eject": ("eject", "ejects", "ejected", "ejecting"),
    "evict": ("evict", "evicts", "evicted", "evicting"),
    "expel": ("expel", "expels", "expelled", "expelling"),
    "cede": ("cede", "cedes", "ceded", "ceding"),
    "agree": ("agree", "agrees", "agreed", "agreeing"),
    "control": ("control", "controls", "controlled", "controlling"),
    "withdraw": ("withdraw", "withdraws", "withdrew", "withdrawn", "withdrawing"),
    "undertake": ("undertake", "undertakes", "undertook", "undertaken", "undertaking"),
    "forge": ("forge", "forges", "forged", "forging"),
    "make": ("make", "makes", "made", "making"),
    "get": ("get", "gets", "got", "gotten", "getting"),
    "keep": ("keep", "keeps", "kept", "keeping"),
    "lead": ("lead", "leads", "led", "leading"),
    "run": ("run", "runs", "ran", "running"),
    "shake": ("shake", "shakes", "shook", "shaken", "shaking"),
    "freeze": ("freeze", "freezes", "froze", "frozen", "freezing"),
    "cut": ("cut", "cuts", "cutting"),
    "set": ("set", "sets", "setting"),
    "travel": ("travel", "travels", "traveled", "travelled", "traveling", "travelling"),
    "initial": ("initial", "initials", "initialed", "initialled", "initialing", "initialling"),
    "communique": ("communique", "communiques", "communiqué", "communiqués"),
}
_DOUBLED: Final = frozenset("stop swap plan drop snap slip pin grab confer wrap".split())


def forms(lemma: str) -> tuple[str, ...]:
    """All printed forms of a lemma in lower case, noun and verb readings together."""
    if lemma in _IRREGULAR:
        return _IRREGULAR[lemma]
    if lemma.endswith("e"):
        return (lemma, f"{lemma}s", f"{lemma}d", f"{lemma[:-1]}ing")
    if re.search(r"[^aeiou]y$", lemma):
        return (lemma, f"{lemma[:-1]}ies", f"{lemma[:-1]}ied", f"{lemma}ing")
    stem = lemma + lemma[-1] if lemma in _DOUBLED else lemma
    plural = f"{lemma}es" if re.search(r"(?:s|x|z|ch|sh)$", lemma) else f"{lemma}s"
    return (lemma, plural, f"{stem}ed", f"{stem}ing")


_WORD: Final = re.compile(r"[^\W_]+")


def words_in(text: str) -> frozenset[str]:
    """The different words of a text in lower case, parts of compounds each for itself ("cease-fire": two)."""
    return frozenset(_WORD.findall(text.lower()))


class AnyOf:
    """Some printed words; finds quickly whether one of them is among the words of a text (`words_in`)."""

    __slots__ = ("_compounds", "_single")

    def __init__(self, printed: Iterable[str]) -> None:
        parts = [words_in(word) for word in printed]
        self._single = frozenset(word for part in parts if len(part) == 1 for word in part)
        self._compounds = tuple({part for part in parts if len(part) > 1 and part.isdisjoint(self._single)})

    def among(self, words: frozenset[str]) -> bool:
        """Whether a word is among `words`; of a compound, whether all its parts are, in whatever order."""
        return not self._single.isdisjoint(words) or any(part <= words for part in self._compounds)
