"""Why a piece of input is not taken.

A `Refusal` is raised where the fault is found; whoever reads a batch turns it into a `Refused` with its place, so
that one bad line does not stop the others. Neither is a fault of Tocsin: it is never logged with a stack trace.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["malformed", "too_large", "invalid", "unknown_article"]
"""malformed: not JSON, not UTF-8. too_large: over a limit. invalid: a field is wrong. unknown_article: nothing there
to withdraw."""


class Refusal(ValueError):  # noqa: N818 - the input is at fault, nothing failed here
    """Input that is not taken. `field` names the offending field where there is one; `detail` says what to do."""

    def __init__(self, kind: Kind, detail: str, field: str | None = None) -> None:
        super().__init__(f"{field}: {detail}" if field else detail)
        self.kind: Kind = kind
        self.detail = detail
        self.field = field


@dataclass(frozen=True, slots=True)
class Refused:
    """One piece of a file or a batch that was not taken: where it stood, and why."""

    where: str
    line: int | None
    kind: Kind
    why: str
    field: str | None = None

    @classmethod
    def of(cls, refusal: Refusal, where: str, line: int | None = None) -> Refused:
        """The refusal with its place."""
        return cls(where, line, refusal.kind, str(refusal), refusal.field)

    def __str__(self) -> str:
        place = self.where if self.line is None else f"{self.where}:{self.line}"
        return f"{place}: {self.why}"
