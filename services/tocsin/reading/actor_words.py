"""The words of phrases for parties: what class of party a head noun names, and what stands around it."""

from __future__ import annotations

import re
from typing import Final, Literal

from .actor_data import GroupClass

HeadClass = Literal[
    "insurgent", "fighter", "forces", "police", "government", "official", "unit", "group", "peacekeeper"
]

_HEADS: Final[dict[HeadClass, str]] = {
    "insurgent": "rebel rebels insurgent insurgents militant militants separatist separatists "
    "jihadist jihadists jihadi "
    "jihadis islamist islamists extremist extremists guerrilla guerrillas guerilla guerillas terrorist terrorists "
    "insurgency rebellion opposition mutineers mutineer revolutionaries secessionists",
    "fighter": "fighter fighters gunman gunmen militia militias militiaman militiamen combatants "
    "combatant paramilitaries "
    "paramilitary mercenaries tribesmen tribes faction factions mujahideen mujahedeen warlords",
    "forces": "army armies military troops troop soldier soldiers force forces navy commandos "
    "commando paratroopers marines "
    "servicemen officer pilots recruits conscripts airmen warplanes jets aircraft artillery "
    "tanks helicopters loyalists garrison guards armor "
    "reinforcements defenders serviceman infantry paratroops",
    "police": "police policemen policeman gendarmes gendarmerie",
    "government": "government regime authorities administration cabinet parliament ministry minister "
    "ministers president "
    "premier junta state leadership presidency chancellor king emir generals",
    "official": "official officials envoy envoys diplomat diplomats ambassador ambassadors chief "
    "chiefs head heads secretary "
    "spokesman spokeswoman spokesperson negotiator negotiators delegation delegations council leader leaders side "
    "presidents officers representative representatives counterpart counterparts mediator mediators delegate delegates "
    "emissary emissaries host hosts guest guests",
    "unit": "brigade brigades division divisions battalion battalions regiment regiments corps "
    "platoon company squadron "
    "unit units column convoy detachment contingent patrol squad",
    "group": "group movement organisation organization alliance coalition militants' groups",
    "peacekeeper": "peacekeepers peacekeeper",
}
HEADS: Final[dict[str, HeadClass]] = {word: kind for kind, words in _HEADS.items() for word in words.split()}
"""A head noun -> the class of party that it names."""
REBEL_WORDS: Final = frozenset(
    "rebel insurgent militant opposition separatist jihadist islamist guerrilla jihadi mutinous dissident secessionist "
    "anti-government antigovernment".split()
)
"""Modifiers that make insurgents of "forces" or "fighters"."""
STATE_WORDS: Final = frozenset(
    "government pro-government regime loyalist state federal security national republican pro-regime armed".split()
)
"""Modifiers that make a state's forces of "fighters" or "units"."""
SECESSION: Final = frozenset(["separatist", "secessionist"])
STRANGERS: Final = frozenset(
    "foreign international allied coalition kurdish druze shi'ite shiite shia sunni tuareg arab muslim christian "
    "alawite hutu tutsi peacekeeping multinational unidentified unknown rival other enemy invading occupying "
    "regional tribal local".split()
)
PREFERRED: Final[dict[str, frozenset[GroupClass]]] = {
    "rebel": frozenset({"rebel", "separatist", "guerrilla", "coalition", "militia"}),
    "separatist": frozenset({"separatist"}),
    "secessionist": frozenset({"separatist"}),
    "jihadist": frozenset({"jihadist"}),
    "jihadi": frozenset({"jihadist"}),
    "islamist": frozenset({"jihadist"}),
    "extremist": frozenset({"jihadist"}),
    "militant": frozenset({"jihadist", "separatist", "militia"}),
    "guerrilla": frozenset({"guerrilla", "separatist", "rebel"}),
    "opposition": frozenset({"rebel", "coalition"}),
    "revolutionaries": frozenset({"rebel"}),
    "militia": frozenset({"militia", "coalition"}),
    "paramilitary": frozenset({"militia"}),
    "mercenary": frozenset({"mercenary"}),
}
"""A word for insurgents -> the classes of groups that it is used of."""
WORD: Final = re.compile(r"[^\W\d_][\w.]*(?:['’-][\w]+)*|\d+(?:st|nd|rd|th)?")
TAIL: Final = re.compile(
    r"[,(]|(?<=\s)(?:of|in|from|at|on|near|loyal|backed|allied|led|who|which|that|with|under|fighting|belonging|"
    r"supported|trained|against|for|to|by|after|inside|around|and|holed|besieged|stationed|based|along)\b",
    re.IGNORECASE,
)
"""Where the part of a phrase that holds its head ends."""
LINKED: Final = re.compile(
    r"[-–‑](?:backed|supported|led|allied|aligned|trained|funded|affiliated|linked|inspired|sponsored|installed|"
    r"speaking|held|controlled|occupied|brokered|mediated|made|based|appointed|armed|born|dominated|ruled|run)\b",
    re.IGNORECASE,
)
"""After a name: the party beside the one that is meant ("US-backed fighters")."""
STANCE: Final = re.compile(r"\b(?:anti|pro|non|former|ex)[-–‑ ]$", re.IGNORECASE)
AGAINST: Final = re.compile(r"\banti[-–‑ ]", re.IGNORECASE)
_MANY: Final = (
    r"the |a |an |some |all |other |many |most |about |around |nearly |almost |over |more than |at least |up to "
)
TRANSPARENT: Final = re.compile(
    rf"^(?:{_MANY}|\d[\d,]* )*(?:members?|men|women|hundreds|dozens|scores|thousands|remnants|elements|most|some|many|"
    r"all|part|groups?|number|handful|couple|majority|column|officials?|leaders?|commanders?|supporters|"
    r"representatives) of ",
    re.IGNORECASE,
)
"""Words before "of" that say no more than how many: "hundreds of Taliban fighters", "officials of the Tigers"."""
GROUP_OWNER: Final = re.compile(
    r"^(?:the |this |that )?((?:[\w-]+ )?(?:group|movement|organi[sz]ation|alliance|coalition|rebels|insurgents|militants|"
    r"separatists|militia|rebel group))[’'](?:s )? ?(?=\w)",
    re.IGNORECASE,
)
"""The group that officers or fighters belong to: "the group's political chief", "the rebels' leader"."""
SEVERAL: Final = re.compile(
    r"\b(two|both|three|four|rival|warring|opposing)\b(?: \w+)? (?:countries|sides|leaders|governments|delegations|parties|"
    r"presidents|states|nations|neighbou?rs|ministers|groups|armies|factions|foes|allies|capitals|men)\b",
    re.IGNORECASE,
)
"""Parties spoken of as so many: "both sides", "the two countries' presidents"."""
OWNER: Final = re.compile(r"[A-Z][\w-]+[’']s? ")
NAME: Final = re.compile(r"(?:al-)?[A-Z][^\W\d_]+(?:[- ](?:al-)?[A-Z][^\W\d_]+)*")
OFFICES: Final = frozenset(
    "president premier minister chancellor secretary king queen prince emir sultan chief commander general gen colonel "
    "col captain major lieutenant governor mayor spokesman spokeswoman spokesperson ambassador envoy senator leader "
    "director chairman mr mrs ms dr sheikh mullah ayatollah marshal admiral".split()
)
COMMANDS: Final = frozenset(
    "officer officers official officials brigadier brig lt maj sergeant fighter fighters".split()
)
"""Further words for those who speak for the side that they serve."""
OF_STATE: Final = frozenset(
    "president premier minister general gen colonel col captain major maj lieutenant lt brigadier brig governor mayor marshal "
    "admiral officer officers".split()
)
"""Offices and ranks that are a state's where no other side is named."""
SECTORS: Final[dict[HeadClass, str]] = {
    "forces": "MIL",
    "unit": "MIL",
    "police": "COP",
    "government": "GOV",
    "official": "GOV",
    "insurgent": "REB",
}
"""The PLOVER sector of a class of heads."""
_SAME: Final = {"militias": "militia", "militiamen": "militia", "mercenaries": "mercenary", "militiaman": "militia"}


def singular(word: str) -> str:
    """The singular of a word for fighters, in lower case."""
    word = word.casefold().replace("guerill", "guerrill")
    if word in _SAME:
        return _SAME[word]
    return word[:-1] if word.endswith("s") and word[:-1] in HEADS else word
