"""A fictitious war over twenty provincial capitals, as a ledger would tell it: ten days, with all that goes wrong.

The names, the country and the sentences are made up. `HELD` is the written truth: how many capitals the rebels hold
at the end of each day, as everything known in the end says.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tocsin.alerting.fields import Record
from tocsin.alerting.scenarios import Scenario
from tocsin_schemas import Alert

FIRST = date(2026, 3, 1)
CAPITALS = [
    "Ashdale", "Brenmoor", "Calvert", "Dunholm", "Estwick", "Farrow", "Glenby", "Harrowgate", "Inverlea", "Jarrow",
    "Kelmscott", "Lindow", "Marske", "Norwick", "Otterham", "Penrith Hill", "Quarrington", "Ravensworth", "Selby Cross",
    "Thornaby",
]  # fmt: skip

RULES = """\
place_sets:
  capitals:
{members}
rules:
  - alert: TenCapitalsHeld
    stream: control
    match: {{place.country: QQQ, place.is_admin1_capital: true, holder: rebels}}
    measure: {{count_distinct: place.id}}
    when: {{gte: 10}}
    steps: [15]
    of: capitals
    annotations: {{summary: "{{{{ value }}}} of {{{{ of }}}} capitals are held"}}
  - alert: SixInThreeDays
    stream: control
    match: {{place.country: QQQ, place.is_admin1_capital: true, holder: rebels}}
    measure: {{count_distinct: place.id}}
    window: 3d
    when: {{gte: 6}}
    keep_firing_for: 12h
  - alert: HalfOfThemForADay
    stream: control
    match: {{holder: rebels}}
    measure: {{share_of: capitals}}
    when: {{gte: 0.5}}
    for: 24h
  - alert: Surrenders
    stream: incidents
    match: {{type: surrender}}
    measure: {{sum: count}}
    window: 2d
    when: {{gte: 300}}
    steps: [600]
    group_by: place.country
""".format(members="\n".join(f'    - {{id: "geonames:99{n:04d}", name: {name}}}' for n, name in enumerate(CAPITALS)))

HELD = [2, 4, 7, 8, 9, 12, 14, 15, 16, 17]


def place(name: str) -> dict[str, Any]:
    return {
        "id": f"geonames:99{CAPITALS.index(name):04d}", "name": name, "country": "QQQ", "is_admin1_capital": True,
    }  # fmt: skip


def day(number: int) -> date:
    return FIRST + timedelta(days=number - 1)


def at(number: int, hour: int) -> datetime:
    return datetime.combine(day(number), datetime.min.time(), UTC) + timedelta(hours=hour)


def story() -> list[Record]:
    """All records of the ten days, in the order in which they were known."""
    return [record for _, record in sorted(_told(), key=lambda pair: pair[0])]


def _told() -> Iterable[tuple[datetime, Record]]:
    scenario = Scenario()
    told: list[tuple[datetime, str, dict[str, Any]]] = []

    def control(when: datetime, name: str, since: int, **more: Any) -> None:
        holder = more.pop("holder", "rebels")
        fields = {
            "place": place(name), "holder": holder, "since": day(since),
            "sentence": f"{name} is in the hands of the {holder} now.", **more,
        }  # fmt: skip
        told.append((when, "control", fields))

    def surrender(when: datetime, name: str, count: int, **more: Any) -> None:
        fields = {"id": f"surrender-{name}", "type": "surrender", "kind": "unit", "place": place(name), "count": count,
                  "date": when.date(), "sentence": f"The garrison of {name} laid down its arms.", **more}  # fmt: skip
        told.append((when, "incidents", fields))

    falls = {1: [0, 1], 2: [2, 3], 3: [4, 5, 6], 4: [7], 5: [8], 6: [9, 10], 7: [11, 12], 8: [13], 9: [14], 10: [15]}
    for number, names in falls.items():
        for index in names:
            control(at(number, 6 + index % 12), CAPITALS[index], number)
    # a claim, its denial, its confirmation
    control(at(2, 20), "Dunholm", 2, status="claimed")
    control(at(2, 22), "Dunholm", 2, status="contested")
    control(at(3, 9), "Dunholm", 2, status="confirmed")
    # fallen, retaken, fallen again: held at the end of day 4, not of day 5, again on day 6
    control(at(5, 11), "Glenby", 5, holder="state:QQQ")
    control(at(6, 8), "Glenby", 6)
    # known only a day and two days later
    control(at(6, 20), "Quarrington", 5)
    # reported by mistake, and withdrawn
    control(at(7, 9), "Thornaby", 7)
    control(at(7, 21), "Thornaby", 7, status="retracted")
    # more reports of what is known
    for number in (4, 6, 8):
        control(at(number, 23), "Ashdale", 1)
    surrender(at(3, 10), "Estwick", 120)
    surrender(at(3, 18), "Farrow", 200)
    surrender(at(4, 9), "Farrow", 250, date=day(3), first_seen=at(3, 18))
    surrender(at(4, 12), "Glenby", 400, status="claimed")
    surrender(at(4, 20), "Glenby", 400, status="retracted")
    for when, stream, fields in sorted(told, key=lambda row: row[0]):
        yield when, scenario.record(stream, fields, when)  # type: ignore[arg-type]


def shuffled(seed: int, repeated: int = 15) -> list[Record]:
    """The story in another order, some of it twice."""
    chance = random.Random(seed)
    records = story()
    records += chance.choices(records, k=repeated)
    chance.shuffle(records)
    return records


def standing(alerts: Iterable[Alert]) -> list[dict[str, Any]]:
    """The last state of each alert, without those that were taken back and without what counts the writings."""
    last: dict[str, Alert] = {}
    for alert in alerts:
        last[alert.id] = alert
    left = [alert for alert in last.values() if alert.change != "taken back"]
    told = [alert.model_dump(mode="json", exclude={"revision", "change"}) for alert in left]
    return sorted(told, key=lambda alert: (alert["rule"], alert["starts_at"]))
