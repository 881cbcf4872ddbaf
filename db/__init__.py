"""Tables, queries, migrations, transactions, jobs: the only layer that speaks SQL or Tortoise."""
