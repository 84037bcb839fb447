"""Asks a broker whether it serves, in Kafka's own protocol and nothing but a socket."""

from __future__ import annotations

import socket
import struct

METADATA = 3
"""API key of the Metadata request; version 4 has no tagged fields and is served by every broker since 0.11
(https://kafka.apache.org/protocol, "Metadata API")."""


def answers(port: int, host: str = "127.0.0.1", timeout: float = 1.0) -> bool:
    """Whether the broker at `host:port` names at least one live broker and a controller."""
    client = b"tocsin-probe"
    request = struct.pack(f">hhih{len(client)}s", METADATA, 4, 1, len(client), client)
    request += struct.pack(">i?", 0, False)  # no topics, and create none
    try:
        with socket.create_connection((host, port), timeout) as connection:
            connection.settimeout(timeout)
            connection.sendall(struct.pack(">i", len(request)) + request)
            (size,) = struct.unpack(">i", _exactly(connection, 4))
            return _names_a_controller(_exactly(connection, size))
    except (OSError, EOFError, struct.error):
        return False


def _names_a_controller(answer: bytes) -> bool:
    """Body: correlation id, throttle time, brokers [id, host, port, rack], cluster id, controller id, topics."""
    (brokers,) = struct.unpack_from(">i", answer, 8)
    at = 12
    for _ in range(brokers):
        at = _after_string(answer, at + 4)  # host
        at = _after_string(answer, at + 4)  # rack, after the port
    at = _after_string(answer, at)
    (controller,) = struct.unpack_from(">i", answer, at)
    return brokers > 0 and controller >= 0


def _after_string(answer: bytes, at: int) -> int:
    (length,) = struct.unpack_from(">h", answer, at)
    return at + 2 + max(length, 0)


def _exactly(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        part = connection.recv(size - len(received))
        if not part:
            raise EOFError
        received += part
    return received
