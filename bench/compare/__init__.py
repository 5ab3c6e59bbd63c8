"""Compare the cost of requests of two versions of Tuza."""
