"""Alerting: rules as data, matched against what flows by, counted in event time, and taken back when proven wrong."""
