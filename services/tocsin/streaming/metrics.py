"""Every Prometheus metric of every service, declared once, with what it means. One section a service.

A process is one service, so that no metric carries the service's name: the scrape's `job` label tells them apart.
Label values come from closed sets (topics, types, reasons); ids and free text never are labels.
"""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram, Info

FAST: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Buckets in seconds for what should take milliseconds."""

# --- streaming: every service ------------------------------------------------------------------------------------

BUILD: Final = Info("tocsin_build", "Service, version and instance that this process runs")
RECORDS_READ: Final = Counter("tocsin_records_read", "Records taken from a topic, redeliveries included", ["topic"])
RECORDS_DONE: Final = Counter(
    "tocsin_records_done",
    "Records finished: outputs and state are on the broker; result is handled or dead_letter",
    ["topic", "result"],
)
RECORDS_WRITTEN: Final = Counter("tocsin_records_written", "Records that the broker has confirmed", ["topic"])
DEAD_LETTERS: Final = Counter(
    "tocsin_dead_letters", "Records put into a dead-letter topic, by source topic and error class", ["topic", "error"]
)
RETRIES: Final = Counter("tocsin_retries", "Times that a handler was tried again after a transient error", ["topic"])
HANDLE_SECONDS: Final = Histogram(
    "tocsin_handle_seconds", "Seconds that the handler of a record took, retries included", ["topic"], buckets=FAST
)
RECORD_AGE_SECONDS: Final = Histogram(
    "tocsin_record_age_seconds",
    "Seconds between a record's Kafka timestamp and the moment its outputs and state were on the broker",
    ["topic"],
    buckets=(*FAST, 30.0, 120.0, 600.0, 3600.0),
)
IN_HAND: Final = Gauge("tocsin_records_in_hand", "Records read that are not finished")
LOOP_DELAY_SECONDS: Final = Histogram(
    "tocsin_event_loop_delay_seconds", "Seconds by which the event loop woke a sleeper too late", buckets=FAST
)
KAFKA_UP: Final = Gauge("tocsin_kafka_up", "1 while the broker answers this process's questions for metadata")
READY: Final = Gauge("tocsin_ready", "1 while /readyz says yes")
RECOVERY_SECONDS: Final = Gauge("tocsin_recovery_seconds", "Seconds from assignment to ready, the last time")

# --- capture, surrender, statement, diplomacy --------------------------------------------------------------------

# How well reading goes shows in their shares: a new outlet's style, a new war's names, a bad release.

EVENTS: Final = Counter(
    "tocsin_events",
    "Events extracted, by type, modality and whether they take an earlier one back",
    ["type", "modality", "retracted"],
)
EVENTS_UNRESOLVED: Final = Counter(
    "tocsin_events_unresolved",
    "Events of which something stayed without an id: what is place, captor, surrendering, recipient, participant or speaker",
    ["type", "what"],
)
FRAMES_REFUSED: Final = Counter(
    "tocsin_frames_refused",
    "Frames that fitted a sentence and gave no event: reason is place, party, state, modal, future, negated, "
    "conditional, purpose or governed (tocsin.reading.refusals.Refusal)",
    ["reason"],
)
ARTICLES_CUT: Final = Counter(
    "tocsin_articles_cut", "Articles of which only the beginning was read, by the part that was too long", ["part"]
)
for _part in ("text", "title"):
    ARTICLES_CUT.labels(_part)
SENTENCES_READ: Final = Counter(
    "tocsin_sentences_read", "Sentences of articles, by whether they were worth a parse", ["parsed"]
)
ARTICLES_READ: Final = Counter("tocsin_articles_read", "Articles read, by their status", ["status"])
READ_SECONDS: Final = Histogram(
    "tocsin_read_seconds", "Seconds that an article waited for the worker process and was read by it", buckets=FAST
)

# --- ingest ------------------------------------------------------------------------------------------------------

INGEST_ARTICLES: Final = Counter(
    "tocsin_ingest_articles",
    "Articles answered for: outcome is new, revised, withdrawn, unchanged, superseded (an old copy) or spooled",
    ["source", "outcome"],
)
INGEST_REFUSED: Final = Counter(
    "tocsin_ingest_refused",
    "Articles not taken: kind is malformed, too_large, invalid, unknown_article or forbidden",
    ["source", "kind"],
)
INGEST_REQUESTS: Final = Counter("tocsin_ingest_requests", "Requests to POST /articles, by HTTP status", ["status"])
INGEST_SECONDS: Final = Histogram(
    "tocsin_ingest_request_seconds", "Seconds from the head of a POST to its answer", buckets=FAST
)
INGEST_SPOOL_ARTICLES: Final = Gauge("tocsin_ingest_spool_articles", "Articles on disk that wait for Kafka")
INGEST_SPOOL_BYTES: Final = Gauge("tocsin_ingest_spool_bytes", "Bytes on disk that wait for Kafka")
INGEST_KNOWN: Final = Gauge("tocsin_ingest_known_articles", "Articles in the index of the articles topic")
INGEST_FORKS: Final = Counter(
    "tocsin_ingest_forks", "Revisions that two writers wrote without knowing of each other, and that were settled"
)
INGEST_POLLS: Final = Counter(
    "tocsin_ingest_polls",
    "Rounds of a source: result is ok, no_feed, unavailable (Kafka away, spool full), or why its feed was not had: "
    "refused_address, timeout, connection, too_large, redirects, status, waiting, encoding",
    ["result"],
)
# `source` is an id from sources.yaml
INGEST_SOURCE_SUCCESS: Final = Gauge(
    "tocsin_ingest_source_last_success_seconds", "Unix time at which a source last gave its feed; 0: never", ["source"]
)
INGEST_SOURCE_NEW: Final = Gauge(
    "tocsin_ingest_source_last_new_seconds", "Unix time of a source's last new article; 0: none yet", ["source"]
)
INGEST_SOURCE_FAILURES: Final = Gauge("tocsin_ingest_source_failures", "Failed rounds of a source in a row", ["source"])
INGEST_SOURCE_SILENT: Final = Gauge(
    "tocsin_ingest_source_silent", "1 while nothing new has come for longer than the source's silence", ["source"]
)

# --- webhooks ----------------------------------------------------------------------------------------------------
# `receiver` is a name from receivers.yaml; the closed sets are tocsin.webhooks.delivery.Outcome and .Reason

WEBHOOK_ALERTS: Final = Counter(
    "tocsin_webhook_alerts",
    "Alerts read: result is routed, unrouted (no receiver wants it), seen (a delivery of it exists) or dead_letter",
    ["result"],
)
WEBHOOK_ATTEMPTS: Final = Counter(
    "tocsin_webhook_attempts",
    "Tries: outcome is delivered, gone, redirect, throttled, client_error, server_error, timeout, connection, tls, "
    "refused_address or misconfigured",
    ["receiver", "outcome"],
)
WEBHOOK_ATTEMPT_SECONDS: Final = Histogram(
    "tocsin_webhook_attempt_seconds",
    "Seconds until a receiver's status was read, or the try failed",
    ["receiver"],
    buckets=(*FAST, 15.0, 60.0),
)
WEBHOOK_DELIVERIES: Final = Counter(
    "tocsin_webhook_deliveries",
    "Deliveries that ended: state is delivered, failed or skipped; reason is delivered, exhausted, expired, gone, "
    "superseded or firing_not_sent",
    ["receiver", "state", "reason"],
)
WEBHOOK_DELAY_SECONDS: Final = Histogram(
    "tocsin_webhook_delay_seconds",
    "Seconds from an alert's last change to its delivery, reminders and redeliveries left out",
    ["receiver"],
    buckets=(*FAST, 30.0, 120.0, 600.0, 3600.0, 14_400.0, 86_400.0),
)
WEBHOOK_PENDING: Final = Gauge("tocsin_webhook_pending", "Deliveries that wait, those under way included", ["receiver"])
WEBHOOK_CIRCUIT_OPEN: Final = Gauge(
    "tocsin_webhook_circuit_open", "1 while a receiver is left alone: it fails, or has answered 410", ["receiver"]
)
WEBHOOK_RESTORE_SECONDS: Final = Histogram(
    "tocsin_webhook_restore_seconds", "Seconds to read the outbox of all partitions back", buckets=(*FAST, 30.0, 120.0)
)

# --- ledger ------------------------------------------------------------------------------------------------------

LEDGER_EVENTS: Final = Counter(
    "tocsin_ledger_events", "Events folded: outcome is news, known (seen before) or counted (only added to a count)",
    ["type", "outcome"],
)  # fmt: skip
LEDGER_RECORDS: Final = Counter(
    "tocsin_ledger_records",
    "Records written: record is an incident's type or control, status as in the contract; retired incidents count once",
    ["record", "status"],
)
LEDGER_ROW_BYTES: Final = Histogram(
    "tocsin_ledger_row_bytes",
    "Size of the row that an event was folded into",
    buckets=(1e3, 3e3, 1e4, 3e4, 1e5, 3e5, 1e6, 3e6),
)
LEDGER_EXPIRED: Final = Counter("tocsin_ledger_expired_rows", "Rows of a past period that were let go")
LEDGER_TALLY_GAP: Final = Gauge(
    "tocsin_ledger_tally_gap",
    "Places of a country that outlets count for one side beyond what the ledger has; the largest over sides and sorts",
    ["country"],
)

# --- alerting ----------------------------------------------------------------------------------------------------

RULES: Final = Gauge("tocsin_rules", "Rules in use")
RULE_RELOADS: Final = Counter(
    "tocsin_rule_reloads", "Times that the rules were read again: result is loaded or refused", ["result"]
)
SIGNALS: Final = Counter(
    "tocsin_signals", "Signals that matching wrote, by stream and whether the record matched", ["stream", "matched"]
)
BACKFILLED: Final = Counter("tocsin_backfilled_signals", "Signals written for new or edited rules from what was there")
ALERT_STATES: Final = Counter(
    "tocsin_alert_states",
    "States of alerts written: state is firing or resolved; change is firing, step, correction, resolved or taken_back",
    ["state", "change"],
)
ALERT_GROUPS: Final = Gauge("tocsin_alert_groups", "Groups of rules that this process counts")
ALERT_GROUPS_UNSETTLED: Final = Gauge(
    "tocsin_alert_groups_unsettled", "Groups that changed and are not judged yet: they settle first"
)
