"""Delivery methods by the API (``docs/contract/api.md``, section 10)."""

METHODS = "/api/v1/shipping-methods"
NEW = {"name": "Rider", "price": "200.00", "countries": ["Kenya"], "regions": ["Nairobi"], "free_above": "3000.00"}


def test_methods_are_added_listed_changed_and_deleted(api):
    added = api.post(METHODS, json=NEW)
    method = added.json["data"]["shipping_method"]
    contract = {"id", "name", "countries", "regions", "price", "free_above", "min_weight", "max_weight", "collection"}
    assert contract | {"position", "enabled"} <= set(method)
    assert (added.status_code, method["countries"], method["price"]) == (201, ["KE"], "200.00")
    url = f"{METHODS}/{method['id']}"
    changed = api.put(url, json={"max_weight": 10000, "free_above": None}).json["data"]["shipping_method"]
    assert (changed["max_weight"], changed["free_above"], changed["regions"]) == (10000, None, ["Nairobi"])
    wrong = api.put(url, json={"min_weight": 20000})
    assert (wrong.status_code, wrong.json["errors"][0]["field"]) == (400, "max_weight")
    assert api.put(url, json={"zone_id": 2**40}).json["code"] == "shipping_zone_not_found"
    assert [one["id"] for one in api.get(METHODS).json["data"]["shipping_methods"]] == [method["id"]]
    assert api.delete(url).status_code == 200
    assert api.get(METHODS).json["data"]["shipping_methods"] == []
