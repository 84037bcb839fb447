"""Where a wire credit stands in a text, and where an agency is only mentioned."""

from __future__ import annotations

import pytest

from tocsin.ingest.credit import CreditReader
from tocsin.ingest.publishers import default_publishers

BODY = "The garrison at Harun left its posts before dawn, residents said.\n\nThe governor could not be reached."


@pytest.fixture(scope="module")
def reader() -> CreditReader:
    return CreditReader(default_publishers().credits)


@pytest.mark.parametrize(
    ("text", "credit"),
    [
        (f"(Reuters) - {BODY}", "Reuters"),
        (f"HARUN (AP) — {BODY}", "AP"),
        (f"HARUN, Zedland, June 10 (Reuters) - {BODY}", "Reuters"),
        (f"HARUN/PORT SELIM (AFP/Reuters): {BODY}", "AFP"),
        (f"Harun, Nov 30 (IANS) {BODY}", "IANS"),
        (f"AFP - {BODY}", "AFP"),
        (f"AFP, HARUN, ZEDLAND\n\n{BODY}", "AFP"),
        (f"By Some Writer, Associated Press\n\n{BODY}", "AP"),
        (f"By Agence France-Presse\n\n{BODY}", "AFP"),
        (f"{BODY}\n\nSource: AFP", "AFP"),
        (f"{BODY}\n\nSOURCE: The Associated Press", "AP"),
        (f"{BODY}\n\nSource: Hill Herald, Reuters", "Reuters"),
        (f"{BODY} (AFP)", "AFP"),
        (f"{BODY} – dpa", "dpa"),
        (f"{BODY}\n\nAFP", "AFP"),
        (f"{BODY}\n\n© 2021 AFP", "AFP"),
        (f"{BODY}\n\nCopyright 2021 The Associated Press. All rights reserved.", "AP"),
        (f"{BODY}\n\n(Reporting by Some Writer; Editing by An Editor)", "Reuters"),
        (f"{BODY}\n\nReporting by A and B in Harun; Writing by C; Editing by D", "Reuters"),
    ],
)
def test_a_credit_is_read_where_credits_stand(reader: CreditReader, text: str, credit: str) -> None:
    assert reader.find(text) == credit


@pytest.mark.parametrize(
    "text",
    [
        BODY,
        f'"There was no way out," he told AFP.\n\n{BODY}',
        f"Reuters, the news agency, reported that the bridge was down.\n\n{BODY}",
        f"{BODY}\n\nReuters contributed to this report.",
        f"{BODY}\n\nWith agencies",
        f"The governor (AP photo above) fled.\n\n{BODY}",
        f"{BODY}\n\nHe spoke to the APP council.",
        f"HARUN (Hill Herald) - {BODY}",
        f"The petra stones fell.\n\n{BODY}",
    ],
)
def test_an_agency_that_is_only_mentioned_is_no_credit(reader: CreditReader, text: str) -> None:
    assert reader.find(text) is None


def test_a_long_text_costs_no_more_than_its_ends(reader: CreditReader) -> None:
    middle = "(AFP) - x " * 50_000
    assert reader.find(f"{'Plain words here. ' * 40}{middle}{'Plain words here. ' * 40}") is None
