"""How a service lives on Kafka: at least once, in order, nothing lost, nothing dropped in silence.

A service is a `Service` with handlers; it knows no Faust, no offsets and no dead letters:

    service = Service("ledger", load_settings())
    reports = service.table("reports", dump=Reports.dump, load=Reports.load)

    async def fold(record: Record[Event]) -> list[Output]:
        if record.value is None:                    # a tombstone
            return []
        before = reports.get(record.value.id)
        after = ...                                 # a new value: never change `before` in place
        reports.set(record.value.id, after)
        return [Output(INCIDENTS, incident), Output(CONTROL, control)]

    for topic in (CAPTURE, SURRENDER, STATEMENT, DIPLOMACY):
        service.stream(topic, fold)
    service.timer(1.0, tick)                        # async (now: datetime) -> list[Output]
    service.run()                                   # blocks; SIGTERM ends it in good order

Handlers
- One at a time: a handler, or a timer, never runs while another one of the same process does; `await`s are allowed.
  `service.stream(..., concurrency=N)` lets N records of stateless services be handled at once, outputs still in order.
- Raise TransientError to be called again with the same record after a pause, PoisonError to have it dead-lettered.
  Any other exception dead-letters the record, too, unless it is the machine's or the broker's (`errors.remedy_for`).
  What a failed call wrote to tables is forgotten.
- Records may come again (at least once): outputs need deterministic ids, folds need to know what they have seen.

Tables
- Co-partitioned with the sources: the table shows the partition of the record in hand, and only that. Any string is
  a key; so "place id|incident id" is fine. Values are any object; `dump`/`load` give its bytes (default: JSON).
- `get(key)`, `set(key, value)`, `delete(key)`, `items()`, `len(table)`; reads see earlier writes at once.
- Order of things: a record's outputs are on the broker before its table writes are, and those before its offset is
  committed. So whatever a table says after a crash, its outputs are out: a report that the table knows already needs
  no outputs again.
- Tables are for sources without compaction (the event topics, signals). They must be listed in `topics.TABLES`.

Timers
- Called every so many seconds of wall-clock time for each partition that this process owns, when it is ready; tables
  show that partition. Same rules as for handlers; an exception ends the process.

Output(topic, value, key=None, traceparent=None): CloudEvents headers, key and trace context are filled in.
Plain aiokafka users take `settings`, `logs`, `metrics`, `health`, `topics`, `dead_letters` and `producer`.
"""
