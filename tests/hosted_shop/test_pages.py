"""The hosted shop: products, cart, account; every page by plain forms."""

import json
import re
import stat
from pathlib import Path

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import RedemptionToken
from shop.services.catalogue.categories import save_category
from shop.services.catalogue.products.images import add_image
from shop.services.catalogue.products.records import update_product
from shop.services.shops.settings import change_settings
from tests import factories
from tests.support.codes import newest_code
from tests.support.pictures import png


@pytest.fixture
def address(shop, inside):
    """The URL of the open shop."""
    inside(change_settings, {"hosted_shop_enabled": "true"}, factories.TESTER)
    return f"/shop/{shop.slug}"


@pytest.fixture
def milk(inside):
    return inside(factories.make_product, "Maziwa", 6500, stock=5, description="Fresh & cold <b>milk</b>")


def add(client, address, product, **more):
    return client.post(f"{address}/cart", data={"product_id": product.id, **more})


def data_of(page):
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page.text, re.DOTALL)[1])


def test_a_shop_that_is_not_open_is_not_there(client, shop):
    assert client.get(f"/shop/{shop.slug}/").status_code == 404
    assert client.get("/shop/nobody/").status_code == 404
    assert client.get("/shop/a%00b/").status_code == 404


def test_a_product_with_a_nul_in_its_address_is_unknown(client, address):
    assert client.get(f"{address}/products/a%00b").status_code == 404


def test_products_are_listed_searched_and_sorted(client, address, inside, milk):
    inside(factories.make_product, "Unga", 22000)
    inside(factories.make_product, "Hidden", 100, status="hidden")
    page = client.get(f"{address}/?sort=price").text
    assert page.index("Maziwa") < page.index("Unga")
    assert "Hidden" not in page
    assert "Only 5 left" in page
    found = client.get(f"{address}/?search=UNGA")
    assert "KES 220.00" in found.text
    assert "Maziwa" not in found.text
    assert '<meta name="robots" content="noindex, follow">' in found.text
    assert "Nothing matches" in client.get(f"{address}/?search=zzz").text


def test_too_many_requests_are_answered_with_a_page(app, client, address, monkeypatch):
    monkeypatch.setitem(app.config, "STOREFRONT_REQUESTS_PER_15_MINUTES", 2)
    answers = [client.get(f"{address}/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2].headers["Retry-After"]) > 0
    assert "Too many" in answers[2].text


@pytest.mark.parametrize("query", ["page=0", "page=2", "sort=weight", "page=x", "search=" + 300 * "a"])
def test_a_wrong_query_is_refused_by_a_page(client, address, milk, query):
    page = client.get(f"{address}/?{query}")
    assert page.status_code in {400, 404}
    assert "Traceback" not in page.text


def test_a_product_page_has_structured_data_of_price_and_stock(client, address, milk):
    page = client.get(f"{address}/products/{milk.slug}")
    data = data_of(page)
    assert data["name"] == "Maziwa"
    assert data["description"] == "Fresh & cold <b>milk</b>"
    assert data["offers"] == [
        {
            "@type": "Offer",
            "url": data["url"],
            "price": "65.00",
            "priceCurrency": "KES",
            "availability": "https://schema.org/InStock",
        }
    ]
    assert "<b>milk</b>" not in page.text
    assert client.get(f"{address}/products/none").status_code == 404


def test_the_sitemap_names_what_is_for_sale(client, address, inside, milk):
    inside(factories.make_product, "Hidden", 100, status="hidden")
    answer = client.get(f"{address}/sitemap.xml")
    assert answer.mimetype == "application/xml"
    assert answer.text.count("<loc>") == 2
    assert f"/products/{milk.slug}</loc>" in answer.text
    for part in ("-1", "7", "9" * 30):
        assert client.get(f"{address}/sitemap.xml?part={part}").status_code == 200


def test_the_folder_of_uploads_is_private(app, inside, milk):
    inside(add_image, milk.id, png(40, 30), "", factories.TESTER)
    folder = Path(app.config["UPLOAD_FOLDER"])
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "products")} == {0o700}


def test_a_cart_is_filled_changed_and_emptied(client, address, inside, milk):
    large = inside(factories.make_variant, milk, "1 l", 12000, stock=2)
    shown = add(client, address, milk, variant_id=large.id, quantity=2, back=f"{address}/products/{milk.slug}")
    assert shown.status_code == 302
    assert shown.location.startswith(f"{address}/products/{milk.slug}?added=")
    assert "Maziwa is in your cart." in client.get(shown.location).text
    cart = client.get(f"{address}/cart").text
    assert "240.00" in cart
    assert "You earn 240 points" in cart
    assert f"items={milk.id}.{large.id}:2" in cart
    item = re.search(r"/cart/(\d+)", cart)[1]
    full = client.post(f"{address}/cart/{item}", data={"quantity": "3"})
    assert (full.status_code, "Only 2 of Maziwa (1 l) are left." in full.text) == (409, True)
    client.post(f"{address}/cart/{item}", data={"quantity": "0"})
    assert "Your cart is empty." in client.get(f"{address}/cart").text


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "/staff/", "/shop/x\\y", ""])
def test_the_way_back_stays_within_the_shop(client, address, milk, back):
    assert add(client, address, milk, back=back).location.startswith(f"{address}/?added=")


@pytest.mark.parametrize("form", [{}, {"product_id": "x"}, {"product_id": "1", "quantity": "-1"}, {"product_id": "0"}])
def test_a_wrong_form_is_refused_by_a_page(client, address, form):
    answer = client.post(f"{address}/cart", data=form)
    assert answer.status_code == 400
    assert "That didn’t work" in answer.text


