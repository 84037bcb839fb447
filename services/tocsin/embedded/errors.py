"""What can go wrong with the embedded Kafka, in words that say what to do."""


class EmbeddedKafkaError(Exception):
    """The embedded Kafka cannot be had. The message names the cause and the way out."""


INSTEAD = "or set TOCSIN_KAFKA__BOOTSTRAP to the address of a Kafka that is already running"
"""The way out that always exists."""
