"""Bearer keys: who may post articles. Only their hashes are kept.

    key = new_key()                     # "tocsin_..." 256 random bits: hand it to the sender, keep it nowhere
    hash_key(key)                       # "sha256:..." for the keys file

A key has 256 random bits, so one SHA-256 is enough: there is nothing to guess that a slow hash would slow down
(NIST SP 800-63B, section 5.1.2, on look-up secrets of 112 bits and more). The keys file is YAML:

    keys:
      - name: wire-desk
        hash: sha256:6d2f...
        scopes: ["articles:write", "articles:withdraw"]
        expires: 2027-01-01T00:00:00Z        # optional

Rotation: put the new key beside the old one under the same name, and remove the old one when it is out of use.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final, Literal

import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

Scope = Literal["articles:write", "articles:withdraw"]
PREFIX: Final = "tocsin_"
"""Start of every key, so that secret scanners find one that was published by mistake."""


def new_key() -> str:
    """A new key of 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def hash_key(key: str) -> str:
    """What the keys file holds of a key."""
    return "sha256:" + sha256(key.encode()).hexdigest()


class Key(BaseModel):
    """One line of the keys file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=100)]
    hash: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)] = ("articles:write",)
    expires: AwareDatetime | None = None


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys that are valid, by hash."""

    keys: tuple[Key, ...] = ()

    def find(self, presented: str, now: datetime) -> Key | None:
        """The unexpired key that `presented` is. Takes the same time whichever key matches, or none."""
        digest = hash_key(presented)
        found: Key | None = None
        for key in self.keys:
            if hmac.compare_digest(digest, key.hash) and (key.expires is None or now < key.expires):
                found = key
        return found


def read_keys(path: Path) -> Keyring:
    """The keys in a file. Raises ValueError, naming file and field, when it is not of that shape."""
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
        keys = _File.model_validate(content).keys
    except OSError as problem:
        raise ValueError(f"the keys file {path} cannot be read: {problem.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        raise ValueError(f"the keys file {path} is no YAML: {problem}") from None
    except ValidationError as invalid:
        first = invalid.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "top"
        raise ValueError(f"the keys file {path}, at {place}: {first['msg']}") from None
    hashes = [key.hash for key in keys]
    for index, digest in enumerate(hashes):
        if digest in hashes[:index]:
            raise ValueError(f"the keys file {path}, at keys.{index}: this hash stands there twice")
    return Keyring(keys)


class KeyFile:
    """A keys file that is read again when it changes; a file that turns bad leaves the last good keys in force."""

    def __init__(self, path: Path) -> None:
        """Reads the file. Raises ValueError as `read_keys` does."""
        self._path = path
        self._stamp = self._stamp_now()
        self._ring = read_keys(path)
        self.problem: str | None = None
        """Why the file as it is now is not used, or None when it is."""

    def ring(self) -> Keyring:
        """The keys in force now."""
        stamp = self._stamp_now()
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._ring = read_keys(self._path)
                self.problem = None
            except ValueError as problem:
                self.problem = str(problem)
        return self._ring

    def _stamp_now(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return (found.st_mtime_ns, found.st_size, found.st_ino)
