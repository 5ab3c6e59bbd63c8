"""The pages of stock by branch, its movements, and the branches."""

from shop.queries.catalogue.movements import stock_in_branches
from shop.services.catalogue.branches import save_branch
from tests import factories
from tests.factories import TESTER


def test_stock_is_recorded_in_a_branch_and_shown(staff, inside):
    westlands = inside(save_branch, None, "Westlands", TESTER)
    milk = inside(factories.make_product, "Milk", stock=3, low_stock_at=5)
    page = f"/staff/products/{milk.id}"
    sent = staff.send(f"{page}/stock", article="0", branch=str(westlands.id), kind="add", pieces="4", reason="Van")
    assert sent.status_code == 303
    assert inside(stock_in_branches, [milk.id])[milk.id, None, westlands.id] == 4
    assert "Westlands" in staff.get(page).text
    listed = staff.get("/staff/stock").text
    assert "Westlands" in listed
    assert "No products found" in staff.get("/staff/stock?stock=out").text
    log = staff.get(f"/staff/stock/movements?product={milk.id}&branch={westlands.id}").text
    assert ("Van" in log, "Opening stock</span>" in log) == (True, False)


def test_stock_is_moved_to_another_branch(staff, inside):
    westlands = inside(save_branch, None, "Westlands", TESTER)
    milk = inside(factories.make_product, "Milk", stock=3)
    main = next(one for product, _variant, one in inside(stock_in_branches, [milk.id]) if product == milk.id)
    path = f"/staff/products/{milk.id}/stock/transfer"

    def move(pieces, target):
        fields = {"article": "0", "source": main, "target": target, "pieces": pieces, "reason": "Van"}
        return staff.send(path, **{f"move-{name}": str(value) for name, value in fields.items()})

    assert "Is more than this branch has" in move(4, westlands.id).text
    assert "Must be another branch" in move(1, main).text
    assert move(2, westlands.id).status_code == 303
    assert inside(stock_in_branches, [milk.id]) == {(milk.id, None, main): 1, (milk.id, None, westlands.id): 2}
    assert "Moved" in staff.get("/staff/stock/movements?kind=transfer").text


def test_a_low_stock_is_marked(staff, inside):
    inside(factories.make_product, "Milk", stock=3, low_stock_at=5)
    rows = staff.get("/staff/stock?stock=low").text.partition("<tbody>")[2]
    assert ("Milk" in rows, "Low<" in rows) == (True, True)


def test_the_pages_say_what_they_will_list(staff):
    assert "Add what you sell" in staff.get("/staff/stock").text
    assert "No stock movements yet" in staff.get("/staff/stock/movements").text
    assert "No movements found" in staff.get("/staff/stock/movements?kind=sale").text
    assert "Main branch" in staff.get("/staff/branches").text


def test_branches_are_added_and_renamed(staff, inside):
    assert staff.send("/staff/branches", name="Westlands").status_code == 303
    again = staff.send("/staff/branches", name="westlands")
    assert (again.status_code, "Another branch has this name." in again.text) == (422, True)
    branch = inside(save_branch, None, "Karen", TESTER)
    assert staff.send(f"/staff/branches/{branch.id}", name="Kilimani").status_code == 303
    assert "Kilimani" in staff.get("/staff/branches").text


def test_a_clerk_looks_but_does_not_change(browse, inside):
    clerk = browse()
    clerk.sign_in(inside(factories.make_staff, role="clerk").email)
    assert clerk.get("/staff/stock").status_code == 200
    assert clerk.get("/staff/branches").status_code == 403
