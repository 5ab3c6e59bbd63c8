"""The expected sums, calculated from the parquet files independently of the orders that are sent."""

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.replay.baskets import parquet_file
from bench.replay.nouns import Truth


def sum_up(ids: Iterable[int]) -> dict[int, Truth]:
    """Sum the baskets with these ids by Arrow, in columns of whole cents."""
    columns = ["basket_id", "household_id", "sales_value", "coupon_disc"]
    table = pq.read_table(parquet_file("transactions"), columns=columns)
    table = table.filter(pc.is_in(table["basket_id"], value_set=pa.array(list(ids), pa.int64())))
    for name in ("sales_value", "coupon_disc"):
        whole = pc.cast(pc.round(pc.multiply(table[name], 100)), pa.int64())
        table = table.set_column(table.schema.get_field_index(name), name, whole)
    sums = table.group_by(["basket_id", "household_id"]).aggregate([("sales_value", "sum"), ("coupon_disc", "sum")])
    return {
        row["basket_id"]: Truth(
            row["household_id"], row["sales_value_sum"], min(row["coupon_disc_sum"], row["sales_value_sum"])
        )
        for row in sums.to_pylist()
    }
