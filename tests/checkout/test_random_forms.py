"""For every form the response is a page or a readable error, never a failure."""

from dataclasses import fields

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shop.checkout.form import Form

WILD = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["", "\0", "-1", "0", "9" * 15, "9" * 400, "jane@example.com", "+254712345678", "asked", "ready"]),
)
FORMS = st.dictionaries(st.sampled_from([field.name for field in fields(Form)]), WILD)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(step=st.sampled_from(["quote", "unlock", "order", "payment"]), form=FORMS)
def test_no_form_is_a_failure(shopper, step, form):
    shopper.form |= form
    shopper.step(step)
    assert shopper.status in {200, 400, 404, 409, 429}
    assert "Traceback" not in shopper.page
    assert 'role="alert"' in shopper.page or "data-order" in shopper.page or "payment-state" in shopper.page
