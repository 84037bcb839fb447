"""Ingest: news in, one clean revision of an article out.

`formats` reads files, `normalize` makes articles of records, `revisions` decides what is new; `articles` holds the
articles topic, `api` and `service` the HTTP door to it, `files` the command line's.
"""
