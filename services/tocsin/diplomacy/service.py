"""Diplomacy on Kafka: articles in, events out. Reading is CPU work and happens in a worker process.

python -m tocsin.diplomacy.service
"""

from __future__ import annotations

from typing import NoReturn

from tocsin.reading.process import problem, reader
from tocsin.reading.revisions import Told, read_revision
from tocsin.streaming.extracting import build_extractor
from tocsin.streaming.runtime import Service, start
from tocsin.streaming.settings import Settings
from tocsin_schemas import Article, Diplomacy
from tocsin_schemas.topics import DIPLOMACY

from .extract import WANTS, extract


def read(article: Article) -> Told[Diplomacy]:
    """What one article's revision tells; runs in the worker process."""
    return read_revision(reader(), article, [WANTS], extract)


def build(settings: Settings) -> Service:
    """The service: one stream in, one topic out."""
    return build_extractor("diplomacy", settings, DIPLOMACY, problem=problem, warm_up=reader, read=read)


def main() -> NoReturn:
    """Runs the service until it is told to stop."""
    start(build)


if __name__ == "__main__":
    main()
