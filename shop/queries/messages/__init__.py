"""What became of messages: figures and the newest ones."""
