"""Numbers, money and names as people read them, in pages, mails and exports."""


def group_digits(number: int) -> str:
    """Return ``-4200`` as ``−4,200``, with thousands separators and a minus sign."""
    return f"{number:,}".replace("-", "−")


def signed(number: int) -> str:
    """Return a change with its sign: ``980`` as ``+980``, ``-4200`` as ``−4,200``."""
    return f"{number:+,}".replace("-", "−")


def format_amount(cents: int) -> str:
    """Return ``240000`` as ``2,400.00``, without the currency."""
    return f"{'−' if cents < 0 else ''}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def format_price(cents: int, currency: str) -> str:
    """Return ``KES 2,400.00``."""
    return f"{currency} {format_amount(cents)}"


def initials(name: str) -> str:
    """Return initials: ``NW`` for ``Njeri wa Wairimu``, ``?`` without a name."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


def capitalise(sentence: str) -> str:
    """Return the sentence with a capital first letter; the rest is unchanged."""
    return f"{sentence[:1].upper()}{sentence[1:]}"
