"""Numbers, money and names as people read them, in pages, mails and exports."""

from shop.domain.money import currency_exponent, minor_units, stored_digits


def group_digits(number: int) -> str:
    """Return ``-4200`` as ``−4,200``, with thousands separators and a minus sign."""
    return f"{number:,}".replace("-", "−")


def signed(number: int) -> str:
    """Return a change with its sign: ``980`` as ``+980``, ``-4200`` as ``−4,200``."""
    return f"{number:+,}".replace("-", "−")


def format_amount(cents: int, currency: str) -> str:
    """Return ``240000`` as ``2,400.00``, in KWD as ``240.000``, in UGX, which has no cents, as ``2,400``.

    The currency itself is left out.
    """
    sign, unit = "−" if cents < 0 else "", minor_units(currency)
    whole, rest = divmod(abs(cents), unit)
    if rest == 0 and currency_exponent(currency) == 0:
        return f"{sign}{whole:,}"
    return f"{sign}{whole:,}.{rest:0{stored_digits(currency)}d}"


def format_price(cents: int, currency: str) -> str:
    """Return ``KES 2,400.00``, ``UGX 2,400``."""
    return f"{currency} {format_amount(cents, currency)}"


def initials(name: str) -> str:
    """Return initials: ``NW`` for ``Njeri wa Wairimu``, ``?`` without a name."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


def capitalise(sentence: str) -> str:
    """Return the sentence with a capital first letter; the rest is unchanged."""
    return f"{sentence[:1].upper()}{sentence[1:]}"
