"""Orders that staff enter and edit by hand."""
