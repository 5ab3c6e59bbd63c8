"""Hypothesis strategies of text as people type and paste it: the same to the eye, other characters beneath."""

import unicodedata

from hypothesis import strategies as st

INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u202a\u202c"
SPACES = " \u00a0\u2009\u202f\u3000\t"
SCRIPTS = (
    ("Wanjikũ", "Achieng’", "Mũthoni", "Nyambura"),
    ("José", "Zoë", "Müller", "Łukasz", "Åse", "Nguyễn"),
    ("Ξένια", "Борис", "Олена", "Հայկ"),
    ("محمد", "יעל", "อรุณ", "अनिल", "தமிழ்"),
    ("王芳", "さくら", "サクラ", "민준"),
    ("O'Brien", "Anne-Marie", "d’Arc", "van der Berg", "X Æ A-12"),
    ("-Kim", "=Sum", "+One", "@home", "'quoted'", '"Q"', "a;b", "a,b", "NULL", "true", "007", "1e5", "😀", "👩‍👩‍👧"),
)
ALL_NAMES = [name for names in SCRIPTS for name in names]
NAMES = st.sampled_from(ALL_NAMES)
PHONES = st.integers(700_000_000, 799_999_999).map(str)
"""The nine digits of a Kenyan mobile number."""
LOCAL_PARTS = st.from_regex(r"[a-z][a-z0-9]{3,12}([.+_-][a-z0-9]{1,6})?", fullmatch=True)
DOMAINS = st.sampled_from(["example.com", "mail.example.co.ke", "bücher.example", "例え.example", "EXAMPLE.org"])
DIGITS = ("0123456789", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "０１２３４５６７８９")


@st.composite
def disguised(draw: st.DrawFn, core: str, *, spaces: bool = True) -> str:
    """Return a text that reads the same: composed or decomposed, with characters of no width and odd spaces."""
    text = unicodedata.normalize(draw(st.sampled_from(["NFC", "NFD"])), core)
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(text)))
        text = text[:place] + draw(st.sampled_from(INVISIBLE)) + text[place:]
    if spaces:
        around = st.text(SPACES + INVISIBLE, max_size=3)
        text = draw(around) + text.replace(" ", draw(st.text(SPACES, min_size=1, max_size=3))) + draw(around)
    return text


@st.composite
def typed_emails(draw: st.DrawFn) -> tuple[str, str]:
    """Return an e-mail as it is stored, and as someone types it."""
    local, domain = draw(LOCAL_PARTS), draw(DOMAINS)
    typed = f"{local}@{domain}"
    typed = draw(st.sampled_from([typed, typed.upper(), typed.title()]))
    stored = f"{local}@{domain.encode('idna').decode().lower()}"
    return stored, draw(disguised(typed))


@st.composite
def typed_phones(draw: st.DrawFn) -> tuple[str, str]:
    """Return a phone number as it is stored, and as someone types it."""
    number = draw(PHONES)
    separator = draw(st.sampled_from(["", " ", "-", "\u2011", ".", "\u00a0", " - "]))
    parts = separator.join((number[:3], number[3:6], number[6:]))
    prefix = draw(st.sampled_from(["0", "+254", "+254 ", "00254", "254", "(+254)", "+254 (0)"]))
    digits = draw(st.sampled_from(DIGITS))
    typed = "".join(digits[int(char)] if char.isascii() and char.isdigit() else char for char in prefix + parts)
    return f"+254{number}", draw(disguised(typed))
