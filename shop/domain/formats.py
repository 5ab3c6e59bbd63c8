"""How numbers, money and names are written for people; used by pages, mails and exports alike."""


def group_digits(number: int) -> str:
    """``-4200`` → ``−4,200``: thousands commas, and a true minus."""
    return f"{number:,}".replace("-", "−")


def signed(number: int) -> str:
    """``980`` → ``+980``, ``-4200`` → ``−4,200``: a change."""
    return f"{number:+,}".replace("-", "−")


def format_amount(cents: int) -> str:
    """``240000`` → ``2,400.00``: money without its currency."""
    return f"{'−' if cents < 0 else ''}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def format_price(cents: int, currency: str) -> str:
    """``KES 2,400.00``."""
    return f"{currency} {format_amount(cents)}"


def initials(name: str) -> str:
    """``Njeri wa Wairimu`` → ``NW``; ``?`` for no name."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


def capitalise(sentence: str) -> str:
    """``must be a number`` → ``Must be a number``; the rest of the sentence stays as it is."""
    return f"{sentence[:1].upper()}{sentence[1:]}"
