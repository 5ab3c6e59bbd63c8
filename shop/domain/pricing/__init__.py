"""What is taken off and added to the goods of an order: coupons, delivery, taxes."""
