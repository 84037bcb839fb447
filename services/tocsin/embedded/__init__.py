"""A real Apache Kafka on a laptop, for `make demo`, `tocsin up` and the tests. Production is a Kafka cluster."""

from .broker import EmbeddedKafka
from .cluster import cluster
from .errors import EmbeddedKafkaError

__all__ = ["EmbeddedKafka", "EmbeddedKafkaError", "cluster"]
