"""What may a document ask for? Counted by `walk`, refused and cached by `execution`."""
