"""What services are told from outside: environment variables `TOCSIN_*`, or files in a secrets directory.

A service's own settings stand in its room: a subclass of `EnvironmentSettings` with a prefix of its own
(`env_prefix="TOCSIN_INGEST__"`), read with `load(IngestSettings)`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar

import pydantic_settings
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from .errors import SettingsError

SECRETS_DIR: Final = "TOCSIN_SECRETS_DIR"
"""Names a folder with one file a setting, called like the variable in lower case (`tocsin_kafka__bootstrap`)."""

LogLevel = Literal["debug", "info", "warning", "error"]
StoreKind = Literal["memory", "rocksdb"]


class EnvironmentSettings(BaseSettings):
    """Settings from the environment first, from the secrets directory second."""

    model_config = SettingsConfigDict(env_nested_delimiter="__", extra="ignore")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        folder = os.environ.get(SECRETS_DIR)
        secrets = NestedSecretsSettingsSource(
            file_secret_settings, secrets_dir=folder or None, secrets_dir_missing="error"
        )
        return init_settings, env_settings, secrets


class KafkaSettings(BaseModel):
    """Where the broker is, and how the topics are named on it."""

    model_config = ConfigDict(extra="forbid")

    bootstrap: str = Field(
        default="127.0.0.1:9092", description="host:port of one or more brokers, separated by commas"
    )
    topic_prefix: str = Field(
        default="", pattern=r"^[A-Za-z0-9._-]*$", description="put before the name of every topic and consumer group"
    )
    replication: Annotated[int, Field(ge=1)] = Field(
        default=1, description="replication factor of topics that are created"
    )


class HttpSettings(BaseModel):
    """Where a service answers /metrics, /livez and /readyz."""

    model_config = ConfigDict(extra="forbid")

    host: str = Field(default="127.0.0.1", description="address to listen on; 0.0.0.0 in a container")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(
        default=0, description="port to listen on; 0: the service's own"
    )


class Settings(EnvironmentSettings):
    """Settings that every service has; TOCSIN_KAFKA__BOOTSTRAP sets `kafka.bootstrap`."""

    model_config = SettingsConfigDict(env_prefix="TOCSIN_")

    kafka: KafkaSettings = KafkaSettings()
    http: HttpSettings = HttpSettings()
    state_dir: Path = Field(
        default=Path("~/.local/state/tocsin"),
        validate_default=True,
        description="folder for what a service keeps on disk",
    )
    log_level: LogLevel = Field(default="info", description="least severe log line that is written")
    instance: str = Field(
        default="0",
        pattern=r"^[A-Za-z0-9._-]+$",
        description="name of this one of a service's processes, kept over restarts",
    )
    store: StoreKind = Field(
        default="memory", description="where tables are kept: rocksdb (under state_dir) above some 50,000 keys"
    )
    stall_seconds: Annotated[float, Field(gt=0)] = Field(
        default=90.0,
        description="a process that makes no progress for so long while records wait ends, to be started again",
    )
    stop_seconds: Annotated[float, Field(gt=0)] = Field(
        default=20.0,
        description="longest wait for work in hand after SIGTERM; what is not done by then is done again later",
    )

    @field_validator("state_dir")
    @classmethod
    def _home_expanded(cls, value: Path) -> Path:
        return value.expanduser()

    @property
    def bootstrap_servers(self) -> list[str]:
        """The brokers as a list, as Kafka clients want them."""
        return [server.strip() for server in self.kafka.bootstrap.split(",") if server.strip()]


S = TypeVar("S", bound=BaseSettings)


def load_settings() -> Settings:
    """The settings of every service. Raises SettingsError, as `load` does."""
    return load(Settings)


def load(kind: type[S]) -> S:
    """Settings from the environment and the secrets directory.

    Raises SettingsError naming each variable that is wrong, what it holds and what is expected.
    """
    try:
        return kind()
    except ValidationError as error:
        prefix = kind.model_config.get("env_prefix", "")
        problems = [_problem(prefix, detail) for detail in error.errors()]
        raise SettingsError("; ".join(problems)) from None
    except pydantic_settings.SettingsError as error:
        raise SettingsError(f"{SECRETS_DIR} or a variable cannot be read: {error}") from None


def _problem(prefix: str, detail: Any) -> str:
    """One line about one variable. What it holds is told only where it cannot be a secret."""
    name = prefix + "__".join(str(part) for part in detail["loc"]).upper()
    if detail["type"] == "extra_forbidden":
        return f"{name} is no setting of Tocsin: correct the name"
    held = "" if any(word in name for word in ("SECRET", "PASSWORD", "TOKEN", "KEY")) else f", not {detail['input']!r}"
    return f"{name}: {detail['msg'][:1].lower()}{detail['msg'][1:]}{held}"
