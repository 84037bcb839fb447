"""The contract of Tocsin: what flows on the topics, as pydantic models.

`topics.TOPICS` lists the topics with key, model and clean-up; `cloudevents.headers` gives a record's headers.
"""

from .actor import Actor, ActorKind, Speaker
from .alert import Alert, AlertEvidence, Attempt, Delivery, Replay, Signal, SignalSpan
from .article import Article, PreviousRevision, Publisher
from .base import Mention, Model, Span
from .control import Control, Tenure
from .events import (
    EVENT,
    ArticleRef,
    Attribution,
    Capture,
    Codes,
    Diplomacy,
    Event,
    EventDate,
    Evidence,
    Modality,
    Quantity,
    Statement,
    Surrender,
    check_spans,
)
from .incident import Incident, Report, Transition
from .place import Place

__all__ = [
    "EVENT",
    "Actor",
    "ActorKind",
    "Alert",
    "AlertEvidence",
    "Article",
    "ArticleRef",
    "Attempt",
    "Attribution",
    "Capture",
    "Codes",
    "Control",
    "Delivery",
    "Diplomacy",
    "Event",
    "EventDate",
    "Evidence",
    "Incident",
    "Mention",
    "Modality",
    "Model",
    "Place",
    "PreviousRevision",
    "Publisher",
    "Quantity",
    "Replay",
    "Report",
    "Signal",
    "SignalSpan",
    "Span",
    "Speaker",
    "Statement",
    "Surrender",
    "Tenure",
    "Transition",
    "check_spans",
]
