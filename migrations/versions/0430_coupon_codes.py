"""Coupon codes with dashes, apostrophes and digits of other scripts as they are compared now.

A code whose new form another coupon of the shop has stays as it is: staff see it in the list and can change it.
"""

import sqlalchemy as sa
from alembic import op

from shop.domain.text.cleaning import clean_reference

revision = "0430"
down_revision = "0381"
branch_labels = None
depends_on = None

COUPONS = sa.table("coupons", sa.column("id"), sa.column("shop_id"), sa.column("code"))


def upgrade() -> None:
    connection = op.get_bind()
    is_postgres = connection.dialect.name == "postgresql"
    match = "code ~ '[^ -~]|`'" if is_postgres else "code GLOB '*[^ -~]*' OR code GLOB '*`*'"
    for row in connection.execute(sa.select(COUPONS).where(sa.text(match))).all():
        try:
            code = clean_reference(row.code)
        except ValueError:
            continue
        same = COUPONS.c.shop_id == row.shop_id, COUPONS.c.code == code
        if code and connection.execute(sa.select(COUPONS.c.id).where(*same)).first() is None:
            connection.execute(COUPONS.update().where(COUPONS.c.id == row.id).values(code=code))


def downgrade() -> None:
    """Nothing to take back: the codes are found in either version."""
