"""HTTP-wide code: headers, cookies, compression, rate limits."""
