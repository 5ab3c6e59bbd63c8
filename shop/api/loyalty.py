"""Points by the admin door (``docs/contract/api.md``, sections 2 and 4)."""

from shop.api import blueprint
from shop.api.auth import actor
from shop.queries.loyalty.reports import get_balance, get_standing, get_stats, list_balances, list_entries
from shop.schemas.loyalty import (
    Adjustment,
    AdjustmentAnswer,
    BalanceAnswer,
    BalanceData,
    BalanceListAnswer,
    BalanceListData,
    BalanceOut,
    BalanceQuery,
    BalanceWhole,
    LedgerAnswer,
    LedgerData,
    LedgerQuery,
    RulesAnswer,
    RulesData,
    RulesOut,
    ShopEntryOut,
    StandingAnswer,
    StatsAnswer,
)
from shop.services.loyalty.adjustments import adjust_points
from shop.services.shops.settings import get_settings
from shop.web.endpoint import endpoint

CUSTOMER_ID = "<id:customer_id>"


@blueprint.get(f"/customers/{CUSTOMER_ID}/loyalty")
@endpoint(StandingAnswer, tag="Loyalty", errors=[404], access="api_key")
def customer_loyalty_show(customer_id: int) -> StandingAnswer:
    """Get a customer's points

    Balance, lifetime points earned, and at most 50 ledger entries, newest first. Zeros for a customer without points.
    """
    return StandingAnswer.of(get_standing(customer_id))


@blueprint.get("/marketing/loyalty/config")
@endpoint(RulesAnswer, tag="Loyalty", access="api_key")
def loyalty_config_show() -> RulesAnswer:
    """Get the programme's rules"""
    return RulesAnswer(data=RulesData(config=RulesOut.of(get_settings().rules)))


@blueprint.get("/marketing/loyalty/stats")
@endpoint(StatsAnswer, tag="Loyalty", access="api_key", reads_replica=True)
def loyalty_stats_show() -> StatsAnswer:
    """Get the programme in figures

    Earned is what was earned less what was taken back; redeemed is what was redeemed less what was given back.
    """
    return StatsAnswer.of(get_stats())


@blueprint.get("/marketing/loyalty/balances")
@endpoint(BalanceListAnswer, tag="Loyalty", query=BalanceQuery, access="api_key", reads_replica=True)
def loyalty_balance_list(query: BalanceQuery) -> BalanceListAnswer:
    """List balances

    The largest first.
    """
    found, total = list_balances(limit=query.limit, offset=query.offset, search=query.search)
    balances = [BalanceOut.of(account) for account in found]
    data = BalanceListData(balances=balances, total=total, limit=query.limit, offset=query.offset)
    return BalanceListAnswer(data=data)


@blueprint.get(f"/marketing/loyalty/balances/{CUSTOMER_ID}")
@endpoint(BalanceAnswer, tag="Loyalty", errors=[404], access="api_key")
def loyalty_balance_show(customer_id: int) -> BalanceAnswer:
    """Get a customer's balance

    With how her registration stands, where the shop asks for one.
    """
    account, registration = get_balance(customer_id)
    return BalanceAnswer(data=BalanceData(balance=BalanceWhole.of(account, registration)))


@blueprint.post("/marketing/loyalty/adjust")
@endpoint(AdjustmentAnswer, tag="Loyalty", body=Adjustment, errors=[404], access="api_key", idempotent=True)
def loyalty_adjust(body: Adjustment) -> AdjustmentAnswer:
    """Give or take points by hand

    Refused, and nothing changed, when the balance would go below zero.
    """
    return AdjustmentAnswer.of(*adjust_points(body.customer_id, body.points, body.note, actor()))


@blueprint.get("/marketing/loyalty/ledger")
@endpoint(LedgerAnswer, tag="Loyalty", query=LedgerQuery, access="api_key", reads_replica=True)
def loyalty_ledger_list(query: LedgerQuery) -> LedgerAnswer:
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
    )
    entries = [ShopEntryOut.of(entry) for entry in found]
    return LedgerAnswer(data=LedgerData(entries=entries, total=total, limit=query.limit, offset=query.offset))
