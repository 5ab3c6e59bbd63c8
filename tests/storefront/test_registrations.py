"""Registrations: a form with a picture, stored outside of the served files; decided by staff in the API."""

import io
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import all_tenants
from shop.models import Customer, LoyaltyRegistration
from shop.worker.jobs.purges import purge_all
from tests import factories
from tests.support.clients import ShopClient
from tests.support.codes import read_mails
from tests.support.pictures import PNG, photo, png

REGISTER = "/api/v1/storefront/loyalty/register"
ADMIN = "/api/v1/customers/loyalty-registrations"


@pytest.fixture
def jane(inside: Callable[..., Any]) -> Customer:
    """A customer."""
    found: Customer = inside(factories.make_customer, first_name="Jane")
    return found


@pytest.fixture
def signed(client: ShopClient, inside: Callable[..., Any], jane: Customer) -> ShopClient:
    """The customer's browser."""
    client.carry(inside(factories.make_session, jane.id))
    return client


@pytest.fixture
def kept(inside: Callable[..., Any]) -> Callable[[], list[str]]:
    """The names of the pictures of the shop's registrations."""
    return lambda: list(inside(lambda: db.session.scalars(select(LoyaltyRegistration.id_image)).all()))


def send(client: ShopClient, picture: bytes | None = PNG, name: str = "id.png", **fields: Any) -> Any:
    data = {"full_name": "Jane Doe", "phone": "0712345678"} | fields
    if picture is not None:
        data["id_image"] = (io.BytesIO(picture), name)
    return client.post(REGISTER, data=data, content_type="multipart/form-data")


def files(app: Any) -> list[Path]:
    folder = Path(app.config["UPLOAD_FOLDER"])
    return sorted(folder.iterdir()) if folder.is_dir() else []


def test_a_registration_is_kept_with_its_picture(app, signed, jane, kept):
    answer = send(signed, name="../../evil.php")
    shown = answer.json["data"]["registration"]
    assert (answer.status_code, shown["status"], shown["phone"]) == (201, "pending", "+254712345678")
    assert "image" not in answer.text
    (name,) = kept()
    file = Path(app.config["UPLOAD_FOLDER"]) / name
    assert file.read_bytes() == PNG
    assert "evil" not in name
    assert not file.is_relative_to(app.static_folder)
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(file.parent.stat().st_mode)) == (0o600, 0o700)
    loyalty = signed.get("/api/v1/storefront/customer/loyalty").json["data"]
    assert (loyalty["registration_status"], loyalty["registration"]["full_name"]) == ("pending", "Jane Doe")


@pytest.mark.parametrize(
    ("picture", "name"), [(b"<svg onload='alert(1)'/>", "id.png"), (b"GIF89a" + b"\0" * 40, "id.jpg"), (png(0, 1), "x")]
)
def test_what_is_no_picture_is_refused_whatever_its_name(app, signed, kept, picture, name):
    before = files(app)
    refused = send(signed, picture, name)
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "id_image")
    assert (kept(), files(app)) == ([], before)


def test_a_picture_that_is_too_large_is_refused(make_private_app):
    app = make_private_app(UPLOAD_MAX_BYTES=100_000)
    with app.app_context():
        shop = factories.make_shop()
        token = factories.make_session(factories.make_customer().id)
    client = ShopClient.at(app, shop.host)
    client.carry(token)
    assert send(client, PNG + b"\0" * 100_001).json["errors"][0]["field"] == "id_image"
    refused = send(client, PNG + b"\0" * 200_000)
    assert (refused.status_code, refused.json["code"]) == (413, "body_too_large")
    assert send(client, photo() + b"\0" * 90_000).status_code == 201


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [({"full_name": " "}, "full_name"), ({"phone": "12"}, "phone"), ({"full_name": "x" * 201}, "full_name")],
)
def test_a_wrong_field_is_named(signed, fields, wrong):
    assert send(signed, **fields).json["errors"][0]["field"] == wrong


def test_other_bodies_are_refused(signed):
    assert signed.post(REGISTER, json={"full_name": "Jane"}).status_code == 415
    assert signed.post(REGISTER, data=b"no form", content_type="multipart/form-data; boundary=x").status_code == 400
    data = b'--x\r\nContent-Disposition: form-data; name="full_name"\r\n\r\nJa\0ne\r\n--x--\r\n'
    assert signed.post(REGISTER, data=data, content_type="multipart/form-data; boundary=x").status_code == 400


def test_the_picture_may_be_left_out_unless_the_shop_asks_for_it(api, signed):
    assert send(signed, None).status_code == 201
    api.put("/settings/shop/loyalty_optin_id_required", {"value": True})
    assert send(signed, None).json["errors"][0]["field"] == "id_image"


def test_visitors_and_unverified_accounts_cannot_register(client):
    assert send(client).status_code == 401
    sent = {"email": f"{factories.unique('new')}@example.com", "password": factories.PASSWORD}
    client.post("/api/v1/storefront/auth/register", json=sent)
    assert send(client).json["code"] == "email_not_confirmed"


