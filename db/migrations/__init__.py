"""What has the database been through? One numbered migration for each step, in order."""
