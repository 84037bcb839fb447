"""`python -m tocsin.cli`."""

from . import main

main()
