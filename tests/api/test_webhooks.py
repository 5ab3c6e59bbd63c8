"""Webhook endpoints and deliveries by the API."""

from datetime import UTC, datetime, timedelta

from shop.services import clock
from shop.services.webhooks.deliveries import send_test
from tests import factories

ENDPOINT = {"url": "http://127.0.0.1:9/hook", "types": ["points.*", "order.paid"]}


def add(api, **changes):
    answer = api.post("/webhook-endpoints", {**ENDPOINT, **changes})
    assert answer.status_code == 201, answer.text
    return answer.json["data"]["endpoint"]


def test_an_endpoint_is_added_changed_rotated_and_deleted(api):
    added = add(api, description="Books", signature="v1a")
    secret = added.pop("secret")
    assert secret.startswith("whpk_")
    assert (added["enabled"], added["signature"], added["disabled_reason"]) == (True, "v1a", None)
    path = f"/webhook-endpoints/{added['id']}"
    assert api.get("/webhook-endpoints").json["data"]["endpoints"] == [added]
    changed = api.patch(path, {"types": ["*"], "enabled": False}).json["data"]["endpoint"]
    assert (changed["types"], changed["enabled"], changed["url"]) == (["*"], False, ENDPOINT["url"])
    rotated = api.post(f"{path}/rotate-secret").json["data"]["endpoint"]
    assert rotated["secret"].startswith("whpk_")
    assert rotated["secret"] != secret
    assert "secret" not in api.get(path).json["data"]["endpoint"]
    assert api.delete(path).status_code == 200
    assert api.get(path).json["code"] == "webhook_endpoint_not_found"


def test_wrong_fields_are_named(api):
    for changes, field in (
        ({"url": "nowhere"}, "url"),
        ({"types": ["order.eaten"]}, "types"),
        ({"types": []}, "types"),
    ):
        refused = api.post("/webhook-endpoints", {**ENDPOINT, **changes})
        assert refused.status_code == 400
        assert field in refused.json["message"]


def test_a_test_event_is_a_delivery_that_can_be_resent(api, inside):
    endpoint = add(api)
    sent = api.post(f"/webhook-endpoints/{endpoint['id']}/test", {"type": "customer.created"}).json["data"]["delivery"]
    assert (sent["status"], sent["type"], sent["attempts"]) == ("waiting", "customer.created", [])
    assert sent["webhook_id"].startswith("msg_")
    assert api.get(f"/webhook-deliveries/{sent['id']}").json["data"]["delivery"] == sent
    again = api.post(f"/webhook-deliveries/{sent['id']}/resend").json["data"]["delivery"]
    assert again["webhook_id"] == sent["webhook_id"]
    api.patch(f"/webhook-endpoints/{endpoint['id']}", {"enabled": False})
    for path in (f"/webhook-deliveries/{sent['id']}/resend", f"/webhook-endpoints/{endpoint['id']}/test"):
        refused = api.post(path, {"type": "order.paid"} if path.endswith("test") else None)
        assert (refused.status_code, refused.json["code"]) == (409, "webhook_endpoint_disabled")
    assert api.get("/webhook-deliveries?status=failed").json["data"]["total"] == 1


def test_deliveries_are_filtered_and_paged(api, inside):
    one, other = add(api), add(api)
    for endpoint, type in ((one, "order.paid"), (one, "points.earned"), (other, "order.paid")):
        api.post(f"/webhook-endpoints/{endpoint['id']}/test", {"type": type})
    assert api.get("/webhook-deliveries").json["data"]["total"] == 3
    assert api.get(f"/webhook-deliveries?endpoint_id={one['id']}").json["data"]["total"] == 2
    found = api.get("/webhook-deliveries?type=order.paid&limit=1&page=2").json["data"]
    assert (found["total"], [row["endpoint_id"] for row in found["deliveries"]]) == (2, [one["id"]])
    assert api.get("/webhook-deliveries?since=2098-01-01T00:00:00Z").json["data"]["total"] == 0
    assert api.get("/webhook-deliveries?status=lost").status_code == 400


def test_an_endpoint_has_statistics(api, inside):
    endpoint = add(api)
    assert endpoint["statistics"] == {"delivered": 0, "failed": 0, "waiting": 0}
    path = f"/webhook-endpoints/{endpoint['id']}"
    api.post(f"{path}/test", {"type": "order.paid"})
    assert api.get(path).json["data"]["endpoint"]["statistics"] == {"delivered": 0, "failed": 0, "waiting": 1}
    api.patch(path, {"enabled": False})
    assert api.get("/webhook-endpoints").json["data"]["endpoints"][0]["statistics"]["failed"] == 1


def test_times_may_be_days_of_the_shop(api):
    with clock.moved_to(datetime(2026, 3, 10, 20, 59, tzinfo=UTC)):  # 23:59 in Nairobi
        api.post("/customers", {"email": "late@example.com"})
    replay = f"/webhook-endpoints/{add(api, types=['*'])['id']}/replay"
    assert api.post(replay, {"since": "2026-03-11", "until": "2026-03-11"}).json["data"] == {"count": 0}
    assert api.get("/events?since=2026-03-11").json["data"]["events"] == []
    assert len(api.get("/events?since=2026-03-10").json["data"]["events"]) == 1
    assert api.post(replay, {"since": "2026-03-10", "until": "2026-03-10"}).json["data"] == {"count": 1}
    assert api.get("/webhook-deliveries?since=2099-01-01").json["data"]["total"] == 0


def test_a_replay_has_a_range(api):
    endpoint, now = add(api), clock.now()
    path = f"/webhook-endpoints/{endpoint['id']}/replay"
    times = {"since": (now - timedelta(days=1)).isoformat(), "until": now.isoformat()}
    assert api.post(path, times).json["data"] == {"count": 0}
    long = {**times, "since": (now - timedelta(days=15)).isoformat()}
    assert "14 days" in api.post(path, long).json["message"]


def test_another_shop_sees_nothing(api, stranger, inside):
    endpoint = add(api)
    delivery = inside(send_test, endpoint["id"], "order.paid", factories.TESTER)
    assert stranger.get("/webhook-endpoints").json["data"]["endpoints"] == []
    assert stranger.get(f"/webhook-endpoints/{endpoint['id']}").status_code == 404
    assert stranger.get(f"/webhook-deliveries/{delivery.id}").status_code == 404
