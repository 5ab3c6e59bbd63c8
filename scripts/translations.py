"""Message catalogues: ``update`` extracts all texts into them, ``compile`` writes what the pages load, ``check`` tells
whether both were done and everything is translated. ``docs/translation.md`` says how to add a language.
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "shop" / "translations"
FIRST = ("lazy_gettext", "Translatable", "ValidationError", "ValueError")
ERRORS = ("Conflict", "IdempotencyMismatch", "InvalidInput", "NotAllowed", "NotFound", "NotSignedIn", "ShopError")
MORE_ERRORS = ("BadToken", "InsufficientPoints", "KeysLost", "OriginNotAllowed", "StillRunning", "TooOften")
REST = ("Unavailable", "UnsupportedBody")
SECOND = ("CouponRefused", "FieldError", "RedemptionRefused", "of")
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    **dict.fromkeys((*FIRST, *ERRORS, *MORE_ERRORS, *REST)),
    **dict.fromkeys(SECOND, (2,)),
    "_refusal": (1,),
}
"""Functions whose first argument, or second, is a text."""
REJECTED = {
    "sw": re.compile(
        r"\b(alama|m?a?agizo|namba|akiba|hisa|mienendo|wima|mlalo|msimbo pau|rejea|\w*tengu[ael]\w*)\b", re.IGNORECASE
    )
}
"""Second words for terms of the table in ``docs/translation.md``, by language."""


def extract() -> Catalog:
    """Return a catalogue of every text in the code and the templates, without translations."""
    catalog = Catalog(project="Tuza", charset="utf-8")
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(ROOT, methods, options, KEYWORDS, comment_tags=["Translators:"], strip_comment_tags=True)
    for path, _line, message, comments, context in found:
        if _is_text(message):
            catalog.add(message, locations=[(path, None)], auto_comments=comments, context=context)
    return catalog


def _is_text(message: str | tuple[str, ...]) -> bool:
    first = message if isinstance(message, str) else message[0]
    is_code = re.fullmatch(r"[a-z]+(_[a-z]+)+", first)
    return not is_code and any(letter.isalpha() for letter in re.sub(r"%\(\w+\)[sd]", "", first))


def read(path: Path) -> Catalog:
    """Return the catalogue of a ``.po`` file."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def po_bytes(catalog: Catalog) -> bytes:
    """Return the ``.po`` file of a catalogue: sorted, with the files but not the lines of each text."""
    file = io.BytesIO()
    write_po(file, catalog, width=120, sort_output=True, omit_header=False, ignore_obsolete=True)
    return file.getvalue()


def mo_bytes(catalog: Catalog) -> bytes:
    """Return the compiled ``.mo`` file of a catalogue."""
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def updated(path: Path) -> Catalog:
    """Return the catalogue of a file with the texts as they are now. Nothing is guessed from similar texts."""
    catalog = read(path)
    catalog.update(extract(), no_fuzzy_matching=True, update_creation_date=False)
    return catalog


def paths() -> Iterator[Path]:
    """Yield the ``.po`` file of every language."""
    yield from sorted(FOLDER.glob("*/LC_MESSAGES/messages.po"))


def update() -> None:
    """Write the texts as they are now into every ``.po`` file, and compile it."""
    for path in paths():
        path.write_bytes(po_bytes(updated(path)))
    compile_all()


def compile_all() -> None:
    """Write the ``.mo`` file beside every ``.po`` file."""
    for path in paths():
        path.with_suffix(".mo").write_bytes(mo_bytes(read(path)))


def problems() -> Iterator[str]:
    """Yield a line for every text without translation or with a rejected word, and every file that is not current."""
    for path in paths():
        catalog = updated(path)
        missing = [message for message in catalog if message.id and not all(_translations(message.string))]
        yield from (f"{path.parts[-3]}: not translated: {message.id!r}" for message in missing)
        yield from _rejected(catalog, path.parts[-3])
        kept = read(path)
        is_old = {message.id for message in kept} != {message.id for message in catalog}
        if is_old or path.with_suffix(".mo").read_bytes() != mo_bytes(kept):
            yield f"{path.parts[-3]}: run `python scripts/translations.py update`"


def _rejected(catalog: Catalog, language: str) -> Iterator[str]:
    for message in catalog:
        for string in _translations(message.string) if message.id and language in REJECTED else ():
            if word := REJECTED[language].search(string):
                yield f"{language}: another word for “{word[0]}”, see docs/translation.md: {string!r}"


def _translations(string: str | tuple[str, ...]) -> tuple[str, ...]:
    return string if isinstance(string, tuple) else (string,)


def check() -> None:
    """Print what is missing, and exit with 1 if anything is."""
    found = list(problems())
    print("\n".join(found) or "Everything is translated.")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    {"update": update, "compile": compile_all, "check": check}[sys.argv[1]]()
