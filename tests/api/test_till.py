"""The till in the API: a sale, a queue, repetitions and errors."""

from uuid import uuid4

import pytest

from tests import factories


@pytest.fixture
def sale():
    return {"id": str(uuid4()), "customer": {"phone": "0712 345 678"}, "amount": "960.00", "method": "cash"}


def test_a_sale_is_recorded_once(api, sale):
    first, again = api.post("/till/sales", sale), api.post("/till/sales", sale)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json["data"] == again.json["data"]
    data = first.json["data"]
    assert (data["points_earned"], data["balance"]) == (960, 960)
    assert (data["sale"]["id"], data["sale"]["amount"], data["sale"]["undone_at"]) == (sale["id"], "960.00", None)
    differs = api.post("/till/sales", sale | {"amount": "961.00"})
    assert (differs.status_code, differs.json["code"]) == (409, "sale_differs")


def test_a_card_names_the_customer(api, inside, sale):
    jane = inside(factories.make_customer, external_id="7781 4402")
    sold = api.post("/till/sales", sale | {"customer": {"card": "7781 4402", "phone": "0722 000 001"}}).json["data"]
    assert (sold["sale"]["customer_id"], sold["balance"]) == (jane.id, 960)
    unknown = api.post("/till/sales", sale | {"id": str(uuid4()), "customer": {"card": "7781"}})
    assert (unknown.status_code, unknown.json["code"]) == (404, "customer_not_found")


def test_a_queue_sent_twice_counts_once_and_its_faults_stay_alone(api, sale):
    paid = [sale | {"id": str(uuid4()), "reference": f"SG{number}", "method": "mpesa"} for number in range(3)]
    queue = {"sales": [*paid, paid[0] | {"id": str(uuid4())}, sale | {"amount": "x"}, 7]}
    for _ in range(2):
        answer = api.post("/till/sales/batch", queue)
        assert answer.status_code == 207
        data = answer.json["data"]
        assert (data["recorded_count"], data["failed_count"]) == (3, 3)
        assert [failed["index"] for failed in data["failed"]] == [3, 4, 5]
        assert data["failed"][0]["error"]["code"] == "reference_used"
        assert data["recorded"][-1]["balance"] == 960 * 3


@pytest.mark.parametrize("wrong", [{"id": "till-1"}, {"amount": "-1.00"}, {"method": "barter"}, {"customer": {}}])
def test_wrong_values_are_named(api, sale, wrong):
    answer = api.post("/till/sales", sale | wrong)
    assert answer.status_code == 400
    assert next(iter(wrong)) in {error["field"].split(".")[0] for error in answer.json["errors"]}
