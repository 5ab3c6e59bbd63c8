"""The counting of the failover benchmark; the benchmark itself needs programs that test machines lack."""

import math
from pathlib import Path
from string import Template

import pytest

from bench.failover.machines import CONFIGS, HOST, PORTS
from bench.failover.seen import ANSWERED, HELD, NO_ANSWER, Sample, outage

KNOWN = {f"{name}_port": number for number, name in enumerate(PORTS, 5001)} | {
    "host": HOST, "folder": "/tmp/x", "password": "a secret", "name": "a", "synchronous": "true",
    "postgres_port": 5432, "patroni_port": 8008, "programs": "/usr/lib/postgresql/15/bin",
}  # fmt: skip


@pytest.mark.parametrize(
    ("endings", "seconds"),
    [
        ([], 0),
        ([ANSWERED, ANSWERED], 0),
        ([ANSWERED, "503", ANSWERED], 2),
        (["503", ANSWERED, NO_ANSWER, "503", ANSWERED, ANSWERED], 5),
        ([ANSWERED, HELD, ANSWERED], 0),
        (["503", HELD, ANSWERED], 3),
        ([ANSWERED, "503"], math.inf),
    ],
)
def test_errors_last_from_the_first_one_to_the_success_that_none_follows(endings: list[str], seconds: float) -> None:
    samples = [Sample("write", moment, moment + 1, how) for moment, how in enumerate(endings)]
    assert outage(samples) == seconds


@pytest.mark.parametrize("file", sorted(CONFIGS.iterdir()), ids=lambda file: file.name)
def test_each_configuration_is_filled_in(file: Path) -> None:
    assert "$" not in Template(file.read_text()).substitute(KNOWN)
