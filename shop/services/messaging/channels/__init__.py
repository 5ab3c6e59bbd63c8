"""Message channels: one folder each, found by ``registry``."""
