"""The forms in which receivers want alerts: one module each, from a `Notification` to the bytes of a body."""

from .notification import Body, Notification
from .render import render

__all__ = ["Body", "Notification", "render"]
