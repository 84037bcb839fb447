"""Who speaks: names, roles, pronouns, surnames, bodies and descriptions, over the sentences of one article."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tocsin.reading import Reading
from tocsin.statement.extract import extract

CASES = """
# pronouns
Striker Tomo Rell scored twice on Saturday. “I was lucky,” he said. => Tomo Rell: I was lucky,
The judge, Marta Kinsel, adjourned the hearing. “The court needs time,” she said. => Marta Kinsel: The court needs time,
Ana Brenn and Leo Tamm met on Monday. “We made progress,” she said. “There is work to do,” he said. => Ana Brenn: We made progress, | Leo Tamm: There is work to do,
President Luc Barre met Chancellor Eva Holz in Orsk. He said Europe was united. She said the talks had been long. => Luc Barre: Europe was united | Eva Holz: the talks had been long
General Ivo Stane commands the front. A rebel commander, Abu Talib, mocked him. “He holds nothing,” he said. => Abu Talib: He holds nothing,
Singer Joss Ward opened the show. “This one is for you,” she told the crowd. => Joss Ward: This one is for you,
The health ministry said 14 people had died. It said the toll could rise. => health ministry: 14 people had died | health ministry: the toll could rise
“It will snow,” she said. => she: It will snow,
Troops of NATO left. Rain fell. Birds sang. Trees fell. Cats slept. Dogs ate. Cows lay. Snow fell. Ice broke. It said the road was shut. => It: the road was shut
Mayor Olaf Brix left. A spokeswoman said it leaked. He said it was old. => A spokeswoman: it leaked | Olaf Brix: it was old
Spokesman Olaf Brix met reporters. “It is late,” Brix said. Luc Barre would leave on Friday, he added. => Olaf Brix: It is late, | Olaf Brix: Luc Barre would leave on Friday
# bare surnames
Chief executive Lena Marsh said the merger would save jobs. Marsh told analysts that costs would fall. => Lena Marsh: the merger would save jobs | Lena Marsh: costs would fall
The team led by Emil Strand found the bones. “We wept,” Strand said. => Emil Strand: We wept,
Tom Baker owns the mill. “It never stops,” Baker said. => Tom Baker: It never stops,
Ali al-Temo leads the clan. Temo said the well was dry. => Ali al-Temo: the well was dry
Foreign Minister Ana Brenn met her counterpart, Leo Tamm. Brenn said the border would open. Tamm said nothing had been agreed. => Ana Brenn: the border would open | Leo Tamm: nothing had been agreed
# months that are names
Minister Jan Olk said the road was shut. A spokesman for Jan Olk said it would open. => Jan Olk: the road was shut | A spokesman for Jan Olk: it would open
Prime Minister Ana May said the road was shut. May said it would open in May. => Ana May: the road was shut | Ana May: it would open in May
# roles
The mayor of Ardal, Petra Sund, said the dam was safe. Her deputy, Olaf Brix, said it leaked. => Petra Sund: the dam was safe | Olaf Brix: it leaked
Mayor Petra Sund opened the dam. The mayor said it was safe. => Petra Sund: it was safe
Colonel Dag Mork said the bridge was open. “They ran,” the colonel said. => Dag Mork: the bridge was open | Dag Mork: They ran,
The army's spokesman, Colonel Dag Mork, said the bridge was open. => Dag Mork: the bridge was open
Ana Dean, a beekeeper in Ardal, lost 40 hives. “We saw it coming,” the beekeeper said. => Ana Dean: We saw it coming,
President Luc Barre sacked his prime minister, Guy Roux. Roux said he was surprised. => Guy Roux: he was surprised
# described anew
Coach Ilir Dasan praised his side. “We never gave up,” the 54-year-old said. => Ilir Dasan: We never gave up,
Rell, 27, joined from Orsk. “It is my dream club,” the Slovenian said. => Rell: It is my dream club,
The U.N. envoy, Jean Marce, arrived on Friday. The Belgian said he carried new proposals. => Jean Marce: he carried new proposals
Pilot Kurt Venn landed in a field. “There was no choice,” the former airman said. => Kurt Venn: There was no choice,
Rebel leader Abu Talib fled. The army chief said the war was over. => The army chief: the war was over
# nouns in no list
The apiarist said the hives were gone. => The apiarist: the hives were gone
The flood said to have killed nine was caused by rain. =>
The sign said the road was shut. =>
# anonymous speakers keep their description
“It will blow,” said one army officer who asked not to be identified. => one army officer: It will blow,
Colonel Dag Mork said the bridge was open. A second officer, who was not allowed to speak to the press, said it was mined. => Dag Mork: the bridge was open | A second officer: it was mined
“We won,” said a rebel commander known as Abu Omar. => Abu Omar: We won,
“We won,” a rebel fighter who identified himself as Abu Omar told a reporter. => Abu Omar: We won,
“We won,” said an official who spoke on condition of anonymity. => an official: We won,
A senior official said the talks had failed. The official said no date was set. => A senior official: the talks had failed | A senior official: no date was set
# spokesmen and offices
Airline Vessa grounded its fleet. A spokeswoman for the carrier said an inquiry had begun. => A spokeswoman for the carrier: an inquiry had begun
Ana Brenn's campaign said it was looking for a new chair. => Ana Brenn's campaign: it was looking for a new chair
The rebels said they had taken the bridge. Their spokesman, Hamid Rasul, said 12 soldiers were dead. => rebels: they had taken the bridge | Hamid Rasul: 12 soldiers were dead
“We are tired,” said Hana Odeh, 30. Her husband, Tarek, said they had eaten nothing. => Hana Odeh: We are tired, | Tarek: they had eaten nothing
# bodies
Human rights group Open Cells said 90 people were held. The group's director, Lia Moro, said some were children. => Open Cells: 90 people were held | Lia Moro: some were children
Oxlade Motors said sales had slowed. It added that a recovery was under way. => Oxlade Motors: sales had slowed | Oxlade Motors: a recovery was under way
The Dam Authority's report said the dam would fail. => Dam Authority: the dam would fail
Food is short, according to a report released Friday by Mercy Hands. => Mercy Hands: Food is short
The interior ministry issued a statement. The ministry said two men were held. => ministry: two men were held
# two speakers take turns
Brenn met Tamm. “Go,” said Brenn. “No,” said Tamm. “Go now,” said Brenn. => Brenn: Go, | Tamm: No, | Brenn: Go now,
Mayor Ana Sund and her rival, Olaf Brix, met. “It is safe,” Sund said. “It leaks,” Brix said. “It does not,” she said. => Ana Sund: It is safe, | Olaf Brix: It leaks, | Ana Sund: It does not,
"""


def cases() -> list[tuple[str, list[tuple[str, str]]]]:
    found: list[tuple[str, list[tuple[str, str]]]] = []
    for line in CASES.strip().splitlines():
        if line.startswith("#"):
            continue
        text, _, expected = line.partition(" =>")
        turns = [tuple(turn.strip().split(": ", 1)) for turn in expected.split("|") if turn.strip()]
        found.append((text, turns))  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize(("text", "turns"), cases(), ids=lambda value: value if isinstance(value, str) else "")
def test_the_speaker_of_each_statement(text: str, turns: list[tuple[str, str]], read: Callable[..., Reading]) -> None:
    statements = extract(read(text))
    said = [((s.speaker.name or s.speaker.text) if s.speaker else "", s.content) for s in statements]
    assert said == turns, f"tocsin explain --type statement {text!r}"


def test_a_resolved_pronoun_tells_what_was_printed_and_keeps_the_persons_id(read: Callable[..., Reading]) -> None:
    text = "Mayor Petra Sund opened the dam. “It is safe,” she said."
    (statement,) = extract(read(text))
    speaker = statement.speaker
    assert speaker is not None
    assert (speaker.id, speaker.kind, speaker.resolved_from) == ("person:petra-sund", "person", "she")
    assert text[speaker.start : speaker.end] == speaker.text == "she"


def test_a_pronoun_that_nobody_fits_stays_as_printed_without_an_id(read: Callable[..., Reading]) -> None:
    (statement,) = extract(read("“It will snow,” she said."))
    assert statement.speaker is not None
    assert (statement.speaker.id, statement.speaker.resolved_from) == (None, None)


def test_a_body_has_the_id_of_the_party_that_its_name_means(read: Callable[..., Reading]) -> None:
    (statement,) = extract(read("The United Nations said both sides had fired."))
    assert statement.speaker is not None
    assert (statement.speaker.id, statement.speaker.kind) == ("org:un", "organisation")
