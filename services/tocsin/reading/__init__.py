"""How text is read: sentences, parse, places, actors, people, dates, quantities, quotations, realis. No Kafka here."""

from .reader import Reader, Reading, Sentence
from .wants import Wants

__all__ = ["Reader", "Reading", "Sentence", "Wants"]
