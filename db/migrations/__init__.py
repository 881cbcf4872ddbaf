"""What has the database been through? One numbered migration for each step, in order.

A new table is SQL: `NNNN_name.sql`, `NNNN_name.down.sql` and a migration that runs them by
`db.declared.RunTables`. It grants its rights to accrue_app itself and, where it is append-only, has
the trigger of 0001. A new column may be Tortoise's own `AddField`. Each migration names the one
before it in `dependencies`. Then write the golden file anew (tests/db/test_migrations_golden.py) and
read its difference.
"""
