"""Alerts and receivers for the tests of this folder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from tocsin.webhooks.receivers import Receiver, Secret
from tocsin_schemas import Alert, AlertEvidence, Replay

START = datetime(2025, 8, 11, 10, 0, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw4FTQ4mYcR1A="
"""A secret for tests only."""


def an_alert(
    name: str = "a",
    revision: int = 1,
    state: Literal["firing", "resolved"] = "firing",
    episode: int = 1,
    *,
    labels: dict[str, str] | None = None,
    annotations: dict[str, str] | None = None,
    evidence: Sequence[AlertEvidence] | None = None,
) -> Alert:
    """Revision `revision` of the alert with fingerprint `name`; another episode is another alert id."""
    at = START + timedelta(minutes=revision)
    proof = AlertEvidence(
        item="geonames:1", article_url="https://news.example/falls", publisher="Daily", sentence="The city fell."
    )
    return Alert(
        id=f"{name}/{episode}",
        fingerprint=name,
        revision=revision,
        rule="CapitalsFalling",
        state=state,
        starts_at=START,
        ends_at=at if state == "resolved" else None,
        updated_at=at,
        value=5,
        threshold="gte 5",
        of=34,
        labels={"severity": "critical", "country": "AFG"} if labels is None else labels,
        annotations={"summary": "5 of 34 provincial capitals have fallen"} if annotations is None else annotations,
        evidence=[proof] if evidence is None else list(evidence),
        replay=Replay(rule="CapitalsFalling", rule_hash="h", group={}, end=at),
    )


def a_receiver(name: str = "desk", **fields: Any) -> Receiver:
    """A receiver that signs with SECRET, unless told otherwise."""
    given: dict[str, Any] = {"name": name, "url": "https://desk.example/hook", "secrets": [SECRET], **fields}
    return Receiver.model_validate(given)


def secret_file(folder: Path, text: str = SECRET) -> Secret:
    """A secret in a file of `folder`."""
    path = folder / "secret"
    path.write_text(text + "\n", encoding="utf-8")
    return Secret(file=path)