def test_forms_of_other_websites_are_refused(client, address, milk):
    answer = client.post(f"{address}/cart", data={"product_id": milk.id}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_the_order_empties_the_cart_that_the_checkout_was_opened_from(client, address, shop, inside, milk):
    add(client, address, milk, quantity=2)
    link = re.search(rf'href="(/checkout/{shop.slug}\?[^"]+)"', client.get(f"{address}/cart").text)[1]
    page = client.get(link.replace("&amp;", "&")).text
    base, token = (re.search(rf'data-{name}="([^"]+)"', page)[1] for name in ("base", "token"))
    form = {"email": "jane@example.com", "name": "Jane Doe", "phone": "0712345678", "shown": "130.00"}
    form |= {"street": "Ngong Road 1", "city": "Nairobi", "country": "KE", "payment": "cod"}
    inside(factories.make_payment, "cod", "Cash on delivery")
    form["shown_cents"] = "13000"
    done = client.post(f"{base}/order", data=form, headers={"X-Tuza-Checkout": token})
    assert "Thank you, Jane" in done.text
    assert "Your cart is empty." in client.get(f"{address}/cart").text


def test_a_forged_cart_reference_is_ignored(client, address, shop, milk):
    assert client.get(f"/checkout/{shop.slug}?items={milk.id}:1&cart=1.abc").status_code == 200


def test_a_customer_signs_in_with_a_code_and_sees_points_and_orders(app, client, address, inside, milk):
    jane = inside(factories.make_customer, "jane@example.com", points=1480, first_name="Jane", last_name="Doe")
    add(client, address, milk)
    sent = client.post(f"{address}/account/code", data={"identifier": "JANE@example.com"})
    assert "we’ve sent a 6-digit code" in sent.text
    signed = client.post(
        f"{address}/account/sign-in", data={"identifier": "jane@example.com", "code": inside(newest_code, app)}
    )
    assert signed.status_code == 302
    account = client.get(f"{address}/account").text
    assert "Jane Doe" in account
    assert "<b>1,480</b>" in account
    assert "KES 14.80" in account
    assert "Maziwa" in client.get(f"{address}/cart").text
    assert inside(lambda: db.session.scalars(select(RedemptionToken.id)).all()) == []
    client.post(f"{address}/account/sign-out")
    assert jane.email not in client.get(f"{address}/account").text
    assert "Your cart is empty." in client.get(f"{address}/cart").text


def test_known_and_unknown_people_get_the_same_answer(client, address, inside):
    inside(factories.make_customer, "jane@example.com")
    answers = []
    for email in ("jane@example.com", "jane@nowhere.com"):
        sent = client.post(f"{address}/account/code", data={"identifier": email})
        wrong = client.post(f"{address}/account/sign-in", data={"identifier": email, "code": "123456"})
        answers.append([(part.status_code, part.text.replace(email, "-")) for part in (sent, wrong)])
    assert answers[0] == answers[1]
    assert answers[0][1][0] == 400


@pytest.mark.parametrize("identifier", ["", "jane", "07", "a@b", "\0", 500 * "9"])
def test_what_is_no_e_mail_and_no_phone_is_refused(client, address, identifier):
    answer = client.post(f"{address}/account/code", data={"identifier": identifier})
    assert answer.status_code == 400
    assert "Enter an e-mail address or a phone number" in answer.text
    assert re.search(
        r'<input id="identifier"[^>]* aria-invalid="true" aria-describedby="problem" autofocus', answer.text
    )


def test_a_session_of_another_shop_is_a_guest_here(app, client, address, inside, milk):
    add(client, address, milk)
    with app.app_context():
        other = factories.make_shop(hosted_shop_enabled="true")
    assert "Your cart is empty." in client.get(f"/shop/{other.slug}/cart").text


def test_nothing_of_another_shop_is_found_or_changed(app, client, address, inside, milk):
    add(client, address, milk)
    item = re.search(r"/cart/(\d+)", client.get(f"{address}/cart").text)[1]
    with app.app_context():
        other = factories.make_shop(hosted_shop_enabled="true")
    assert client.get(f"/shop/{other.slug}/products/{milk.slug}").status_code == 404
    assert add(client, f"/shop/{other.slug}", milk).status_code == 400
    assert client.post(f"/shop/{other.slug}/cart/{item}", data={"quantity": "0"}).status_code == 404
    assert "Maziwa" in client.get(f"{address}/cart").text


def test_a_category_shows_its_products_and_those_below_it(client, address, inside, milk):
    food = inside(save_category, None, {"name": "Food"}, factories.TESTER)
    dairy = inside(save_category, None, {"name": "Dairy", "parent_id": food.id}, factories.TESTER)
    inside(update_product, milk.id, {"category_ids": [dairy.id]}, factories.TESTER)
    inside(factories.make_product, "Soap", 100)
    assert "Food" in client.get(f"{address}/").text
    page = client.get(f"{address}/?category={food.slug}").text
    assert "Maziwa" in page
    assert "Dairy" in page
    assert "Soap" not in page
    assert client.get(f"{address}/?category=none").status_code == 404


def test_pictures_are_shown_and_named_in_full_to_search_engines(client, address, inside, milk):
    inside(add_image, milk.id, png(800, 600), "A glass of milk", factories.TESTER)
    page = client.get(f"{address}/products/{milk.slug}")
    (image,) = data_of(page)["image"]
    assert image.startswith("http://")
    assert f'content="{image}"' in page.text
    assert 'alt="A glass of milk"' in page.text
    shown = re.search(r'src="(/media/[^"]+)"', page.text)[1]
    assert client.get(shown).mimetype == "image/webp"
