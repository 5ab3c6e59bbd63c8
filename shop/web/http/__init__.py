"""What every response has in common: headers, cookies, compression, rate limits."""
