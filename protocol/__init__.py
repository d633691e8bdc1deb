"""Everything about talking with a model; knows nothing of the screen or of the repository."""
