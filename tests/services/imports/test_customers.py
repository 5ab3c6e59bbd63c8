"""Customers from a file: how they are read, matched, counted, and what undoing leaves."""

import io
from datetime import date, timedelta

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.statuses import ImportState
from shop.models import Customer, ImportFilePart, ImportKey, ImportLine, LoyaltyEntry, LoyaltyRegistration
from shop.services import clock
from shop.services.approvals.requests import request_import
from shop.services.customers.custom_fields import CustomFieldGiven, add_custom_field
from shop.services.customers.erasure.deletion import delete_customer
from shop.services.customers.records import get_customer, update_customer
from shop.services.errors import Conflict, InvalidInput
from shop.services.imports.lines import list_lines
from shop.services.imports.purging import purge_imports
from shop.services.imports.records import (
    ImportFile,
    create_import,
    get_import,
    set_columns,
    start_apply,
    start_undo,
)
from shop.services.imports.work import work_on_imports
from shop.services.loyalty.ledger import find_balance
from shop.services.loyalty.verification import verify_ledger
from shop.services.privacy.consents import has_consent
from tests import factories
from tests.factories import TESTER
from tests.support.rows import tables_that_mention

pytestmark = pytest.mark.usefixtures("ctx")
FILE = """Jina kamili;Simu;Barua pepe;Pointi;Mtaa;Kuzaliwa;Shirt size;Maoni
Wanjiku Njenga;0722 576327;wanjiku@example.com;1,480;Kilimani;12/04/1990;M;likes eggs
"Gathoni, Mwangi";0733 118 204;;212;;;;
;;;;;;;
Ann;2.54712E+11;ann@example.com;;;;;
Wanjiku again;+254722576327;other@example.com;;;;;
Joe;;juma@example.com;many;;;;
"""
FIELDS = ["name", "phone", "email", "points_balance", "area", "birthday", "custom_fields.shirt_size", ""]


def work():
    while work_on_imports(request_import):
        pass


def begin(text=FILE, *, verified=True, **more):
    data = text if isinstance(text, bytes) else text.encode()
    more.setdefault("options", {"phones_verified": verified})
    return create_import(ImportFile("customers", data, "wateja.csv", **more), TESTER).id


def mapped(text=FILE, fields=FIELDS):
    add_custom_field(CustomFieldGiven("Shirt size"), TESTER)
    import_id = begin(text, wait=True)
    set_columns(import_id, fields, {"phones_verified": True}, TESTER)
    work()
    return import_id


def counted(import_id):
    found = get_import(import_id)
    return found.state, {name: count for name, count in found.counts.items() if count}


def rows(import_id, verdict=None):
    return list_lines(import_id, verdict, page=1, limit=100)[0]


def find(email):
    return db.session.scalars(select(Customer).where(Customer.email == email)).one()


def test_columns_are_guessed_and_matched_and_the_trial_equals_the_run():
    add_custom_field(CustomFieldGiven("Shirt size"), TESTER)
    import_id = begin(wait=True)
    found = get_import(import_id)
    assert found.mapping == ["name", "phone", "email", "points_balance", "area", "", "custom_fields.shirt_size", ""]
    assert found.samples[0][0] == "Wanjiku Njenga"
    work()
    assert get_import(import_id).state == ImportState.UPLOADED
    set_columns(import_id, FIELDS, {"phones_verified": True}, TESTER)
    work()
    said = counted(import_id)
    assert said == (ImportState.CHECKED, {"new": 2, "skipped": 1, "refused": 3})
    assert [(row.number, row.field) for row in rows(import_id, "refused")] == [
        (4, "phone"),
        (5, "phone"),
        (6, "points_balance"),
    ]
    assert "also in row 1" in rows(import_id, "refused")[1].message
    assert db.session.scalars(select(Customer.id)).all() == []
    start_apply(import_id, TESTER)
    work()
    assert counted(import_id) == (ImportState.APPLIED, said[1])
    wanjiku = find("wanjiku@example.com")
    assert (wanjiku.first_name, wanjiku.last_name, wanjiku.phone) == ("Wanjiku", "Njenga", "+254722576327")
    assert (wanjiku.area, wanjiku.birthday, wanjiku.custom_fields) == ("Kilimani", "1990-04-12", {"shirt_size": "M"})
    assert (find_balance(wanjiku.id), wanjiku.phone_verified_at is not None) == (1480, True)
    assert db.session.scalars(select(Customer.first_name).where(Customer.email.is_(None))).all() == ["Mwangi"]


