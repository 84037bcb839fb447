"""`receivers.yaml`: who gets which alerts, where, in which form. Every mistake is told with file and line."""

from __future__ import annotations

import os
import re
import ssl
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jinja2 import Environment, TemplateSyntaxError
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    model_validator,
)

from tocsin_schemas import Alert

from .delivery import Retry
from .matching import WEEKDAYS, Matcher, MuteWindow, labels_of, muted_until, parse_matcher
from .outbox import Policy
from .signing import BadKeyError, Key, parse_key

Format = Literal["alertmanager-v4", "standard", "cloudevents", "pagerduty-v2", "slack", "teams", "template"]

UNSIGNED_FORMATS: Final = ("pagerduty-v2", "slack", "teams")
"""Formats whose receivers know nothing of Standard Webhooks: the secret is their URL or routing key."""

ALERTMANAGER_PATH: Final = "/api/v2/alerts"
PAGERDUTY_URL: Final = "https://events.pagerduty.com/v2/enqueue"

_DURATION: Final = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?")


def parse_duration(value: Any) -> timedelta:
    """ "1h30m" as a timedelta; units d, h, m, s, ms. Raises ValueError."""
    if isinstance(value, timedelta):
        return value
    found = _DURATION.fullmatch(value) if isinstance(value, str) and value else None
    if found is None:
        raise ValueError(f'not a duration: {value!r}; write it like "15s", "5m" or "1h30m"')
    days, hours, minutes, seconds, millis = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, milliseconds=millis)


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]


def parse_minutes(value: Any) -> int:
    """ "22:30" as minutes after midnight (24:00 is 1440); YAML 1.1 has read an unquoted one as minutes already."""
    if isinstance(value, int) and 0 <= value <= 1440:
        return value
    found = re.fullmatch(r"(\d{1,2}):(\d\d)", str(value))
    if found is None or not 0 <= (minutes := int(found[1]) * 60 + int(found[2])) <= 1440 or int(found[2]) > 59:
        raise ValueError(f'not a time of day: {value!r}; write it like "22:30"')
    return minutes


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Secret(_Strict):
    """A value that may be secret: given as it is, in a file, or in an environment variable. Files are read anew each
    time, so that a mounted secret can be rotated without a restart.
    """

    value: str | None = Field(default=None, repr=False)
    file: Path | None = None
    env: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, data: Any) -> Any:
        return {"value": data} if isinstance(data, str) else data

    @model_validator(mode="after")
    def _one(self) -> Secret:
        if sum(part is not None for part in (self.value, self.file, self.env)) != 1:
            raise ValueError("give exactly one of value, file, env")
        self.read()
        return self

    def read(self) -> str:
        """The secret. Raises ValueError when its file or variable is not there."""
        if self.file is not None:
            try:
                return self.file.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise ValueError(f"cannot read {self.file}: {error}") from None
        if self.env is not None:
            if (found := os.environ.get(self.env)) is None:
                raise ValueError(f"the environment variable {self.env} is not set")
            return found.strip()
        return self.value or ""


class Tls(_Strict):
    """How the receiver proves itself, and how Tocsin does: own CA, client certificate. There is no way to switch
    verification off.
    """

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None

    @model_validator(mode="after")
    def _loads(self) -> Tls:
        if (self.cert is None) != (self.key is None):
            raise ValueError("cert and key belong together")
        self.context()
        return self

    def context(self) -> ssl.SSLContext:
        """The TLS settings for a connection. Raises ValueError when a file cannot be used."""
        try:
            context = ssl.create_default_context(cafile=self.ca)
            if self.cert is not None:
                context.load_cert_chain(self.cert, self.key)
        except (OSError, ssl.SSLError) as error:
            raise ValueError(f"cannot use {self.ca or self.cert}: {error}") from None
        return context


class Mute(_Strict):
    """Hours in which nothing is sent; what comes in meanwhile is sent when they end."""

    weekdays: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]] = list(WEEKDAYS)
    start: Annotated[int, BeforeValidator(parse_minutes)] = Field(alias="from")
    end: Annotated[int, BeforeValidator(parse_minutes)] = Field(alias="to")
    zone: str = "UTC"

    @model_validator(mode="after")
    def _sensible(self) -> Mute:
        if self.start == self.end:
            raise ValueError("from and to are the same; for the whole day write from: 00:00, to: 24:00")
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"unknown time zone {self.zone!r}; write it like Asia/Kabul") from None
        return self

    def window(self) -> MuteWindow:
        return MuteWindow(frozenset(self.weekdays), self.start, self.end, self.zone)


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not a URL of a receiver: write https://host/path")
    return text


def _timeout(asked: timedelta) -> timedelta:
    if not timedelta() < asked <= timedelta(minutes=1):
        raise ValueError("a timeout is longer than nothing and at most 1m")
    return asked


def _repeat(asked: timedelta) -> timedelta:
    if asked < timedelta(seconds=1):
        raise ValueError("reminders are at least 1s apart")
    return asked


