"""API keys: shown once, stored as a hash, the same error for every invalid key."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import ApiKey
from shop.services import clock
from shop.services.errors import InvalidInput, NotSignedIn
from shop.services.staff.api_keys import authenticate_key, create_api_key, get_api_key
from tests import factories
from tests.support.rows import tables_that_mention


def test_a_key_opens_its_own_shop(ctx):
    made = create_api_key("Till 2", may_write=False, rate_limit_per_minute=120)
    holder = authenticate_key(made.consumer_key, made.consumer_secret)
    assert (holder.shop_id, holder.key_id, holder.name) == (ctx.id, made.id, "Till 2")
    assert (holder.may_read, holder.may_write, holder.rate_limit_per_minute) == (True, False, 120)
    assert (holder.actor.kind, holder.actor.label) == ("api_key", "Till 2")


def test_a_secret_is_kept_only_as_a_hash(ctx):
    made = create_api_key("Till 2")
    assert tables_that_mention([made.consumer_secret, made.consumer_secret[3:]]) == {}


def test_a_key_expires_after_a_year_by_default(ctx):
    start = clock.now()
    with clock.moved_to(start):
        year, ever = create_api_key("Till"), create_api_key("For good", life=None)
    with clock.moved_to(start + timedelta(days=364)):
        assert authenticate_key(year.consumer_key, year.consumer_secret)
    with clock.moved_to(start + timedelta(days=365)):
        with pytest.raises(NotSignedIn):
            authenticate_key(year.consumer_key, year.consumer_secret)
        assert authenticate_key(ever.consumer_key, ever.consumer_secret)


def test_whatever_is_wrong_is_answered_alike(ctx):
    made, other = create_api_key("Till"), create_api_key("Gone")
    expired = create_api_key("Old", life=timedelta(seconds=-1))
    db.session.delete(db.session.scalars(select(ApiKey).where(ApiKey.id == other.id)).one())
    db.session.commit()
    said = set()
    for key, secret in (
        (made.consumer_key, "cs_" + "0" * 32),
        (made.consumer_key, ""),
        ("ck_" + "0" * 32, made.consumer_secret),
        ("", ""),
        (other.consumer_key, other.consumer_secret),
        (expired.consumer_key, expired.consumer_secret),
        (made.consumer_key, expired.consumer_secret),
    ):
        with pytest.raises(NotSignedIn) as refused:
            authenticate_key(key, secret)
        said.add((refused.value.code, refused.value.message))
    assert len(said) == 1


@pytest.mark.parametrize(("rate", "name"), [(0, "Till"), (10_001, "Till"), (60, ""), (60, "x" * 201)])
def test_a_key_that_cannot_be_is_refused(ctx, rate, name):
    with pytest.raises(InvalidInput):
        create_api_key(name, rate_limit_per_minute=rate)


def test_a_key_knows_who_created_it(ctx):
    owner = factories.make_staff()
    assert get_api_key(create_api_key("Till", actor=owner.actor).id).created_by_id == owner.actor.id
    assert get_api_key(create_api_key("Command").id).created_by_id is None
