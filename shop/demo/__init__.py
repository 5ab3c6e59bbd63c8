"""The demo shop: Duka la Mama Njeri, a grocer in Nairobi, with a year of orders."""
