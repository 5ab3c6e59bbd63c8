"""One person's data as a zip file: JSON for programs, CSV for spreadsheets, the picture of the ID card."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from shop.domain.text.spreadsheets import escape_formula
from shop.queries.privacy.personal_data import Rows, get_personal_data
from shop.services import clock
from shop.services.customers.uploads import read_kept
from shop.services.errors import NotFound

README: Final = """\
personal-data.json has everything that the shop holds about this person, one list for each kind of record.
csv/ has the same records as files for spreadsheets, one for each kind that has any.
files/ has the picture of the ID card, if one is kept.
Amounts whose name ends in _cents are hundredths of the shop's currency. Times are UTC.
Left out: passwords and other secrets, and the names of staff.
"""


def make_archive(customer_id: int) -> bytes:
    """Return the zip file of a customer's data. Raise NotFound."""
    data = get_personal_data(customer_id)
    content = {"exported_at": clock.now(), "customer_id": customer_id, "data": data}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", README)
        archive.writestr("personal-data.json", json.dumps(content, default=_text, indent=1, ensure_ascii=False))
        for table, rows in data.items():
            if rows:
                archive.writestr(f"csv/{table}.csv", _csv(rows))
        for name, picture in _pictures(data):
            archive.writestr(f"files/{name}", picture)
    return out.getvalue()


def _pictures(data: Mapping[str, Rows]) -> list[tuple[str, bytes]]:
    found = []
    for row in data["loyalty_registrations"]:
        try:
            found.append((f"id-image-{row['id_image']}", read_kept(row["id_image"])[0]))
        except NotFound:
            continue
    return found


def _csv(rows: Rows) -> str:
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow(rows[0])
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return out.getvalue()


def _cell(value: Any) -> str | int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if value is None:
        return ""
    return escape_formula(value) if isinstance(value, str) else _json_or_text(value)


def _json_or_text(value: Any) -> str:
    structured = isinstance(value, dict | list | bool)
    return json.dumps(value, default=_text, ensure_ascii=False) if structured else _text(value)


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)
