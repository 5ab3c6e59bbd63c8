"""The load: a shop of any size, the real server over HTTP, and beside it in the same run the limit, written by hand."""
