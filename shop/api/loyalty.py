"""Points (``docs/contract/api.md``, sections 2 and 4)."""

from shop.api import blueprint
from shop.api.auth import current_actor
from shop.queries.loyalty.reports import get_balance, get_standing, get_stats, list_balances, list_entries
from shop.schemas.envelope import Problem
from shop.schemas.loyalty.accounts import (
    Adjustment,
    AdjustmentResponse,
    BalanceData,
    BalanceDetail,
    BalanceListData,
    BalanceListResponse,
    BalanceOut,
    BalanceQuery,
    BalanceResponse,
    RulesData,
    RulesResponse,
    StandingResponse,
    StatsResponse,
)
from shop.schemas.loyalty.entries import LedgerData, LedgerQuery, LedgerResponse, ShopEntryOut
from shop.schemas.loyalty.rules import RulesOut
from shop.services.approvals.requests import make_or_request, request_adjustment
from shop.services.loyalty.adjustments import adjust_points
from shop.services.shops.settings import get_settings
from shop.web.json_api.approval import approval_requested
from shop.web.json_api.endpoint import endpoint

CUSTOMER_ID = "<id:customer_id>"


@blueprint.get(f"/customers/{CUSTOMER_ID}/loyalty")
@endpoint(StandingResponse, tag="Loyalty", errors=[404], access="api_key")
def customer_loyalty_show(customer_id: int) -> StandingResponse:
    """Get a customer's points

    Balance, lifetime points earned, and at most 50 ledger entries, newest first. Zeros for a customer without points.
    """
    return StandingResponse.of(get_standing(customer_id))


@blueprint.get("/marketing/loyalty/config")
@endpoint(RulesResponse, tag="Loyalty", access="api_key", etag=True)
def loyalty_config_show() -> RulesResponse:
    """Get the programme's rules

    How points are earned and spent, as it is set now.
    """
    return RulesResponse(data=RulesData(config=RulesOut.of(get_settings().rules)))


@blueprint.get("/marketing/loyalty/stats")
@endpoint(StatsResponse, tag="Loyalty", access="api_key", reads_replica=True)
def loyalty_stats_show() -> StatsResponse:
    """Get the programme's statistics

    Earned points are net of reversals; redeemed points are net of restored points.
    """
    return StatsResponse.of(get_stats())


@blueprint.get("/marketing/loyalty/balances")
@endpoint(BalanceListResponse, tag="Loyalty", query=BalanceQuery, access="api_key", reads_replica=True)
def loyalty_balance_list(query: BalanceQuery) -> BalanceListResponse:
    """List balances

    Largest first.
    """
    found, total = list_balances(limit=query.limit, offset=query.offset, search=query.search)
    balances = [BalanceOut.of(account) for account in found]
    data = BalanceListData(balances=balances, total=total, limit=query.limit, offset=query.offset)
    return BalanceListResponse(data=data)


@blueprint.get(f"/marketing/loyalty/balances/{CUSTOMER_ID}")
@endpoint(BalanceResponse, tag="Loyalty", errors=[404], access="api_key")
def loyalty_balance_show(customer_id: int) -> BalanceResponse:
    """Get a customer's balance

    With the status of their registration, if the shop requires one.
    """
    account, registration = get_balance(customer_id)
    return BalanceResponse(data=BalanceData(balance=BalanceDetail.of(account, registration)))


@blueprint.post("/marketing/loyalty/adjust")
@endpoint(AdjustmentResponse, tag="Loyalty", body=Adjustment, errors=[404], access="api_key", idempotent=True)
def loyalty_adjust(body: Adjustment) -> AdjustmentResponse | tuple[Problem, int]:
    """Adjust a customer's points

    Rejected without any change if the balance would go below zero. If it is so large that the shop wants a second
    person to approve it, nothing is changed, their approval is requested, and the response is 409 `approval_required`.
    """
    sent = (body.customer_id, body.points, body.note, current_actor())
    made = make_or_request(lambda: adjust_points(*sent), lambda: request_adjustment(*sent))
    return AdjustmentResponse.of(*made) if made is not None else approval_requested()


@blueprint.get("/marketing/loyalty/ledger")
@endpoint(LedgerResponse, tag="Loyalty", query=LedgerQuery, access="api_key", reads_replica=True)
def loyalty_ledger_list(query: LedgerQuery) -> LedgerResponse:
    """List the shop's ledger

    Newest first.
    """
    found, total = list_entries(
        limit=query.limit,
        offset=query.offset,
        customer_id=query.customer_id,
        type=query.type,
        since=query.since,
        until=query.until,
        sort=query.sort,
    )
    entries = [ShopEntryOut.of(entry) for entry in found]
    return LedgerResponse(data=LedgerData(entries=entries, total=total, limit=query.limit, offset=query.offset))
