"""Many products for the load tests, with categories, tags, variants, stock and stock movements."""

from collections.abc import Iterator
from datetime import timedelta

from bench.load.bulk import Bulk, Row
from bench.people import NEW_YEAR
from shop.domain.text.search import normalize_search

NOUNS = ("Sukari", "Unga", "Chai", "Sabuni", "Mafuta", "Mchele", "Maziwa", "Kahawa", "Chumvi", "Maharagwe")
BRANDS = (
    "Kabras",
    "Jogoo",
    "Ketepa",
    "Geisha",
    "Rina",
    "Pishori",
    "Brookside",
    "Dormans",
    "Kensalt",
    "Nyayo",
    "Ushindi",
)
SIZES = ("1 kg", "2 kg", "500 g")
CATEGORIES = 100
VARIANTS_FROM = 4
"""One product in this number has variants."""
COLUMNS = {
    "categories": "id, shop_id, name, slug, parent_id, position, created_at, updated_at",
    "products": "id, shop_id, name, slug, description, sku, barcode, price_cents, sale_price_cents, tax_class, status, "
    "stock_quantity, low_stock_at, metadata, search_text, created_at, updated_at",
    "product_categories": "id, shop_id, product_id, category_id",
    "product_tags": "id, shop_id, product_id, tag",
    "variants": "id, shop_id, product_id, name, options, sku, barcode, price_cents, stock_quantity, position, "
    "is_archived, created_at, updated_at",
    "stock_movements": "id, shop_id, branch_id, product_id, variant_id, change, quantity_after, kind, reason, "
    "actor_kind, actor_label, created_at",
}


def stock_catalogue(bulk: Bulk, shop_id: int, branch_id: int, first: int, count: int) -> range:
    """Add this many products, numbered from ``first``; return their ids."""
    numbers = range(first, first + count)
    added = [str((NEW_YEAR - timedelta(minutes=number)).replace(tzinfo=None)) for number in range(1_000)]
    bulk.add("categories", COLUMNS["categories"], _categories(shop_id, added[0]))
    bulk.add("products", COLUMNS["products"], (_product(shop_id, number, added) for number in numbers))
    placed = ((number, shop_id, number, 1 + number % CATEGORIES) for number in numbers)
    bulk.add("product_categories", COLUMNS["product_categories"], placed)
    tagged = ((number, shop_id, number, f"tag {number % 40}") for number in numbers)
    bulk.add("product_tags", COLUMNS["product_tags"], tagged)
    bulk.add("variants", COLUMNS["variants"], _variants(shop_id, numbers, added[0]))
    bulk.add("stock_movements", COLUMNS["stock_movements"], _movements(shop_id, branch_id, numbers, added[0]))
    return numbers


def _categories(shop_id: int, added: str) -> Iterator[Row]:
    for number in range(1, CATEGORIES + 1):
        parent = None if number <= 10 else 1 + number % 10
        yield number, shop_id, f"Jamii {number}", f"jamii-{number}", parent, number, added, added


def _product(shop_id: int, number: int, added: list[str]) -> Row:
    name = f"{BRANDS[number % len(BRANDS)]} {NOUNS[number % len(NOUNS)]} {number}"
    sku, barcode = f"SKU-{number:07d}", f"61611{number:08d}"
    price = 5_000 + number * 7919 % 85_000
    sale = price * 9 // 10 if number % 10 == 0 else None
    status = ("hidden" if number % 4 else "archived") if number % 25 == 0 else "active"
    stock = None if _has_variants(number) else number % 200
    sizes = [f"{size} {sku}-{place}" for place, size in enumerate(SIZES)] if _has_variants(number) else []
    text = f" {normalize_search(' '.join([name, sku, barcode, *sizes]))} "
    moment = added[number % len(added)]
    return (
        *(number, shop_id, name, f"bidhaa-{number}", "", sku, barcode, price, sale, "", status),
        *(stock, 5, "{}", text, moment, moment),
    )


def _has_variants(number: int) -> bool:
    return number % VARIANTS_FROM == 0


def _variants(shop_id: int, numbers: range, added: str) -> Iterator[Row]:
    made = 0
    for number in filter(_has_variants, numbers):
        for place, size in enumerate(SIZES):
            made += 1
            options, sku = f'{{"Size": "{size}"}}', f"SKU-{number:07d}-{place}"
            price, stock = 5_000 + made * 7919 % 85_000, made % 90
            yield made, shop_id, number, size, options, sku, "", price, stock, place, False, added, added


def _movements(shop_id: int, branch_id: int, numbers: range, added: str) -> Iterator[Row]:
    """Add the opening stock of each product and variant."""
    made, variant = numbers[0], 0  # the opening stock of the first products is there
    for number in numbers:
        counted = [(None, number % 200)]
        if _has_variants(number):
            counted = [(variant + place, (variant + place) % 90) for place in range(1, len(SIZES) + 1)]
            variant += len(SIZES)
        for which, stock in counted:
            made += 1
            common = (branch_id, number, which, stock, stock, "opening", "", "system", "Tuza", added)
            yield made, shop_id, *common
