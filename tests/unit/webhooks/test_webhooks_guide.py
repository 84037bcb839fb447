"""The examples of docs/webhooks.md do what they say."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from tocsin.webhooks.config_file import load_receivers
from tocsin.webhooks.delivery import Outcome, Reason
from tocsin.webhooks.formats import Notification, render
from tocsin.webhooks.receivers import Receiver
from tocsin.webhooks.signing import new_secret, parse_key, sign
from webhook_builders import SECRET, an_alert

GUIDE = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


@pytest.mark.parametrize("text", blocks("yaml"))
def test_every_file_in_the_guide_loads_and_renders(tmp_path: Path, text: str) -> None:
    (tmp_path / "receivers.yaml").write_text(text, encoding="utf-8")
    (receiver,) = load_receivers(tmp_path / "receivers.yaml").receivers
    body = render(receiver, Notification("desk", (an_alert(),), {}, "http://t.example", "msg_1", datetime.now(UTC)))
    assert orjson.loads(body.content)


def test_the_receiver_in_the_guide_tells_genuine_from_forged() -> None:
    scope: dict[str, Any] = {}
    exec(blocks("python")[0], scope)
    headers = sign("msg_1", datetime.now(UTC), b"{}", [parse_key(SECRET)])
    assert scope["is_genuine"](SECRET, headers, b"{}")
    assert not scope["is_genuine"](SECRET, headers, b"[]")
    assert not scope["is_genuine"](new_secret(), headers, b"{}")


def test_the_guide_names_every_field_and_no_other() -> None:
    table = GUIDE.split("## Every field")[1].split("## Forms")[0]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == set(Receiver.model_fields) - {"unsigned"}


@pytest.mark.parametrize(
    "reason", [Reason.EXHAUSTED, Reason.EXPIRED, Reason.GONE, Reason.SUPERSEDED, Reason.FIRING_NOT_SENT]
)
def test_the_guide_explains_why_a_delivery_was_not_made(reason: Reason) -> None:
    assert f"`{reason}`" in GUIDE


def test_the_metrics_name_every_outcome() -> None:
    from tocsin.streaming import metrics

    for outcome in Outcome:
        assert str(outcome) in metrics.WEBHOOK_ATTEMPTS._documentation
