"""Statements: who said what, directly or in reported speech."""
