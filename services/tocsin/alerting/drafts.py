"""An alert's record, drawn from an episode of its rule's time line."""

# pyright: strict
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tocsin_schemas import Alert, Replay
from tocsin_schemas.alert import AlertChange
from tocsin_schemas.ids import name_id

from .measures import micros, moment
from .rules import CompiledRule
from .timeline import Episode, Snapshot


def alert_id(fingerprint: str, episode: int) -> str:
    """The id of the `episode`th alert under a fingerprint.

    It counts rather than naming the start, which a late report may move (docs/decisions).
    """
    return name_id("alert", fingerprint, str(episode))


def draft(rule: CompiledRule, group: Mapping[str, str], episode: Episode, now: int) -> Alert:
    """The state of an episode as of `now`, as its first revision. A function of its arguments."""
    fingerprint = rule.fingerprint(group)
    level = episode.levels[-1]
    resolved = episode.ends is not None and episode.ends <= now
    starts_at = moment(episode.starts)
    ends_at = moment(episode.ends) if resolved and episode.ends is not None else None
    alert = Alert(
        id=alert_id(fingerprint, episode.number),
        fingerprint=fingerprint,
        revision=1,
        rule=rule.name,
        state="resolved" if resolved else "firing",
        starts_at=starts_at,
        ends_at=ends_at,
        updated_at=max(starts_at, moment(level.at), moment(level.told), ends_at or starts_at),
        value=level.value,
        threshold=rule.threshold_text,
        of=level.of,
        labels=rule.labels(group),
        evidence=list(level.evidence),
        reason=episode.reason if resolved else None,
        replay=Replay(
            rule=rule.name,
            rule_hash=rule.rule_hash,
            group=dict(group),
            start=moment(min(level.since, episode.starts)),
            end=ends_at or max(starts_at, moment(level.at)),
            episode=episode.number,
        ),
    )
    context = _context(rule, group, alert, level)
    words = {name: annotation.render(context) for name, annotation in rule.annotations.items()}
    return alert.model_copy(update={"annotations": words})


def shown(alert: Alert) -> Snapshot:
    """What an alert shows, as the snapshot that it was drawn from."""
    since = alert.replay.start or alert.starts_at
    return Snapshot(
        at=micros(alert.starts_at),
        value=alert.value,
        count=len(alert.evidence),
        of=alert.of,
        evidence=tuple(alert.evidence),
        since=micros(since),
        told=micros(alert.updated_at),
    )


def says_the_same(written: Alert, made: Alert) -> bool:
    """Whether a state need not be written again. Its words are left out: they follow from the rest."""
    return (
        written.state == made.state
        and written.starts_at == made.starts_at
        and written.ends_at == made.ends_at
        and written.value == made.value
        and written.of == made.of
        and written.reason == made.reason
        and written.threshold == made.threshold
        and written.fingerprint == made.fingerprint
        and written.evidence == made.evidence
    )


def change_of(before: Alert | None, made: Alert) -> AlertChange:
    """Why a state is written."""
    if before is None:
        return "firing" if made.state == "firing" else "resolved"
    if before.change == "taken back" or before.state != made.state:
        return "firing" if made.state == "firing" else "resolved"
    return "step" if made.state == "firing" and made.value > before.value else "correction"


def closed(last: Alert, at: datetime, reason: str, change: AlertChange) -> Alert:
    """The last word on an alert that ends for another reason than its time line."""
    ends_at = max(at, last.starts_at)
    return last.model_copy(
        update={
            "revision": last.revision + 1,
            "state": "resolved",
            "ends_at": ends_at,
            "updated_at": max(ends_at, last.updated_at),
            "reason": reason,
            "change": change,
        }
    )


def _context(rule: CompiledRule, group: Mapping[str, str], alert: Alert, level: Snapshot) -> dict[str, Any]:
    """What a template may name: `annotations.VARIABLES`."""
    return {
        "value": _plain(alert.value),
        "count": level.count,
        "of": alert.of,
        "share": level.count / alert.of if alert.of else None,
        "percent": round(100 * level.count / alert.of) if alert.of else None,
        "threshold": alert.threshold,
        "window": rule.window_text,
        "rule": rule.name,
        "state": alert.state,
        "reason": alert.reason,
        "starts_at": _clock(alert.starts_at),
        "ends_at": _clock(alert.ends_at) if alert.ends_at is not None else None,
        "group": dict(group),
        "labels": alert.labels,
        "items": [proof.label or proof.item for proof in alert.evidence],
        "evidence": alert.evidence,
    }


def _clock(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _plain(value: float) -> int | float:
    """A whole number without its ".0", others to three digits behind the point."""
    return int(value) if value == int(value) else round(value, 3)
