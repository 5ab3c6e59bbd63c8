"""What a sandbox shop will do."""
