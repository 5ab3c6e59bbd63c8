"""What each received payment pays: an order, or a sale at the till."""
