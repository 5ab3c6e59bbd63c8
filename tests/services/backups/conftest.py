"""Runs belong to the installation, which tests share: each test begins without any."""

import pytest
from sqlalchemy import delete

from shop.db.transaction import transaction
from shop.models import BackupRun


@pytest.fixture
def clean_ctx(ctx):
    """A shop's context, in an installation without runs."""
    with transaction() as session:
        session.execute(delete(BackupRun))
    return ctx
