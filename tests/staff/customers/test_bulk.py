"""Bulk actions on customers, from the list."""


def test_an_export_by_post_goes_to_the_export(staff):
    answer = staff.send("/staff/customers/bulk", action="export", selection="all=1&q=amina")
    assert (answer.status_code, answer.location) == (303, "/staff/customers.csv?all=1&q=amina")
