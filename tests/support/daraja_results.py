"""Results of requests about transactions, as Daraja sends them to their ``ResultURL``."""

from typing import Any

MESSAGES = {
    "0": "The service request is processed successfully.",
    "1": "The balance is insufficient for the transaction.",
    "21": "The initiator is not allowed to initiate this request",
    "34": "The transaction does not exist.",
    "2001": "The initiator information is invalid.",
    "R000001": "The transaction has already been reversed.",
    "R000002": "The OriginalTransactionID is invalid.",
}
TIMEOUT = {"requestId": "1c5b-4ba8-815c-ac45c57a3db01469899", "errorMessage": "Request timed out"}


def result_body(sent: dict[str, Any], code: int | str = 0, **items: Any) -> dict[str, Any]:
    """Return the result of a request that the stand-in took; ``items`` are its parameters if it succeeded."""
    result = {
        "ResultType": 0,
        "ResultCode": code,
        "ResultDesc": MESSAGES.get(str(code), "Something else"),
        "OriginatorConversationID": sent["OriginatorConversationID"],
        "ConversationID": sent["ConversationID"],
        "TransactionID": "SKE52PAWR9" if str(code) == "0" else "SKE0000000",
        "ReferenceData": {"ReferenceItem": {"Key": "Occasion"}},
    }
    if str(code) == "0":
        parameters = [{"Key": key, "Value": value} for key, value in items.items()]
        result["ResultParameters"] = {"ResultParameter": parameters}
    return {"Result": result}


def status_result(sent: dict[str, Any], code: int | str = 0, **changed: Any) -> dict[str, Any]:
    """Return the result of a status query: a completed payment to the shop's short code."""
    items = {
        "DebitPartyName": "254712345678 - Jane Doe",
        "CreditPartyName": "174379 - Mama Njeri",
        "OriginatorConversationID": "3211-416020-3",
        "InitiatedTime": 20251106230210,
        "DebitAccountType": "MMF Account For Customer",
        "ReasonType": "Pay Bill Online",
        "TransactionStatus": "Completed",
        "FinalisedTime": 20251106230212,
        "Amount": 960.0,
        "ConversationID": "AG_20251106_000041b09c22e613d6c9",
        "ReceiptNo": sent.get("TransactionID"),
    }
    return result_body(sent, code, **(items | changed))


def reversal_result(sent: dict[str, Any], code: int | str = 0, **changed: Any) -> dict[str, Any]:
    """Return the result of a reversal."""
    items = {
        "DebitAccountBalance": "Utility Account|KES|7722179.62|7722179.62|0.00|0.00",
        "Amount": 960.0,
        "TransCompletedTime": 20261124132711,
        "OriginalTransactionID": sent["TransactionID"],
        "Charge": 0.0,
        "CreditPartyPublicName": "254712345678 - JANE DOE",
        "DebitPartyPublicName": "174379 - Mama Njeri",
    }
    return result_body(sent, code, **(items | changed))


def payout_result(sent: dict[str, Any], code: int | str = 0, **changed: Any) -> dict[str, Any]:
    """Return the result of a payout."""
    items = {
        "TransactionAmount": 960,
        "TransactionReceipt": "SG632NMUAB",
        "ReceiverPartyPublicName": "254712345678 - JANE DOE",
        "TransactionCompletedDateTime": "06.07.2026 22:48:52",
        "B2CUtilityAccountAvailableFunds": 8959269.6,
        "B2CWorkingAccountAvailableFunds": 1199371.0,
        "B2CRecipientIsRegisteredCustomer": "Y",
    }
    return result_body(sent, code, **(items | changed))
