"""What the business does, one package per context; ARCHITECTURE.md has their order."""
