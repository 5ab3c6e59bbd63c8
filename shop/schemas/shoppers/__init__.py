"""What a storefront sends and receives for its shoppers."""
