"""The processes that Tocsin is made of, as data: what `serve`, `up` and `demo` start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Service:
    """One process: its module's `main()`, the argument it takes, and its default HTTP port."""

    name: str
    module: str
    port: int
    argument: str | None = None

    @property
    def command(self) -> list[str]:
        """Arguments for the Python interpreter."""
        return ["-m", self.module, *([self.argument] if self.argument else [])]


SERVICES: Final = (
    Service("ingest", "tocsin.ingest.service", 8080),
    Service("capture", "tocsin.capture.service", 8081),
    Service("surrender", "tocsin.surrender.service", 8082),
    Service("statement", "tocsin.statement.service", 8083),
    Service("diplomacy", "tocsin.diplomacy.service", 8084),
    Service("ledger", "tocsin.ledger.service", 8085),
    Service("alerting-matching", "tocsin.alerting.service", 8086, "matching"),
    Service("alerting-counting", "tocsin.alerting.service", 8087, "counting"),
    Service("webhooks", "tocsin.webhooks.service", 8088),
)
BY_NAME: Final = {service.name: service for service in SERVICES}
