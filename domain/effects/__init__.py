"""What a rule wants to happen, as values; `domain.rewards` turns them into movements and rows."""
