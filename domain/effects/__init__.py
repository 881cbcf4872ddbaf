"""What a rule wants to happen: effects are values; `domain.rewards` turns them into movements and rows."""
