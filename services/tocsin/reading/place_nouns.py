"""Common nouns for places, as the head of a phrase: what "the village", "parts of" and "the air base" make of it."""

from __future__ import annotations

from typing import Final

PARTS: Final = frozenset(
    "part half majority rest percent cent center centre outskirt swathe swath section portion bulk third quarter two-third "
    "suburb chunk edge side stretch fifth heart core remainder corner area neighborhood neighbourhood district mile "
    "street sector tract piece segment fringe length control slice entrance perimeter % most much all whole entirety some many any "
    "last everything east west north south one".split()
)
WHOLE: Final = frozenset("all whole entire entirety rest remainder control everything last".split())
SETTLEMENTS: Final = frozenset(
    "city town village capital port municipality settlement hamlet stronghold bastion hometown metropolis township "
    "hub enclave oasis commune community outpost suburb resort".split()
)
AREAS: Final = frozenset(
    "province region district county state governorate area territory island peninsula valley country north south east west northeast northwest southeast southwest land ground zone department subdistrict location".split()
)
FACILITIES: Final = frozenset(
    "airport airfield airbase base barrack barracks garrison headquarters hq compound palace embassy consulate crossing "
    "checkpoint post station prison jail refinery dam bridge port harbor harbour hospital university school ministry "
    "parliament building complex fort fortress citadel camp depot plant field oilfield terminal bunker outpost "
    "stadium square tower mine factory junction highway road hill mountain mosque church monastery warehouse "
    "bank hotel shrine temple cemetery villa mansion site facility facilities radio television studio trench position positions frontline arsenal".split()
)
BORDER: Final = frozenset(["crossing", "border"])
PEOPLE_WORDS: Final = frozenset(
    "soldier fighter man woman people militant commander leader prisoner hostage officer policeman troop journalist "
    "driver pilot official suspect civilian general chief son tank vehicle weapon rocket gun ammunition truck drone "
    "weaponry equipment ship boat plane helicopter cache medal title crown gold seat vote mind imagination attention "
    "heart spotlight moment share market opportunity initiative power office responsibility lead time place step".split()
)
COLLECTIVES: Final = frozenset(
    "string series number group handful cluster chain ring raft slew host couple pair trio score dozen variety".split()
)
"""What counts places loosely: "a string of villages" speaks of villages."""
UNITS: Final = frozenset("brigade division regiment battalion unit company corps platoon squadron".split())