def test_sent_again_it_takes_the_place_of_the_one_before(app, signed, kept):
    send(signed)
    (first,) = kept()
    send(signed, photo(), full_name="Jane W. Doe")
    (second,) = kept()
    assert second.endswith(".jpeg")
    assert first not in [file.name for file in files(app)]


def test_a_retry_with_its_key_is_one_registration_and_one_file(app, signed, kept):
    headers = {"Idempotency-Key": factories.unique("key")}
    before = len(files(app))
    data = {"full_name": "Jane Doe", "phone": "0712345678"}
    body = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n' % (name.encode(), value.encode())
        for name, value in data.items()
    )
    body += b'--x\r\nContent-Disposition: form-data; name="id_image"; filename="a"\r\n\r\n' + PNG + b"\r\n--x--\r\n"
    for _ in range(2):
        answer = signed.post(REGISTER, data=body, content_type="multipart/form-data; boundary=x", headers=headers)
        assert answer.status_code == 201
    assert answer.headers["Idempotent-Replayed"] == "true"
    assert (len(kept()), len(files(app))) == (1, before + 1)


def test_it_is_sent_at_most_five_times_an_hour(app, signed):
    assert [send(signed).status_code for _ in range(6)] == [201] * 5 + [429]


def test_staff_find_approve_and_reject_it(app, api, signed, jane):
    send(signed)
    found = api.get(f"{ADMIN}?status=pending").json["data"]
    (one,) = found["registrations"]
    assert (found["total"], one["customer"]["id"], one["customer_id"]) == (1, jane.id, jane.id)
    assert one["id_image_url"].endswith(f"/staff/registrations/{one['id']}/id-image")
    assert api.get(f"{ADMIN}/{one['id']}").json["data"]["registration"] == one
    assert api.get("/marketing/loyalty/registrations?limit=1&offset=1").json["data"]["registrations"] == []
    rejected = api.post(f"{ADMIN}/{one['id']}/reject", {"reason": " Too dark. "}).json["data"]["registration"]
    assert (rejected["status"], rejected["rejection_reason"]) == ("rejected", "Too dark.")
    assert signed.get("/api/v1/storefront/customer/loyalty").json["data"]["registration"]["rejection_reason"]
    send(signed)
    approved = api.post(f"{ADMIN}/{one['id']}/approve").json["data"]["registration"]
    assert (approved["status"], approved["rejection_reason"]) == ("approved", None)
    assert send(signed).json["code"] == "already_registered"
    subjects = [(subject, text) for to, subject, text in read_mails(app) if to == jane.email]
    assert len(subjects) == 1, "the rejection was overtaken before it was mailed"
    assert "use your points" in subjects[0][1]


def test_the_marketing_row_decides_too_and_wants_a_reason(app, api, signed, jane):
    number = send(signed).json["data"]["registration"]["id"]
    path = f"/marketing/loyalty/registrations/{number}"
    assert api.put(path, {"status": "rejected"}).json["errors"][0]["field"] == "reason"
    assert api.put(path, {"status": "lost"}).status_code == 400
    assert api.put(path, {"status": "rejected", "rejection_reason": "No."}).json["data"]["registration"]["status"]
    assert any("No." in text for to, _, text in read_mails(app) if to == jane.email)
    assert api.put(path, {"status": "pending"}).json["data"]["registration"]["rejection_reason"] is None


def test_where_the_shop_asks_for_it_only_the_approved_may_redeem(api, signed, jane, inside):
    api.put("/settings/shop/loyalty_optin_required", {"value": True})
    api.post("/marketing/loyalty/adjust", {"customer_id": jane.id, "points": 500, "note": "x"})
    product = inside(factories.make_product, price_cents=100000)
    cart = {"email": jane.email, "items": [{"product_id": product.id, "quantity": 1}]}
    number = send(signed).json["data"]["registration"]["id"]
    preview = "/api/v1/storefront/loyalty/preview"
    assert signed.post(preview, json=cart).json["data"]["reason"] == "not_registered"
    api.post(f"{ADMIN}/{number}/approve")
    assert signed.post(preview, json=cart).json["data"]["eligible"] is True


def test_deciding_the_same_again_does_nothing(app, api, signed, jane):
    number = send(signed).json["data"]["registration"]["id"]
    for _ in range(2):
        assert api.post(f"{ADMIN}/{number}/approve").status_code == 200
    assert len([to for to, _, _ in read_mails(app) if to == jane.email]) == 1


def test_files_that_nothing_names_are_swept_away_after_an_hour(make_private_app):
    app = make_private_app()
    with app.app_context():
        shop = factories.make_shop()
        token = factories.make_session(factories.make_customer().id)
        client = ShopClient.at(app, shop.host)
        client.carry(token)
        assert send(client).status_code == 201
        (named,) = files(app)
        for name in ("old.png", "young.png"):
            (named.parent / name).write_bytes(PNG)
        for file in (named, named.parent / "old.png"):
            os.utime(file, (time.time() - 4000, time.time() - 4000))
        with all_tenants():
            purge_all()
        assert files(app) == sorted([named, named.parent / "young.png"])
