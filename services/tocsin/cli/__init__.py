"""The command line `tocsin`: one file for each group of commands; `app.py` lists them."""

from .app import main

__all__ = ["main"]
