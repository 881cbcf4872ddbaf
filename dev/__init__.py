"""What runs Accrue on one machine: embedded PostgreSQL and Valkey, and the supervisor."""
