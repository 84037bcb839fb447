"""Settings of the ingest service: environment variables `TOCSIN_INGEST__*`."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict

from tocsin.streaming.settings import EnvironmentSettings

from .normalize import Intake


class IngestSettings(EnvironmentSettings):
    """What the ingest service is told besides the settings of every service."""

    model_config = SettingsConfigDict(env_prefix="TOCSIN_INGEST__")

    keys: Path | None = Field(
        default=None, description="file with the hashed keys that may post articles; without it none may"
    )
    publishers: Path | None = Field(
        default=None, description="registry of publishers in place of the one that comes with Tocsin"
    )
    languages: frozenset[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]] = Field(
        default=frozenset({"en"}),
        description="languages that are let in, as ISO 639 codes: the extractors read English",
    )
    earliest: date = Field(default=date(1980, 1, 1), description="articles published before this day are refused")
    max_body_bytes: Annotated[int, Field(ge=1_000)] = Field(
        default=16_000_000, description="largest body of a request, after decompression"
    )
    max_batch: Annotated[int, Field(ge=1)] = Field(default=5_000, description="most articles in one request")
    rate: Annotated[float, Field(gt=0)] = Field(default=500.0, description="articles a second that one key may post")
    burst: Annotated[int, Field(ge=1)] = Field(default=10_000, description="articles that one key may post at once")
    max_waiting: Annotated[int, Field(ge=1)] = Field(
        default=5_000, description="articles under way to Kafka at once; above it posts are answered with 503"
    )
    send_seconds: Annotated[float, Field(gt=0)] = Field(
        default=5.0, description="how long an article may take to Kafka before it goes to the spool"
    )
    spool_bytes: Annotated[int, Field(ge=0)] = Field(
        default=256_000_000,
        description="room on disk for articles while Kafka is away; 0: none, posts are answered with 503",
    )

    sources: Path | None = Field(default=None, description="file with the feeds to poll (sources.yaml); one instance's")
    contact: str = Field(
        default="", max_length=200, description="address of a page or a mailbox, told to the sites that are polled"
    )
    allow_hosts: frozenset[str] = Field(
        default=frozenset(),
        description="host names that polling may reach although their addresses are not on the public internet",
    )

    @field_validator("keys", "publishers", "sources")
    @classmethod
    def _home_expanded(cls, value: Path | None) -> Path | None:
        return value.expanduser() if value is not None else None

    @property
    def rules(self) -> Intake:
        """What is let in."""
        return Intake(languages=self.languages, earliest=datetime.combine(self.earliest, time(0), UTC))
