"""A believable shop to try everything on: Duka la Mama Njeri, a grocer in Nairobi, with a year behind it."""
