"""The sample catalogue: loaded and removed from the overview."""

from sqlalchemy import select

from shop.db.session import db
from shop.domain.statuses import ProductStatus
from shop.models import Product
from shop.services.catalogue.sample import SAMPLES, has_samples
from tests import factories
from tests.staff.setup.test_checklist import steps


def products():
    return {product.name: product.status for product in db.session.scalars(select(Product))}


def test_samples_are_loaded_once_and_removed_again(staff, inside):
    staff.send("/staff/setup/samples")
    staff.send("/staff/setup/samples")
    assert inside(products) == {sample.name: ProductStatus.ACTIVE for sample in SAMPLES}
    page = staff.get("/staff/").text
    assert "Your shop contains sample products." in page
    assert steps(staff)["Add your products"] == "open", "samples are not the shop's own products"
    assert staff.send("/staff/setup/samples/remove").status_code == 303
    assert inside(products) == {}
    assert "contains sample products" not in staff.get("/staff/").text


def test_a_sample_that_was_ordered_is_archived_and_one_that_was_renamed_stays(staff, inside):
    staff.send("/staff/setup/samples")

    def use():
        ordered, renamed = db.session.scalars(select(Product).order_by(Product.id).limit(2)).all()
        factories.place(factories.make_customer(), [(ordered, 1)])
        renamed.name = "Pishori rice"
        db.session.commit()
        return ordered.name

    ordered = inside(use)
    staff.send("/staff/setup/samples/remove")
    assert inside(products) == {ordered: ProductStatus.ARCHIVED, "Pishori rice": ProductStatus.ACTIVE}
    assert inside(has_samples) is False


def test_products_of_the_shop_are_left_alone(staff, inside):
    inside(factories.make_product, "Sample: Rice, 1 kg")
    staff.send("/staff/setup/samples")
    staff.send("/staff/setup/samples/remove")
    assert list(inside(products)) == ["Sample: Rice, 1 kg"]


def test_a_clerk_may_not_load_them(browse, inside):
    clerk = inside(factories.make_staff, role="clerk")
    browser = browse()
    browser.sign_in(clerk.email)
    assert browser.send("/staff/setup/samples").status_code == 403
    assert browser.send("/staff/setup/samples/remove").status_code == 403
