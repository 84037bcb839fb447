"""The compose file, the image and the monitoring files, checked without a container engine."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

from tocsin.cli.services import SERVICES
from tocsin.streaming import metrics

ROOT = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
ELSEWHERE = {"tocsin_consumer_lag_records"}
"""Collected at the scrape, in streaming/progress.py."""


def tool(name: str) -> str:
    """A program that the check needs; missing it is a failure in CI and a skip elsewhere."""
    found = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"{name} is not installed")
        pytest.skip(f"{name} is not installed")
    return found


def test_the_compose_file_follows_the_compose_specification() -> None:
    package = importlib.util.find_spec("check_jsonschema")  # found, not imported: it wants a newer click than Faust
    assert package is not None
    assert package.origin is not None
    schema = json.loads(
        (Path(package.origin).parent / "builtin_schemas" / "vendor" / "compose-spec.json").read_text("utf-8")
    )
    jsonschema.Draft7Validator(schema).validate(COMPOSE)


@pytest.mark.parametrize("name", [service.name for service in SERVICES])
def test_every_service_runs_in_compose_with_a_health_check_and_waits_for_its_topics(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["command"] == ["serve", name]
    assert service["healthcheck"]["test"] == ["CMD", "tocsin", "healthy"]
    assert service["depends_on"]["kafka"] == {"condition": "service_healthy"}
    assert service["depends_on"]["topics"] == {"condition": "service_completed_successfully"}
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]


def test_kafka_runs_without_zookeeper_on_a_pinned_version() -> None:
    kafka = COMPOSE["services"]["kafka"]
    assert re.fullmatch(r"apache/kafka:4\.\d+\.\d+", kafka["image"])
    assert kafka["environment"]["KAFKA_PROCESS_ROLES"] == "broker,controller"
    assert kafka["environment"]["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"


def test_every_volume_and_secret_that_a_service_uses_is_declared() -> None:
    for name, service in COMPOSE["services"].items():
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            if not source.startswith("."):
                assert source in COMPOSE["volumes"], f"{name}: {source}"
            else:
                assert (ROOT / source).exists(), f"{name}: {source}"
        assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"]), name


def test_the_image_has_no_fault_that_hadolint_knows() -> None:
    run = subprocess.run(
        [tool("hadolint"), str(ROOT / "deploy/docker/Dockerfile")], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout


def test_prometheus_scrapes_every_service() -> None:
    config = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text("utf-8"))
    targets = {
        target for job in config["scrape_configs"] for group in job["static_configs"] for target in group["targets"]
    }
    assert targets == {f"{service.name}:8080" for service in SERVICES}


def test_promtool_accepts_configuration_and_rules() -> None:
    run = subprocess.run(
        [tool("promtool"), "check", "config", str(ROOT / "deploy/prometheus/prometheus.yml")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_alert_rules_on_the_services_ring_and_rest_as_their_tests_say() -> None:
    tests = ROOT / "deploy/prometheus/tocsin.rules.test.yml"
    run = subprocess.run([tool("promtool"), "test", "rules", str(tests)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    rules = yaml.safe_load((ROOT / "deploy/prometheus/tocsin.rules.yml").read_text("utf-8"))
    named = {rule["alert"] for group in rules["groups"] for rule in group["rules"]}
    tested = {
        expected["alertname"]
        for test in yaml.safe_load(tests.read_text("utf-8"))["tests"]
        for expected in test["alert_rule_test"]
        if expected.get("exp_alerts")
    }
    assert tested == named


def test_the_dashboard_is_what_its_code_makes() -> None:
    spec = importlib.util.spec_from_file_location("make_dashboard", ROOT / "deploy/grafana/make_dashboard.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert json.loads(module.OUT.read_text("utf-8")) == module.dashboard()


def _known_metrics() -> set[str]:
    names: set[str] = set()
    for value in vars(metrics).values():
        if isinstance(value, MetricWrapperBase):
            for family in value.describe():
                names |= {family.name, f"{family.name}_total", f"{family.name}_bucket", f"{family.name}_count"}
    return names | ELSEWHERE


@pytest.mark.parametrize("file", ["deploy/grafana/dashboards/tocsin.json", "deploy/prometheus/tocsin.rules.yml"])
def test_what_is_drawn_and_watched_is_a_metric_that_exists(file: str) -> None:
    used = set(re.findall(r"\btocsin_[a-z_]+", (ROOT / file).read_text("utf-8")))
    assert used
    assert used <= _known_metrics()
