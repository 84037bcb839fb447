"""The rules of a running process: read at the start, read again on SIGHUP, never exchanged for broken ones."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from tocsin.streaming import metrics
from tocsin.streaming.errors import SettingsError
from tocsin.streaming.logs import get_logger
from tocsin.streaming.settings import EnvironmentSettings

from .documents import DocumentError
from .rule_models import Duration
from .rules import RuleSet, load_rules

log = get_logger()


class AlertingSettings(EnvironmentSettings):
    """Settings of the two processes of alerting."""

    model_config = SettingsConfigDict(env_prefix="TOCSIN_ALERTING__")

    rules: Path | None = Field(default=None, description="rule file, or folder of rule files; must be set")
    lateness: Duration = Field(
        default="30d",
        validate_default=True,
        description="how late, in event time, a record may come and still count everywhere, once a group is large",
    )
    settle: Duration = Field(
        default="1s",
        validate_default=True,
        description="how long a group must be left alone before its alerts are judged; ten times that at most",
    )


class LiveRules:
    """The rules at `path`. `current` are those in use; `version` counts how often they were exchanged."""

    def __init__(self, path: Path, rules: RuleSet) -> None:
        self.path = path
        self.current = rules
        self.version = 1
        self._listeners: list[Callable[[], None]] = []
        metrics.RULES.set(len(rules.by_name))

    @classmethod
    def read(cls, settings: AlertingSettings) -> LiveRules:
        """The rules that the settings name. Raises SettingsError with every problem of every file, a line each."""
        if settings.rules is None:
            raise SettingsError("TOCSIN_ALERTING__RULES is not set: name a rule file, or a folder of rule files")
        try:
            return cls(settings.rules, load_rules(settings.rules))
        except DocumentError as error:
            raise SettingsError(str(error)) from None

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever the rules were exchanged."""
        self._listeners.append(listener)

    def reload(self) -> bool:
        """Read the rules again. When they are broken, say so and go on with those in use."""
        try:
            rules = load_rules(self.path)
        except DocumentError as error:
            metrics.RULE_RELOADS.labels(result="refused").inc()
            log.error("rules refused, the ones in use stay", problems=[str(problem) for problem in error.problems])
            return False
        self.current = rules
        self.version += 1
        metrics.RULE_RELOADS.labels(result="loaded").inc()
        metrics.RULES.set(len(rules.by_name))
        log.info("rules loaded", rules=sorted(rules.by_name))
        for listener in self._listeners:
            listener()
        return True

    @asynccontextmanager
    async def on_hangup(self) -> AsyncIterator[None]:
        """Within the context, SIGHUP reads the rules again."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, self.reload)
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGHUP)
