"""The values of the placeholders of short texts, by the kind of message."""

from shop.domain.formats import format_price, group_digits
from shop.domain.text.cleaning import one_line
from shop.services.messaging.mails.mail_language import MailContent, MailContext

Values = dict[str, str]


def code_values(content: MailContent, _mail: MailContext) -> Values:
    return {"code": content.values["code"], "minutes": str(content.values["minutes"])}


def order_values(content: MailContent, mail: MailContext) -> Values:
    order = content.values["order"]
    total = format_price(order.total_cents, order.currency)
    ways = content.values.get("pay_ways", [])
    pay = " ".join(f"{name}: {message}" for name, message in ways)
    link = content.values.get("status_link") or content.values.get("storefront_url", "")
    return {"name": content.values["name"], "order": order.order_number, "total": total, "pay": pay, "link": link}


def note_values(content: MailContent, mail: MailContext) -> Values:
    return order_values(content, mail) | {"note": one_line(content.values["note"])}


def points_values(content: MailContent, mail: MailContext) -> Values:
    cents = content.values["worth_cents"]
    points = content.values["points"] if content.values["added"] else -content.values["points"]
    return {
        "name": content.values["name"],
        "points": f"{points:+,}",
        "balance": content.values["balance"],
        "worth": format_price(cents, content.values["currency"]),
    }


def registration_values(content: MailContent, mail: MailContext) -> Values:
    approved = mail.gettext("You can now use your points.")
    decision = approved if content.values["approved"] else one_line(content.values["reason"] or "")
    return {"name": content.values["name"], "decision": decision}


def offer_values(content: MailContent, _mail: MailContext) -> Values:
    return {"name": content.values["name"], "text": one_line(" ".join(content.values["paragraphs"]))}


def earned_values(content: MailContent, _mail: MailContext) -> Values:
    values = content.values
    return {
        "name": values["name"],
        "points": f"{values['points']:+,}",
        "balance": values["balance"],
        "worth": format_price(values["worth_cents"], values["currency"]),
        "order": values["order_number"],
    }


def paid_values(content: MailContent, _mail: MailContext) -> Values:
    values, order = content.values, content.values["order"]
    return {
        "name": values["name"],
        "order": order.order_number,
        "total": format_price(order.total_cents, order.currency),
        "points": values["points"],
        "link": values["status_link"],
    }


def refund_values(content: MailContent, _mail: MailContext) -> Values:
    values, order = content.values, content.values["order"]
    return {
        "name": values["name"],
        "order": order.order_number,
        "amount": format_price(values["refunded_cents"], order.currency),
        "items": ", ".join(f"{quantity} x {name}" for name, quantity in values.get("pieces", [])),
        "money": values["money"],
        "points": " ".join(values.get("moved", [])),
        "link": values["status_link"],
    }


def receipt_values(content: MailContent, mail: MailContext) -> Values:
    return paid_values(content, mail) | {"points": group_digits(content.values["order"].points_earned)}


def cart_values(content: MailContent, _mail: MailContext) -> Values:
    items = ", ".join(name for name, _quantity, _cents in content.values["items"])
    return {"name": content.values["name"], "items": items, "link": content.values["address"]}
