"""The contract's topics on a broker: their names there, and their creation.

What a service keeps in tables is data here, too: a table's changelog is created with all other topics.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from tocsin_schemas.topics import (
    DAY_MS,
    DEAD_LETTER_RETENTION_DAYS,
    PARTITIONS,
    TOPICS,
    Topic,
    dead_letter_name,
)

from .errors import FatalError, TransientError
from .settings import Settings

TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "ledger": ("reports",),
    "alerting-counting": ("groups",),
}
"""The tables of each service. A table's changelog has as many partitions as the topics it is folded from."""

MAX_RECORD_BYTES: Final = 4_000_000
"""Largest record of topics that set no size of their own: an alert with all its evidence. Kafka's default is 1 MB."""

MAX_TABLE_BYTES: Final = 8_000_000
"""Largest value of a table."""

ROOM: Final = 100_000
"""What a record may grow by on its way: headers of a dead letter, the key, another compression."""

SUBSCRIBERS: Final = "subscribers"
REQUEST_TIMEOUT_MS: Final = 30_000
SETTLING_SECONDS: Final = 0.05
SETTLING_TRIES: Final = 400


@dataclass(frozen=True, slots=True)
class TopicOnBroker:
    """A topic under its full name, as the broker is asked to have it."""

    name: str
    config: dict[str, str]
    partitions: int = PARTITIONS


def topic_name(topic: Topic, settings: Settings) -> str:
    """The topic's name on the broker: with the prefix of the settings."""
    return settings.kafka.topic_prefix + topic.name


def dlq_name(topic: Topic, service: str, settings: Settings) -> str:
    """Name on the broker of the topic for what `service` cannot process of `topic`.

    The processes of one service share it: "alerting-matching" and "alerting-counting" both write to `.alerting.dlq`.
    """
    return settings.kafka.topic_prefix + dead_letter_name(topic.name, consumer_of(service))


def consumer_of(service: str) -> str:
    """The consumer that the contract names: "alerting" for its process "alerting-matching"."""
    return service.partition("-")[0]


def group_name(service: str, settings: Settings) -> str:
    """Consumer group (and Faust app id) of a service's processes."""
    return f"{settings.kafka.topic_prefix}tocsin-{service}"


def changelog_name(service: str, table: str, settings: Settings) -> str:
    """Name on the broker of the topic that a table is recovered from (Faust composes the same one)."""
    return f"{group_name(service, settings)}-{table}-changelog"


def max_bytes(topic: Topic) -> int:
    """Largest record, in bytes, that the broker takes on `topic`."""
    return topic.max_message_bytes or MAX_RECORD_BYTES


def on_broker(topic: Topic, settings: Settings) -> TopicOnBroker:
    """`topic` as the broker is asked to have it."""
    return TopicOnBroker(
        topic_name(topic, settings), {"max.message.bytes": str(max_bytes(topic)), **topic.config}, topic.partitions
    )


def dead_letters_on_broker(topic: Topic, service: str, settings: Settings) -> TopicOnBroker:
    """The dead-letter topic of `service` for `topic`, as the broker is asked to have it."""
    config = {
        "cleanup.policy": "delete",
        "retention.ms": str(DEAD_LETTER_RETENTION_DAYS * DAY_MS),
        "max.message.bytes": str(max_bytes(topic) + ROOM),
    }
    return TopicOnBroker(dlq_name(topic, service, settings), config, topic.partitions)


def changelog_on_broker(service: str, table: str, settings: Settings) -> TopicOnBroker:
    """The changelog of a table, as the broker is asked to have it."""
    config = {"cleanup.policy": "compact", "max.message.bytes": str(MAX_TABLE_BYTES + ROOM)}
    return TopicOnBroker(changelog_name(service, table, settings), config)


def all_topics(settings: Settings) -> list[TopicOnBroker]:
    """Every topic that the system needs: the contract's, their dead letters, the tables' changelogs."""
    wanted = [on_broker(topic, settings) for topic in TOPICS]
    wanted += [
        dead_letters_on_broker(topic, consumer, settings)
        for topic in TOPICS
        for consumer in topic.consumers
        if consumer != SUBSCRIBERS
    ]
    wanted += [changelog_on_broker(service, table, settings) for service, names in TABLES.items() for table in names]
    return wanted


async def create_topics(settings: Settings) -> list[str]:
    """Create what is missing of `all_topics`; returns the names of what was created. Existing topics stay as they are.

    Raises TransientError when the broker cannot be reached, FatalError when it refuses.
    """
    return await create(all_topics(settings), settings)


async def create(wanted: Iterable[TopicOnBroker], settings: Settings) -> list[str]:
    """Create the missing ones of `wanted`, as `create_topics` does. Returns when all of them can be used."""
    topics = {topic.name: topic for topic in wanted}
    async with _admin(settings) as admin:
        existing = await _partitions(admin)
        missing = [topic for name, topic in topics.items() if name not in existing]
        created: list[str] = []
        if missing:
            replication = settings.kafka.replication
            created = _created(
                await admin.create_topics(
                    [NewTopic(t.name, t.partitions, replication, topic_configs=t.config) for t in missing]
                )
            )
        for _ in range(SETTLING_TRIES):
            if topics.keys() <= (await _partitions(admin)).keys():
                return created
            await asyncio.sleep(SETTLING_SECONDS)
        raise TransientError(f"Kafka at {settings.kafka.bootstrap} has the topics, but not yet leaders for them")


async def partitions_of(names: Collection[str], settings: Settings) -> dict[str, int]:
    """Number of partitions of those of `names` that exist. Raises TransientError when Kafka cannot be reached."""
    async with _admin(settings) as admin:
        known = await _partitions(admin)
        return {name: known[name] for name in names if name in known}


async def wait_for_topics(names: Collection[str], settings: Settings, waiting: Callable[[str], None]) -> dict[str, int]:
    """Wait until Kafka answers and has all of `names`; returns their numbers of partitions.

    For a service's start: `waiting` is told why it still waits, before each new try (after 1 s, later every 5 s).
    """
    pause = 1.0
    while True:
        try:
            found = await partitions_of(names, settings)
        except TransientError as error:
            waiting(str(error))
        else:
            missing = sorted(set(names) - found.keys())
            if not missing:
                return found
            waiting(f"Kafka at {settings.kafka.bootstrap} has no topic {', '.join(missing)}: create the topics")
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 5.0)


@asynccontextmanager
async def _admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """An admin client. What Kafka or the network does to it becomes a TransientError."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap_servers, request_timeout_ms=REQUEST_TIMEOUT_MS)
    try:
        await admin.start()
        yield admin
    except (KafkaError, OSError) as error:
        raise TransientError(unreachable(settings, error)) from error
    finally:
        await admin.close()


async def _partitions(admin: AIOKafkaAdminClient) -> dict[str, int]:
    """Topics that can be used, with their numbers of partitions."""
    return {
        topic["topic"]: len(topic["partitions"])
        for topic in await admin.describe_topics()
        if topic["error_code"] == 0 and all(part["leader"] >= 0 for part in topic["partitions"])
    }


def _created(response: Any) -> list[str]:
    names: list[str] = []
    for name, code, *reason in response.topic_errors:
        if code == 0:
            names.append(name)
        elif code != TopicAlreadyExistsError.errno:
            raise FatalError(f"Kafka does not create topic {name}: {reason[0] if reason else for_code(code).__name__}")
    return sorted(names)


def unreachable(settings: Settings, error: BaseException) -> str:
    """One line for people about a broker that does not answer."""
    return f"Kafka at {settings.kafka.bootstrap} cannot be reached ({error or type(error).__name__})"
