"""Surrenders: people, units and places giving themselves up to an opponent."""
