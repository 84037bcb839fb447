"""Public names are a promise: one that is missing or new shows here before a subscriber finds it."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import tocsin_schemas
from tocsin_schemas import base

PACKAGE = [
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
FUNCTIONS = {
    "cloudevents": {"encode", "headers", "schema_id", "traceparent_of"},
    "ids": {"content_hash", "folded", "name_id"},
    "topics": {"actor_key", "dead_letter_name", "place_key", "short_name", "signal_key"},
}


def test_the_package_exports_what_was_promised() -> None:
    assert tocsin_schemas.__all__ == PACKAGE
    assert [name for name in PACKAGE if not hasattr(tocsin_schemas, name)] == []


def test_every_model_of_the_contract_is_exported() -> None:
    modules = [
        importlib.import_module(f"tocsin_schemas.{found.name}")
        for found in pkgutil.iter_modules(tocsin_schemas.__path__)
    ]
    models = {
        name
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, base.Model) and not name.startswith("_")
    }
    assert models <= set(PACKAGE)


@pytest.mark.parametrize("module", FUNCTIONS)
def test_a_module_keeps_its_public_functions(module: str) -> None:
    loaded = importlib.import_module(f"tocsin_schemas.{module}")
    public = {
        name
        for name, value in vars(loaded).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == loaded.__name__ and callable(value)
    }
    assert {name for name in public if name[0].islower()} == FUNCTIONS[module]


def test_the_embedded_kafka_exports_three_names() -> None:
    from tocsin import embedded

    assert embedded.__all__ == ["EmbeddedKafka", "EmbeddedKafkaError", "cluster"]
