"""Signatures of Standard Webhooks 1.0: who sent it, when, and that nobody touched it.

Signed is `id.timestamp.body`. Several keys give several signatures in one header, so that a receiver can move to
a new secret while the old one still works. `whsec_` secrets sign with HMAC-SHA256 (`v1`), `whsk_` keys with
ed25519 (`v1a`, needs the `ed25519` extra), which `whpk_` public keys verify.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"

TOLERANCE: Final = timedelta(minutes=5)
"""A request whose timestamp is further off is refused: it may be a replay (the standard's own libraries use 5 min)."""

_SHORTEST, _LONGEST = 24, 64
"""Bytes of a secret: between 192 and 512 bits (Standard Webhooks, "Signature scheme")."""


class BadKeyError(ValueError):
    """A signing key that cannot be used. The message never contains the key."""


class Key(Protocol):
    """One key: it signs, verifies, or both."""

    def sign(self, content: bytes) -> str:
        """The signature with its version, such as "v1,K5oZ...". Raises BadKeyError when the key only verifies."""
        ...

    def matches(self, content: bytes, signature: str) -> bool:
        """Whether `signature` (with its version) is this key's for `content`."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class SharedSecret:
    """A `whsec_` secret: HMAC-SHA256."""

    secret: bytes

    def sign(self, content: bytes) -> str:
        return "v1," + base64.b64encode(hmac.digest(self.secret, content, hashlib.sha256)).decode()

    def matches(self, content: bytes, signature: str) -> bool:
        return hmac.compare_digest(self.sign(content).encode(), signature.encode(errors="replace"))


@dataclass(frozen=True, slots=True, repr=False)
class Ed25519:
    """A `whsk_` private or `whpk_` public key."""

    private: Any
    public: Any

    def sign(self, content: bytes) -> str:
        if self.private is None:
            raise BadKeyError("a whpk_ key only verifies; sign with the whsk_ key that it belongs to")
        return "v1a," + base64.b64encode(self.private.sign(content)).decode()

    def matches(self, content: bytes, signature: str) -> bool:
        from cryptography.exceptions import InvalidSignature

        version, _, encoded = signature.partition(",")
        if version != "v1a":
            return False
        try:
            self.public.verify(base64.b64decode(encoded, validate=True), content)
        except (InvalidSignature, binascii.Error):
            return False
        return True


def parse_key(text: str) -> Key:
    """The key that `text` spells: `whsec_`, `whsk_` or `whpk_`, then base64. Raises BadKeyError, and says why."""
    prefix, _, encoded = text.strip().partition("_")
    if prefix not in ("whsec", "whsk", "whpk"):
        raise BadKeyError(
            "a signing key starts with whsec_ (HMAC) or whsk_ (ed25519): `tocsin webhooks secret` makes one"
        )
    try:
        raw = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except binascii.Error:
        raise BadKeyError(f"what follows {prefix}_ is not base64") from None
    if prefix == "whsec":
        if not _SHORTEST <= len(raw) <= _LONGEST:
            raise BadKeyError(f"a whsec_ secret has {_SHORTEST} to {_LONGEST} bytes, this one has {len(raw)}")
        return SharedSecret(raw)
    return _ed25519(prefix, raw)


def _ed25519(prefix: str, raw: bytes) -> Ed25519:
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
    except ImportError:
        raise BadKeyError(f"{prefix}_ keys need the ed25519 extra: pip install 'tocsin[ed25519]'") from None
    if prefix == "whpk":
        if len(raw) != 32:
            raise BadKeyError(f"a whpk_ key has 32 bytes, this one has {len(raw)}")
        return Ed25519(None, Ed25519PublicKey.from_public_bytes(raw))
    if len(raw) not in (32, 64):  # the seed, or the seed and the public key behind it
        raise BadKeyError(f"a whsk_ key has 32 or 64 bytes, this one has {len(raw)}")
    private = Ed25519PrivateKey.from_private_bytes(raw[:32])
    return Ed25519(private, private.public_key())


def new_secret() -> str:
    """A fresh `whsec_` secret of 256 bits."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def new_pair() -> tuple[str, str]:
    """A fresh `whsk_` key that signs, and the `whpk_` key that verifies it. Raises BadKeyError without the extra."""
    seed = secrets.token_bytes(32)
    public = _ed25519("whsk", seed).public.public_bytes_raw()
    return "whsk_" + base64.b64encode(seed + public).decode(), "whpk_" + base64.b64encode(public).decode()


def sign(message_id: str, at: datetime, body: bytes, keys: Sequence[Key]) -> dict[str, str]:
    """The headers of a message sent `at`; without keys it carries id and time, but no signature."""
    timestamp = str(int(at.timestamp()))
    headers = {ID: message_id, TIMESTAMP: timestamp}
    if keys:
        content = _content(message_id, timestamp, body)
        headers[SIGNATURE] = " ".join(key.sign(content) for key in keys)
    return headers


@dataclass(frozen=True, slots=True)
class Verified:
    """Whether a request is genuine, and if not, why."""

    ok: bool
    reason: str


def verify(
    headers: Mapping[str, str], body: bytes, keys: Sequence[Key], now: datetime, tolerance: timedelta | None = TOLERANCE
) -> Verified:
    """Check a received request. `tolerance` None leaves the age aside, for a request captured earlier."""
    found = {name.lower(): value for name, value in headers.items()}
    missing = [name for name in (ID, TIMESTAMP, SIGNATURE) if not found.get(name)]
    if missing:
        return Verified(False, f"missing header: {', '.join(missing)}")
    timestamp = found[TIMESTAMP]
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12):
        return Verified(False, f"{TIMESTAMP} is not a number of seconds: {timestamp[:40]!r}")
    age = now - datetime.fromtimestamp(int(timestamp), UTC)
    if tolerance is not None and abs(age) > tolerance:
        return Verified(False, f"the timestamp is {abs(age)} {'old' if age > timedelta() else 'in the future'}")
    content = _content(found[ID], timestamp, body)
    for signature in found[SIGNATURE].split(" "):
        if any(key.matches(content, signature) for key in keys):
            return Verified(True, f"signed {age} ago" if tolerance is None else "signed")
    return Verified(False, "no signature matches: another secret, or the body was changed on the way")


def _content(message_id: str, timestamp: str, body: bytes) -> bytes:
    return f"{message_id}.{timestamp}.".encode() + body