def test_columns_can_be_matched_again_until_it_is_applied():
    import_id = mapped(FILE, ["", "", "email", "", "", "", "", ""])
    assert counted(import_id)[1] == {"new": 4, "skipped": 2}
    with pytest.raises(InvalidInput, match="two columns"):
        set_columns(import_id, ["name", "name"], {}, TESTER)
    set_columns(import_id, FIELDS, {"phones_verified": True}, TESTER)
    work()
    assert counted(import_id)[1] == {"new": 2, "skipped": 1, "refused": 3}
    start_apply(import_id, TESTER)
    with pytest.raises(Conflict):
        set_columns(import_id, FIELDS, {}, TESTER)


def test_undoing_deletes_the_customers_of_a_batch_together(shop, statements):
    lines = (f"c{n}@example.com,Ann,Otieno {n},+2547120000{n:02}" for n in range(30))
    import_id = begin("\n".join(["email,first_name,last_name,phone", *lines]), apply_at_once=True)
    work()
    start_undo(import_id, TESTER)
    with statements() as seen:
        work()
    assert get_import(import_id).undo_counts == {"restored": 30, "kept": 0}
    assert db.session.scalars(select(Customer)).all() == []
    assert sum("DELETE FROM customers " in statement for statement in seen) == 1


def test_undoing_deletes_who_was_added_and_restores_who_was_changed(shop):
    joe = factories.make_customer("juma@example.com", first_name="Joe", last_name="Old")
    text = "email,first_name,tags,points_balance,loyalty_status,consent_marketing_email\n"
    text += "juma@example.com,Joseph,Regular,50,active,yes\nann@example.com,Ann,,70,active,no\n"
    import_id = begin(text, apply_at_once=True)
    work()
    assert counted(import_id)[1] == {"new": 1, "changed": 1}
    assert (find_balance(joe.id), has_consent(joe.id, "marketing_email")) == (50, True)
    start_undo(import_id, TESTER)
    work()
    assert get_import(import_id).undo_counts == {"restored": 2, "kept": 0}
    joe = factories.reload(joe)
    assert (joe.first_name, joe.tags, find_balance(joe.id)) == ("Joe", [], 0)
    assert not has_consent(joe.id, "marketing_email")
    assert db.session.scalars(select(LoyaltyRegistration)).all() == []
    assert db.session.scalars(select(Customer.email)).all() == ["juma@example.com"]
    assert verify_ledger(shop.id).is_clean
    again = begin(text, apply_at_once=True)
    work()
    assert (counted(again)[1], find_balance(joe.id)) == ({"new": 1, "changed": 1}, 50)


def test_what_was_changed_since_stays_and_is_listed():
    factories.make_customer("juma@example.com", first_name="Joe", last_name="Old")
    text = "email,first_name,last_name,points_balance\njuma@example.com,Joseph,New,\nann@example.com,Ann,,5\n"
    import_id = begin(text + "eve@example.com,Eve,,9\n", apply_at_once=True)
    work()
    update_customer(find("juma@example.com").id, TESTER, last_name="Newer")
    factories.adjust_points(find("ann@example.com").id, 3, "a gift", TESTER)
    update_customer(find("eve@example.com").id, TESTER, area="Kilimani")
    start_undo(import_id, TESTER)
    work()
    joe = find("juma@example.com")
    assert (joe.first_name, joe.last_name) == ("Joe", "Newer")
    assert get_import(import_id).undo_counts == {"restored": 0, "kept": 3}
    assert [row.message for row in rows(import_id)] == [
        "Changed since, so not restored: last_name.",
        "The customer has had orders or points since then, so they are kept.",
        "Changed since, so not restored: area.",
    ]


def test_a_balance_is_never_overwritten():
    joe = factories.make_customer("juma@example.com", points=30)
    import_id = begin("email,points\njuma@example.com,500\n", apply_at_once=True)
    work()
    assert counted(import_id)[1] == {"skipped": 1}
    assert "already has 30 points" in rows(import_id)[0].message
    assert find_balance(joe.id) == 30


def test_lots_keep_their_dates(shop):
    ends = clock.now().date() + timedelta(days=400)
    text = f'email,points_lots\nann@example.com,"100 2025-01-31 {ends}; 50 - {ends}; 7"\n'
    assert counted(_applied(text))[1] == {"new": 1}
    entries = db.session.scalars(select(LoyaltyEntry).order_by(LoyaltyEntry.seq)).all()
    assert [entry.points for entry in entries] == [100, 50, 7]
    assert [entry.meta.get("earned_on") for entry in entries] == ["2025-01-31", None, None]
    assert [entry.expires_at is not None for entry in entries] == [True, True, False]
    assert verify_ledger(shop.id).is_clean


def _applied(text):
    import_id = begin(text, apply_at_once=True)
    work()
    return import_id


