"""Diplomacy: talks, visits, ceasefires, agreements, proposals, mediation and missions withdrawn."""
