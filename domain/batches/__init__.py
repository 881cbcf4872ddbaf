"""Batches: long work that staff began, with progress, that can be stopped and goes on after a kill.

Owns the batches, their progress and report, and the rows that some are made of. A *batch* is one
such work; its *kind* says what is done; a *step* is a part of it, done in one transaction; a *row*
is a part of the input. Invariants: a step's effects and the cursor that has passed them are
committed together, guarded by a token, so that whenever a worker dies nothing is lost and nothing
is done twice; the same input (kind, checksum) is the same batch; once a stop is answered, nothing
more is done.

How a context adds a kind, `coupons` say:

1. In its `steps.py`, a step; `parameters` are its own, JSON as it wrote them. What it does for
   `limit` things it does by the open `tx`, and answers where the next step goes on, None at the
   end. It may be called again for the same cursor (after a rollback), and must not commit,
   wait for anybody else's server, or take longer than some seconds at its limit::

       async def issue_some(
           tx: Tx, batch: Batch, cursor: str | None, limit: int, *, now: datetime
       ) -> Progress:
           begun = int(cursor or 0)
           ends = min(begun + limit, batch.parameters["count"])
           ...
           return Progress(done=ends - begun, cursor=str(ends) if ends < count else None)

   A step over rows is `batches.steps.by_row(tx, batch, cursor, limit, do)`: `do(row)` has a
   savepoint of its own; what it refuses goes into the report with the row's number, and so does,
   as INTERNAL, what it raises.
   A step that locks several members locks them in the order of their ids before it does anything.

2. In its `operations.py`, the verb that begins it: `opened = await batches.steps.begin(tx, kind,
   checksum=…, parameters=…, total=…, created_by=…, now=…)`. The checksum is that of the file, or
   the caller's idempotency key: a second call answers the first batch (`opened.is_new`), and
   other parameters under it are IDEMPOTENCY_KEY_REUSED. With rows: `begin` without a total, then
   `add_rows` in transactions of some thousand rows, numbered from 1, then `ready`. Who is killed
   while loading begins again: rows that are there stay, `last_number` says where to go on.

3. In `workers/batches.py`, a line in KINDS: `Kind("coupons.issue", coupons.issue_some, limit=500)`.
   A worker that doesn't know a kind leaves its batches alone.

Nothing here imports what stands above it: workers bring kinds and steps together.
"""