@pytest.mark.parametrize("expires", ["2020-01-01", "soon"])
def test_points_that_are_no_longer_valid_are_refused(expires):
    import_id = begin(f"email,points,expires\nann@example.com,5,{expires}\n")
    work()
    assert [row.field for row in rows(import_id, "refused")] == ["points_expires_on"]


def sheet(*content):
    book = Workbook()
    for row in content:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        "email,first_name\nzoe@example.com,Zoë\n".encode("utf-8-sig"),
        "email;first_name\r\nzoe@example.com;Zoë\r\n".encode("cp1252"),
        "email\tfirst_name\nzoe@example.com\tZoë\n".encode("utf-16"),
        '\n,\nemail|"first_name"\nzoe@example.com|"Zoë"\n'.encode(),
        sheet([None, None], ["email", "first_name", "birthday"], ["zoe@example.com", "Zoë", date(1990, 4, 12)]),
    ],
    ids=["utf-8 with a mark", "windows", "utf-16", "empty lines first", "excel"],
)
def test_files_of_every_usual_kind_are_read(data):
    begin(data, apply_at_once=True)
    work()
    assert find("zoe@example.com").first_name == "Zoë"


def test_numbers_in_a_sheet_are_read_as_they_are_shown():
    data = sheet(["Phone", "Email", "Points"], [712345678, "ann@example.com", 40.0])
    begin(data, apply_at_once=True)
    work()
    ann = find("ann@example.com")
    assert (ann.phone, find_balance(ann.id)) == ("+254712345678", 40)


def test_formulas_without_results_are_refused_with_their_row_and_column(monkeypatch):
    data = sheet(["Email", "First name", "Area"], ["a@example.com", "=A2", ""], ["b@example.com", "Ann", "=1/2"])
    import_id = begin(data, apply_at_once=True)
    work()
    refused = rows(import_id, "refused")
    assert [(row.number, row.field) for row in refused] == [(1, "first_name"), (2, "area")]
    assert "open the file in Excel or LibreOffice, save it, and import it again" in str(refused[0].message)
    assert db.session.scalars(select(Customer)).all() == []
    monkeypatch.setattr("shop.services.imports.excel.MOST_MISSING", 1)
    with pytest.raises(InvalidInput, match="formulas without results"):
        begin(data)


def test_cells_with_invisible_characters_alone_are_empty_and_a_spreadsheets_numbers_are_read():
    text = "Simu;Barua pepe;Kadi\n712000001.0;\ufeff;\u200b\n2.54712000002E+11;\ufeff-;\u200b\n2.54712E+11;;\n"
    import_id = begin(text, apply_at_once=True)
    work()
    assert counted(import_id) == (ImportState.APPLIED, {"new": 2, "refused": 1})
    assert [(row.number, row.field) for row in rows(import_id, "refused")] == [(3, "phone")]
    phones = select(Customer.phone).order_by(Customer.id)
    assert db.session.scalars(phones).all() == ["+254712000001", "+254712000002"]


@pytest.mark.parametrize("data", [b"PK\x03\x04 no sheet", b"\x00\x01\x02", b"email\n"])
def test_what_is_no_list_is_refused(data):
    with pytest.raises(InvalidInput):
        begin(data)


def test_an_erased_customer_leaves_no_cell_behind():
    words = ["zuhura@example.com", "Kipzizi", "576999"]
    own = FILE.replace("wanjiku@", "zuhura@").replace("576327", "576999").replace("Njenga", "Kipzizi")
    import_id = mapped(own)
    start_apply(import_id, TESTER)
    work()
    assert "import_lines" in tables_that_mention(words)
    delete_customer(find("zuhura@example.com").id, TESTER)
    assert tables_that_mention(words) == {}
    assert len(rows(import_id)) == 6


def test_files_and_rows_are_deleted_when_they_are_old():
    waiting, applied = begin(wait=True), _applied("email\nann@example.com\n")
    with transaction(), clock.moved_to(clock.now() + timedelta(days=2)):
        purge_imports()
    assert db.session.scalars(select(ImportFilePart.id)).all() == []
    assert db.session.scalars(select(ImportLine.import_id)).all() == [applied]
    with clock.moved_to(clock.now() + timedelta(days=31)):
        for _ in range(2):
            with transaction():
                purge_imports()
        with pytest.raises(Conflict):
            start_undo(applied, TESTER)
    assert db.session.scalars(select(ImportLine.id)).all() == []
    assert db.session.scalars(select(ImportKey.id)).all() == []
    assert get_import(applied).counts["new"] == 1
    assert get_customer(find("ann@example.com").id)
    assert waiting != applied
