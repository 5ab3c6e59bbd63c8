"""Staff: members of shops, signed in with a password."""

import pytest

from shop.services.errors import InvalidInput, NotFound, NotSignedIn
from shop.services.staff.accounts import create_staff, find_member, sign_in
from shop.services.staff.sessions import end_sessions
from tests import factories
from tests.factories import PASSWORD
from tests.support.rows import tables_that_mention


def test_a_member_signs_in_with_email_and_password(ctx):
    made = factories.make_staff()
    member = sign_in(f" {made.email.upper()}", PASSWORD)
    assert (member.user_id, member.shop_id, member.role) == (made.user_id, ctx.id, "owner")
    assert member.actor.label == "Njeri Kamau"
    assert tables_that_mention([PASSWORD]) == {}


def test_whatever_is_wrong_is_answered_alike(ctx):
    made = factories.make_staff()
    said = set()
    for email, password in ((made.email, "wrong"), ("nobody@example.com", PASSWORD), ("", ""), ("x" * 500, PASSWORD)):
        with pytest.raises(NotSignedIn) as refused:
            sign_in(email, password)
        said.add((refused.value.code, refused.value.message))
    assert len(said) == 1


def test_one_person_may_work_in_several_shops_with_a_role_in_each(ctx):
    made = factories.make_staff(role="owner")
    other = factories.make_shop()
    create_staff(made.email, "another password", role="clerk")
    assert find_member(made.user_id, ctx.id).role == "owner"
    assert find_member(made.user_id, other.id).role == "clerk"
    assert sign_in(made.email, PASSWORD).shop_id == ctx.id, "the password stays the first one"


def test_a_person_made_again_gets_the_new_role(ctx):
    made = factories.make_staff(role="clerk")
    create_staff(made.email, PASSWORD, role="manager")
    assert find_member(made.user_id, ctx.id).role == "manager"


@pytest.mark.parametrize(
    ("email", "password", "role", "field"),
    [
        ("nobody", PASSWORD, "owner", "email"),
        ("new@example.com", "short", "owner", "password"),
        ("new@example.com", PASSWORD, "king", "role"),
    ],
)
def test_a_person_that_cannot_be_is_refused(ctx, email, password, role, field):
    with pytest.raises(InvalidInput) as refused:
        create_staff(email, password, role=role)
    assert refused.value.errors[0].field == field


def test_signing_out_everywhere_makes_old_sessions_worthless(ctx):
    made = factories.make_staff()
    end_sessions(made.user_id)
    assert find_member(made.user_id).session_version == made.session_version + 1
    with pytest.raises(NotFound):
        end_sessions(2**62)
