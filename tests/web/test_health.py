"""``/healthz`` and ``/readyz``."""

import pytest

from tests.support.databases import migrate


def test_a_process_that_answers_is_alive(app):
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_a_database_that_is_there_and_current_is_ready(app):
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


@pytest.fixture
def app_on(databases):
    """Makes an application on a database address, and cleans up."""
    from tests.support.databases import close

    made = []

    def make(url):
        made.append(databases.app(url))
        return made[-1]

    yield make
    for app in made:
        close(app)


def test_a_database_without_tables_is_not_ready_and_is_so_after_migrating(databases, engine_name, app_on):
    app = app_on(databases.empty(engine_name))
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (503, "unavailable")
    assert "migrations are not current" in answer.json["problems"][0]
    migrate(app)
    assert app.test_client().get("/readyz").status_code == 200


def test_a_database_that_is_one_step_behind_is_not_ready(databases, engine_name, app_on):
    app = app_on(databases.empty(engine_name))
    migrate(app, "0001")
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert "tuza db upgrade" in answer.json["problems"][0]


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_database_that_is_gone_is_not_ready_but_the_process_is_alive(app_on, tmp_path, engine):
    gone = {
        "sqlite": f"sqlite:///{tmp_path}/no/such/folder/tuza.db",
        "postgresql": f"postgresql://x@/x?host={tmp_path}",
    }
    client = app_on(gone[engine]).test_client()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["problems"]) == (503, ["The database cannot be reached."])
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_without_its_database_the_api_says_so_and_when_to_come_back(app_on, tmp_path, engine):
    gone = {
        "sqlite": f"sqlite:///{tmp_path}/no/such/folder/tuza.db",
        "postgresql": f"postgresql://x@/x?host={tmp_path}",
    }
    client = app_on(gone[engine]).test_client()
    for path in ("/api/v1/customers", "/api/v1/storefront/products"):
        answer = client.get(path, headers={"Authorization": "Basic Y2tfeDpjc195", "Origin": "https://a.example"})
        assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
        assert int(answer.headers["Retry-After"]) >= 1
