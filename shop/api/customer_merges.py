"""Merging customers (``docs/contract/api.md``, section 10)."""

from shop.api import blueprint
from shop.api.auth import current_actor
from shop.api.customers import ID
from shop.schemas.customers.merges import CustomerMergeRequest, MergeData, MergeOut, MergeResponse
from shop.schemas.envelope import Message
from shop.services.merging.customers import merge_customers, preview_merge
from shop.services.merging.undo import undo_merge
from shop.web.json_api.endpoint import endpoint


@blueprint.post(f"/customers/{ID}/merge")
@endpoint(MergeResponse, tag="Customers", body=CustomerMergeRequest, errors=[404], access="api_key", idempotent=True)
def customer_merge(customer_id: int, body: CustomerMergeRequest) -> MergeResponse:
    """Merge a customer into another

    Orders, addresses, notes, points, registration and carts move; points as ledger entries that name the merge. The
    other keeps their fields; empty ones are filled. The merged id then answers 404 with `merged_into`. With `dry_run`
    nothing is changed. It can be undone for 30 days, as long as no points were used.
    """
    ids = customer_id, body.into
    preview = preview_merge(*ids)
    merge = None if body.dry_run else merge_customers(*ids, current_actor())
    return MergeResponse(data=MergeData(merge=MergeOut.of(preview, ids, merge)))


@blueprint.post("/customers/merges/<id:merge_id>/undo")
@endpoint(Message, tag="Customers", errors=[404, 409], access="api_key", idempotent=True)
def customer_merge_undo(merge_id: int) -> Message:
    """Undo a merge

    The merged customer has their id, fields and rows again. 409 after 30 days, or when points were used since.
    """
    undo_merge(merge_id, current_actor())
    return Message(message="Merge undone")
