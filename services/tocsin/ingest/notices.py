"""Notices that take an article back: what stands at its address says that it was withdrawn.

Agencies send "kills" and outlets leave a notice in place of the text (AP Stylebook, "corrections and correctives";
Reuters Handbook of Journalism, "withdrawals"). A correction that leaves the article in place is a revision, no notice.
"""

from __future__ import annotations

import re
from typing import Final

SHORT: Final = 600
"""Characters up to which a text can be a notice and nothing else; what is longer is an article about one."""

_TITLE = re.compile(
    r"\s*(?:\W{0,3})(?:WITHDRAWN|RETRACTED|STORY (?:WITHDRAWN|KILLED|RETRACTED)|(?:BC-)?[A-Z-]*\bKILL\b)\W"
)
_TITLE_WORD = re.compile(r"\s*(?:withdrawn|retracted|retraction)\s*[:—–-]", re.IGNORECASE)
_TEXT = re.compile(
    r"\b(?:this|the above|the following)\s+(?:article|story|report|item|post|dispatch|page)\s+"
    r"(?:has been|was|is|has now been|had to be)\s+(?:\w+\s+)?(?:withdrawn|retracted|killed|taken down|removed|unpublished)\b"
    r"|\bwe have (?:withdrawn|retracted|removed|taken down) this (?:article|story|report|item|post)\b",
    re.IGNORECASE,
)


def takes_back(title: str, text: str) -> bool:
    """Whether this, found where an article stood, says that the article is withdrawn."""
    if _TITLE.match(f"{title} ") or _TITLE_WORD.match(title):
        return True
    return len(text) <= SHORT and _TEXT.search(text) is not None
