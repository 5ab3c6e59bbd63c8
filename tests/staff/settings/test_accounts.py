"""Accounts on the staff pages: passwords, invitations, roles, keys, the store, the audit log."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import all_tenants
from shop.models import ApiKey, AuditEntry, Membership, OutboxMessage, StaffToken, StaffUser
from shop.services import clock
from shop.services.messaging.mails.staff_mails import link_words
from shop.services.shops.settings import get_settings
from shop.services.staff.accounts import StaffMember
from tests import factories
from tests.factories import PASSWORD
from tests.staff.conftest import StaffBrowser

NEW = "mandazi-na-chai"
Inside = Callable[..., Any]
Browse = Callable[[], StaffBrowser]


@pytest.fixture
def mailed_path(app: Any, inside: Inside) -> Callable[[str], str | None]:
    """The path of the newest link that was mailed to an address."""

    def find(email: str) -> str | None:
        with all_tenants():
            rows = db.session.scalars(
                select(OutboxMessage)
                .where(OutboxMessage.recipient == email, OutboxMessage.kind.like("staff_%"))
                .order_by(OutboxMessage.id.desc())
            )
            row = rows.first()
        words = link_words(row.payload, app.config["SECRET_KEY"]) if row else None
        return re.sub(r"^https?://[^/]+", "", words.address) if words else None

    return lambda email: inside(find, email)


@pytest.fixture
def clerk(inside: Inside) -> StaffMember:
    """A clerk."""
    return inside(factories.make_staff, role="clerk")


def test_a_forgotten_password_is_replaced_by_a_mailed_link_once(
    visitor: StaffBrowser, browse: Browse, owner: StaffMember, mailed_path: Callable[[str], str | None]
) -> None:
    sent = visitor.send("/staff/forgotten-password", email=owner.email.upper())
    assert sent.status_code == 302
    path = mailed_path(owner.email)
    assert path is not None
    opened = visitor.get(path)
    assert (opened.status_code, opened.location) == (303, "/staff/new-password")
    assert visitor.get(opened.location).status_code == 200
    assert visitor.send(opened.location, password=NEW).status_code == 302
    assert visitor.get(path).status_code == 404
    assert browse().sign_in(owner.email, PASSWORD).status_code == 422
    assert browse().sign_in(owner.email, NEW).status_code == 302


def test_a_new_link_voids_the_one_before(
    visitor: StaffBrowser, owner: StaffMember, mailed_path: Callable[[str], str | None]
) -> None:
    visitor.send("/staff/forgotten-password", email=owner.email)
    first = mailed_path(owner.email)
    visitor.send("/staff/forgotten-password", email=owner.email)
    assert visitor.get(str(first)).status_code == 404
    assert visitor.get(str(mailed_path(owner.email))).status_code == 303


def test_an_unknown_address_gets_the_same_answer_and_no_mail(
    visitor: StaffBrowser, browse: Browse, owner: StaffMember, mailed_path: Callable[[str], str | None]
) -> None:
    known = visitor.send("/staff/forgotten-password", email=owner.email)
    unknown = browse().send("/staff/forgotten-password", email="nobody-at-all@example.com")
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    assert mailed_path("nobody-at-all@example.com") is None


def test_a_weak_new_password_is_refused_and_the_link_stays_good(
    visitor: StaffBrowser, owner: StaffMember, mailed_path: Callable[[str], str | None]
) -> None:
    visitor.send("/staff/forgotten-password", email=owner.email)
    path = str(mailed_path(owner.email))
    refused = visitor.send(path, password="123456789012")
    assert refused.status_code == 422
    assert "most common passwords" in refused.text
    assert visitor.send(path, password=NEW).status_code == 302


@pytest.mark.parametrize("path", ["/staff/new-password/", "/staff/join/"])
def test_a_link_that_was_never_mailed_is_no_link(visitor: StaffBrowser, path: str) -> None:
    assert visitor.get(path + "0" * 64).status_code == 404


def test_changing_the_password_keeps_this_browser_and_ends_the_others(
    staff: StaffBrowser, browse: Browse, owner: StaffMember
) -> None:
    other = browse()
    other.sign_in(owner.email)
    assert staff.send("/staff/account/password", old_password="wrong-one", new_password=NEW).status_code == 422
    assert staff.send("/staff/account/password", old_password=PASSWORD, new_password=NEW).status_code == 303
    assert staff.get("/staff/account").status_code == 200
    assert other.get("/staff/account").status_code == 302


def test_signing_out_everywhere_else_keeps_this_browser(
    staff: StaffBrowser, browse: Browse, owner: StaffMember
) -> None:
    other = browse()
    other.sign_in(owner.email)
    assert staff.send("/staff/account/sign-out-everywhere").status_code == 303
    assert staff.get("/staff/account").status_code == 200
    assert other.get("/staff/account").status_code == 302


def test_an_invitation_is_mailed_and_a_new_person_joins_with_it(
    staff: StaffBrowser, browse: Browse, inside: Inside, mailed_path: Callable[[str], str | None]
) -> None:
    email = f"{factories.unique('new')}@example.com"
    assert staff.send("/staff/settings/staff/invite", email=email, role="clerk").status_code == 303
    assert email in staff.get("/staff/settings/staff").text
    path = str(mailed_path(email))
    newcomer = browse()
    joined = newcomer.send(path, name="Achieng <b>Otieno</b>", password=NEW)
    assert joined.status_code == 302
    assert newcomer.get("/staff/orders").status_code == 200
    assert newcomer.get("/staff/settings/staff").status_code == 403
    assert "<b>Otieno" not in staff.get("/staff/settings/staff").text
    assert newcomer.get(path).status_code == 404


def test_a_withdrawn_invitation_is_over(
    staff: StaffBrowser, visitor: StaffBrowser, inside: Inside, mailed_path: Callable[[str], str | None]
) -> None:
    email = f"{factories.unique('new')}@example.com"
    staff.send("/staff/settings/staff/invite", email=email, role="manager")
    path = str(mailed_path(email))
    number = inside(lambda: db.session.scalars(select(StaffToken.id).where(StaffToken.email == email)).one())
    assert staff.send(f"/staff/settings/staff/invitations/{number}/withdraw").status_code == 303
    assert visitor.get(path).status_code == 404
    assert staff.send(f"/staff/settings/staff/invitations/{number}/withdraw").status_code == 404


def test_who_is_in_the_shop_is_not_invited_again(staff: StaffBrowser, clerk: StaffMember) -> None:
    refused = staff.send("/staff/settings/staff/invite", email=clerk.email, role="manager")
    assert refused.status_code == 422
    assert "already a member of the shop" in refused.text


def test_roles_are_changed_and_people_removed_but_an_owner_stays(
    staff: StaffBrowser, browse: Browse, owner: StaffMember, clerk: StaffMember, inside: Inside
) -> None:
    assert staff.send(f"/staff/settings/staff/{clerk.user_id}/role", role="manager").status_code == 303
    theirs = browse()
    theirs.sign_in(clerk.email)
    assert theirs.get("/staff/settings/store").status_code == 200
    assert staff.send(f"/staff/settings/staff/{clerk.user_id}/role", role="king").status_code == 422
    for action in (f"{owner.user_id}/remove", f"{owner.user_id}/role"):
        refused = staff.send(f"/staff/settings/staff/{action}", role="clerk", sure="1")
        assert refused.status_code == 422
        assert "needs an owner" in refused.text
    asked = staff.send(f"/staff/settings/staff/{clerk.user_id}/remove")
    assert f"Remove {clerk.name} from the shop?" in asked.text
    assert theirs.get("/staff/orders").status_code == 200
    assert staff.send(f"/staff/settings/staff/{clerk.user_id}/remove", sure="1").status_code == 303
    assert theirs.get("/staff/orders").status_code == 302
    assert inside(lambda: db.session.scalars(select(Membership.role)).all()) == ["owner"]
    assert inside(lambda: db.session.get(StaffUser, clerk.user_id)) is not None


def test_a_key_shows_its_secret_once_works_and_stops_when_revoked(staff: StaffBrowser, inside: Inside) -> None:
    made = staff.send("/staff/settings/keys", name="Till 2", permission="read", rate="100", days="30")
    key, secret = re.search(r"ck_[0-9a-f]{32}", made.text), re.search(r"cs_[0-9a-f]{32}", made.text)
    assert key
    assert secret
    assert "cs_" not in staff.get("/staff/settings/keys").text
    auth = (key[0], secret[0])
    assert staff.client.get("/api/v1/customers", auth=auth).status_code == 200
    assert staff.client.post("/api/v1/customers", auth=auth, json={"email": "a@b.co"}).status_code == 403
    number = inside(lambda: db.session.scalars(select(ApiKey.id).where(ApiKey.consumer_key == key[0])).one())
    assert "Replace the secret of Till 2?" in staff.send(f"/staff/settings/keys/{number}/regenerate").text
    assert staff.client.get("/api/v1/customers", auth=auth).status_code == 200
    again = staff.send(f"/staff/settings/keys/{number}/regenerate", sure="1")
    renewed = re.search(r"cs_[0-9a-f]{32}", again.text)
    assert renewed
    assert staff.client.get("/api/v1/customers", auth=auth).status_code == 401
    assert staff.client.get("/api/v1/customers", auth=(key[0], renewed[0])).status_code == 200
    assert "Revoke Till 2?" in staff.send(f"/staff/settings/keys/{number}/revoke").text
    assert staff.client.get("/api/v1/customers", auth=(key[0], renewed[0])).status_code == 200
    assert staff.send(f"/staff/settings/keys/{number}/revoke", sure="1").status_code == 303
    assert staff.client.get("/api/v1/customers", auth=(key[0], renewed[0])).status_code == 401


def test_a_key_without_a_name_or_beyond_the_limit_is_refused(staff: StaffBrowser) -> None:
    assert staff.send("/staff/settings/keys", name="", permission="read", rate="5", days="30").status_code == 422
    assert staff.send("/staff/settings/keys", name="x", permission="read", rate="10001", days="30").status_code == 422


def test_a_key_is_given_another_name_limit_and_end_and_that_is_on_record(staff: StaffBrowser, inside: Inside) -> None:
    made = inside(factories.make_api_key, "Till 2", rate_limit_per_minute=60, life=None)
    address = f"/staff/settings/keys/{made.id}/edit"
    page = staff.get(address)
    assert 'value="Till 2"' in page.text
    assert "Make a key" not in page.text
    for wrong in ({"rate": "0"}, {"rate": "10001"}, {"name": " "}, {"days": "7"}):
        assert staff.send(address, **{"name": "Till 3", "rate": "600", "days": "0"} | wrong).status_code == 422
    assert staff.send(address, name="Till 2", rate="60", days="keep").status_code == 303
    assert staff.send(address, name="Till 3", rate="600", days="30").status_code == 303
    key = inside(lambda: db.session.get(ApiKey, made.id))
    assert (key.name, key.rate_limit_per_minute) == ("Till 3", 600)
    assert timedelta(days=29) < key.expires_at - clock.now() <= timedelta(days=30)
    auth = (made.consumer_key, made.consumer_secret)
    assert staff.client.get("/api/v1/customers", auth=auth).headers["X-RateLimit-Limit"] == "600"
    changes = inside(lambda: db.session.scalars(select(AuditEntry).where(AuditEntry.action == "api_key.changed")).all())
    assert [change.old_value for change in changes] == ["Till 2, read and write, 60 calls a minute, for good"]
    end = f"{key.expires_at:%Y-%m-%d %H:%M} UTC"
    assert changes[0].new_value == f"Till 3, read and write, 600 calls a minute, until {end}"


def test_store_settings_are_saved_together_or_not_at_all(staff: StaffBrowser, inside: Inside) -> None:
    refused = staff.send("/staff/settings/store", store_name="Soko Langu", currency="shillings")
    assert refused.status_code == 422
    assert "three letters" in refused.text
    assert inside(lambda: get_settings().values["store_name"]) != "Soko Langu"
    origins = "https://shop.example.com\nhttps://www.example.com:8443/"
    assert staff.send("/staff/settings/store", store_name="Soko Langu", allowed_origins=origins).status_code == 303
    settings = inside(get_settings)
    assert settings.values["store_name"] == "Soko Langu"
    assert settings.allowed_origins == {"https://shop.example.com", "https://www.example.com:8443"}
    record = staff.get("/staff/settings/audit?area=setting").text
    assert "Soko Langu" in record


def test_a_trial_mail_waits_in_the_outbox(staff: StaffBrowser, owner: StaffMember, inside: Inside) -> None:
    assert staff.send("/staff/settings/store/mail").status_code == 303
    kinds = inside(
        lambda: db.session.scalars(select(OutboxMessage.kind).where(OutboxMessage.recipient == owner.email)).all()
    )
    assert kinds == ["mail_trial"]


def test_the_record_is_filtered_and_paged(staff: StaffBrowser, inside: Inside) -> None:
    def fill() -> None:
        for number in range(60):
            db.session.add(
                AuditEntry(
                    actor_kind="staff",
                    actor_id=1,
                    actor_label="Njeri",
                    action="setting.changed",
                    subject=f"key-{number:02d}",
                    created_at=clock.now(),
                )
            )
        db.session.commit()

    inside(fill)
    first = staff.get("/staff/settings/audit", headers={"HX-Request": "true"}).text
    assert "<html" not in first
    assert "key-59" in first
    assert "key-05" not in first
    older = re.search(r'href="([^"]*below=\d+[^"]*)"', first)
    assert older
    assert "key-05" in staff.get(older[1].replace("&amp;", "&")).text
    assert "No entries" in staff.get("/staff/settings/audit?area=api_key").text


@pytest.mark.parametrize("path", ["staff", "keys", "store", "audit"])
def test_a_clerk_has_no_settings(browse: Browse, clerk: StaffMember, path: str) -> None:
    browser = browse()
    browser.sign_in(clerk.email)
    assert browser.get(f"/staff/settings/{path}").status_code == 403
    assert f"/staff/settings/{path}" not in browser.get("/staff/orders").text


@pytest.mark.parametrize(("path", "status"), [("staff", 403), ("keys", 403), ("store", 200), ("audit", 200)])
def test_a_manager_sets_the_store_but_not_its_people(browse: Browse, inside: Inside, path: str, status: int) -> None:
    manager = inside(factories.make_staff, role="manager")
    browser = browse()
    browser.sign_in(manager.email)
    assert browser.get(f"/staff/settings/{path}").status_code == status


def test_the_record_uses_words_and_links_to_the_changed_object(staff: StaffBrowser, inside: Inside) -> None:
    staff.send("/staff/settings/store", currency="UGX", confirmed="1")
    order = inside(lambda: factories.make_order(factories.make_customer(), 1000, payment_status="pending"))
    staff.send(f"/staff/orders/{order.id}/paid")
    page = " ".join(staff.get("/staff/settings/audit").text.split())
    assert 'href="/staff/settings/store#currency">Currency</a>' in page
    assert f'href="/staff/orders/{order.id}">{order.order_number}</a>' in page
    assert "Order payment" in page
    assert "KES → UGX" in page
    assert "order.payment_status" not in page
