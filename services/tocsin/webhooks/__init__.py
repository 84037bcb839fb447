"""Alerts, delivered to the world: signed, retried, in order, and provably."""
