"""SQL for what members say to each other."""
