"""The two files that the broker reads: server.properties and its logging configuration."""

from __future__ import annotations

from typing import Final

LOGS: Final = "logs"
"""Folder of the partitions, relative to the data folder: the JVM runs there, so no path needs escaping."""

MAX_MESSAGE_BYTES: Final = 12 * 1024 * 1024
"""An article of 1,000,000 characters with the revision before it, in UTF-8, and room to spare."""

_SERVER = f"""
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:{{port}},CONTROLLER://127.0.0.1:{{controller_port}}
advertised.listeners=PLAINTEXT://127.0.0.1:{{port}}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.quorum.voters=1@127.0.0.1:{{controller_port}}
log.dirs={LOGS}

# Topics come from the contract, with their own settings.
auto.create.topics.enable=false
num.partitions=4
default.replication.factor=1
message.max.bytes={MAX_MESSAGE_BYTES}

# One node.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=4
controlled.shutdown.enable=false

# After SIGKILL the controller takes the broker back only when the session of the one before has run out.
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500

# A group's first members do not wait for more of them.
group.initial.rebalance.delay.ms=0

# A small machine: few threads, 128 MB less for the cleaner, indexes of the size that is needed.
num.network.threads=2
num.io.threads=4
background.threads=2
log.cleaner.dedupe.buffer.size=16777216
log.index.size.max.bytes=1048576
log.segment.delete.delay.ms=1000
"""

LOGGING: Final = """
status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %p %c{1}: %m%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
"""
"""log4j 2: what is wrong, to standard output, which is the broker's log file."""


def server_properties(port: int, controller_port: int) -> str:
    """Kafka's configuration: one KRaft node for one machine, reachable from this machine alone."""
    return _SERVER.format(port=port, controller_port=controller_port)
