"""Settings of the webhooks service, beside those that all services share (`tocsin.streaming.settings`)."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class WebhookSettings(BaseSettings):
    """Read from the environment, `TOCSIN_WEBHOOKS__...`."""

    model_config = SettingsConfigDict(env_prefix="TOCSIN_WEBHOOKS__", extra="ignore")

    receivers: Path | None = Field(
        default=None, description="receivers.yaml: who is told of what. Without it alerts are read and go nowhere."
    )
    external_url: str = Field(
        default="http://localhost:8088", description="Where people can reach Tocsin; it stands in messages."
    )
    api_token: SecretStr | None = Field(
        default=None,
        description="Bearer token of the HTTP API. Without it the API answers clients on this machine alone.",
    )
    api_token_file: Path | None = Field(default=None, description="The same, in a file.")

    def token(self) -> str | None:
        """The bearer token, or None. Raises OSError when its file cannot be read."""
        if self.api_token_file is not None:
            return self.api_token_file.read_text(encoding="utf-8").strip()
        return self.api_token.get_secret_value() if self.api_token else None
