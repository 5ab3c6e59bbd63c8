"""Sign-in: password, second factor, forgotten password, invitation."""