def _check_template(template: str | None) -> None:
    try:
        Environment(autoescape=True).parse(template or "")
    except TemplateSyntaxError as error:
        raise ValueError(f"template: line {error.lineno}: {error.message}") from None


def _header_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", text):
        raise ValueError(f"not a header name: {text!r}")
    if text.lower().startswith("webhook-") or text.lower() in ("host", "content-length", "content-type"):
        raise ValueError(f"{text} is set by Tocsin itself")
    return text


class Receiver(_Strict):
    """One receiver. Only `name` and `url` (or `routing_key`), and a secret, are needed."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")
    deliver: Literal["webhook", "alertmanager"] = "webhook"
    url: Secret | None = None
    format: Format = "alertmanager-v4"
    template: str | None = None
    content_type: str = "application/json"
    routing_key: Secret | None = None
    secrets: list[Secret] = []
    unsigned: bool = False
    match: list[Annotated[str, AfterValidator(lambda text: parse_matcher(text) and text)]] = []
    send_resolved: bool = True
    headers: dict[Annotated[str, AfterValidator(_header_name)], Secret] = {}
    timeout: Annotated[Duration, AfterValidator(_timeout)] = timedelta(seconds=15)
    tls: Tls | None = None
    proxy: Secret | None = None
    allow: list[str] = []
    max_in_flight: Annotated[int, Field(ge=1, le=64)] = 4
    group_by: list[str] = []
    group_wait: Duration = timedelta(seconds=10)
    group_interval: Duration = timedelta(minutes=5)
    repeat: Annotated[Duration, AfterValidator(_repeat)] | None = None
    mute: list[Mute] = []
    retry: Annotated[list[Duration], Field(min_length=1)] | None = None
    _matchers: tuple[Matcher, ...] = PrivateAttr(default=())

    def model_post_init(self, context: Any, /) -> None:
        self._matchers = tuple(parse_matcher(text) for text in self.match)

    @model_validator(mode="after")
    def _whole(self) -> Receiver:
        pagerduty = self.format == "pagerduty-v2"
        if pagerduty != (self.routing_key is not None):
            raise ValueError("format pagerduty-v2 and routing_key belong together")
        if self.url is None and not pagerduty:
            raise ValueError("url is missing")
        if (self.format == "template") != (self.template is not None):
            raise ValueError("format template and template belong together")
        _check_template(self.template)
        if pagerduty and self.group_by:
            raise ValueError("PagerDuty takes one alert a message: remove group_by")
        if self.deliver == "alertmanager" and (self.format != "alertmanager-v4" or self.group_by):
            raise ValueError("an Alertmanager formats and groups by itself: remove format and group_by")
        self.keys()
        _url(self.target())
        if not self.secrets and not self.unsigned and self.deliver == "webhook" and self.format not in UNSIGNED_FORMATS:
            raise ValueError("secrets is missing; write `unsigned: true` if this receiver is to trust anybody")
        return self

    def target(self) -> str:
        """The URL to post to. Raises ValueError when it cannot be read."""
        url = self.url.read() if self.url is not None else PAGERDUTY_URL
        if self.deliver == "alertmanager" and not url.endswith(ALERTMANAGER_PATH):
            return url.rstrip("/") + ALERTMANAGER_PATH
        return url

    def keys(self) -> list[Key]:
        """The signing keys as they are now. Raises ValueError (BadKeyError among them) when one cannot be used."""
        keys = [parse_key(secret.read()) for secret in self.secrets]
        for key in keys:
            try:
                key.sign(b"")
            except BadKeyError as error:
                raise ValueError(str(error)) from None
        return keys

    def wants(self, alert: Alert) -> bool:
        """Whether this alert is for this receiver."""
        if alert.state == "resolved" and not self.send_resolved:
            return False
        labels = labels_of(alert)
        return all(matcher.holds(labels) for matcher in self._matchers)

    def policy(self) -> Policy:
        """How the outbox is to serve this receiver."""
        windows = [mute.window() for mute in self.mute]
        refresh = timedelta(minutes=5) if self.deliver == "alertmanager" else None
        return Policy(
            retry=Retry(tuple(self.retry)) if self.retry is not None else Retry(),
            max_in_flight=self.max_in_flight,
            grouped=bool(self.group_by),
            group_wait=self.group_wait,
            group_interval=self.group_interval,
            repeat=self.repeat or refresh,
            muted_until=lambda now: muted_until(windows, now),
        )


class Receivers(_Strict):
    """The whole file."""

    receivers: list[Receiver] = []

    @model_validator(mode="after")
    def _names_differ(self) -> Receivers:
        names = [receiver.name for receiver in self.receivers]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two receivers have the name {', '.join(twice)}")
        return self

    def by_name(self) -> dict[str, Receiver]:
        return {receiver.name: receiver for receiver in self.receivers}

    def for_alert(self, alert: Alert) -> list[Receiver]:
        """The receivers that want this alert, in the order of the file."""
        return [receiver for receiver in self.receivers if receiver.wants(alert)]
