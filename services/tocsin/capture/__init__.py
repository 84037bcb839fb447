"""Captures: a place said to have changed hands, and tallies of such places."""
