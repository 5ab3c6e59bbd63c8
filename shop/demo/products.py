"""The demo's products, priced in Kenya shillings."""

from dataclasses import dataclass

from shop.db.session import db
from shop.domain.money import minor_units
from shop.models import Product, ProductCategory
from shop.services.actors import SYSTEM
from shop.services.catalogue.categories import save_category
from shop.services.catalogue.products.records import add_product
from shop.services.catalogue.products.variants import add_variant
from shop.services.shops.settings import get_settings

PLENTY = 100_000
CATEGORIES = {
    "Flour and rice": ("GRN",),
    "Beans and lentils": ("PUL",),
    "Dairy and eggs": ("DRY",),
    "Vegetables and fruit": ("VEG", "FRT"),
    "Tea and coffee": ("TEA",),
    "Pantry": ("PAN",),
    "Bakery": ("BKR",),
    "Household": ("HOM",),
}
"""The demo's categories in their order, with the first letters of the SKUs in each."""


@dataclass(frozen=True, slots=True)
class DemoProduct:
    """A product of the demo; prices are whole shillings."""

    name: str
    price: int
    description: str
    sku: str
    sale: int | None = None
    stock: int = 600
    sizes: tuple[tuple[str, int], ...] = ()
    """Variants: name and price."""


ARTICLES = (
    DemoProduct(
        "Pishori rice from Mwea, 1 kg", 240, "Aromatic long-grain rice, this season's harvest.", "GRN-101", stock=PLENTY
    ),
    DemoProduct("Unga wa ugali, sifted maize flour, 2 kg", 189, "Fine white maize flour, fortified.", "GRN-102"),
    DemoProduct("Unga wa dona, whole maize flour, 2 kg", 165, "Stone-milled with the germ left in.", "GRN-103"),
    DemoProduct("Chapati flour, 2 kg", 210, "Wheat flour that rolls out soft.", "GRN-104", sale=195),
    DemoProduct("Uji wa wimbi, finger millet flour, 1 kg", 175, "For a smooth morning porridge.", "GRN-105"),
    DemoProduct("Yellow beans, 1 kg", 230, "Hand-sorted, quick to cook.", "PUL-201"),
    DemoProduct("Ndengu, green grams, 1 kg", 220, "From Kitui, cleaned twice.", "PUL-202"),
    DemoProduct("Njahi, black beans, 1 kg", 310, "For irio on a Sunday.", "PUL-203"),
    DemoProduct("Githeri mix, maize and beans, 1 kg", 180, "Ready for the pot after a night in water.", "PUL-204"),
    DemoProduct("Brown lentils, 500 g", 145, "Kamande, cooks in twenty minutes.", "PUL-205"),
    DemoProduct(
        "Maziwa mala, cultured milk",
        70,
        "Thick and sour, from a cooperative in Githunguri.",
        "DRY-301",
        sizes=(("500 ml", 70), ("1 l", 130)),
    ),
    DemoProduct(
        "Fresh whole milk", 65, "Pasteurised, delivered every morning.", "DRY-302", sizes=(("500 ml", 65), ("1 l", 120))
    ),
    DemoProduct("Natural yoghurt, 450 g", 160, "Nothing added but patience.", "DRY-303", sale=145),
    DemoProduct("Salted butter, 250 g", 335, "From grass-fed cows in Nyandarua.", "DRY-304"),
    DemoProduct("Farm eggs, tray of 30", 450, "From free-walking hens in Limuru.", "DRY-305"),
    DemoProduct("Paneer, 200 g", 290, "Firm, for frying.", "DRY-306"),
    DemoProduct("Sukuma wiki, bunch", 30, "Picked in Kikuyu this morning.", "VEG-401"),
    DemoProduct("Spinach, bunch", 35, "Washed and trimmed.", "VEG-402"),
    DemoProduct("Tomatoes, 1 kg", 120, "Ripe, for stew and kachumbari.", "VEG-403"),
    DemoProduct("Red onions, 1 kg", 140, "Dry and firm, they keep for weeks.", "VEG-404"),
    DemoProduct("Irish potatoes, 2 kg", 190, "Shangi from Nyandarua.", "VEG-405", sale=170),
    DemoProduct("Carrots, 1 kg", 110, "Sweet, without tops.", "VEG-406"),
    DemoProduct("Dania, bunch", 20, "Fresh coriander.", "VEG-407"),
    DemoProduct("Cabbage, whole", 80, "About one and a half kilos.", "VEG-408"),
    DemoProduct("Avocados, Hass, pack of 4", 150, "Ripe in two days on the window sill.", "FRT-501"),
    DemoProduct("Bananas, sweet, bunch", 130, "About a dozen, from Meru.", "FRT-502"),
    DemoProduct("Mangoes, apple, 1 kg", 180, "From Makueni, in season.", "FRT-503"),
    DemoProduct("Passion fruit, 500 g", 125, "Purple and full of juice.", "FRT-504"),
    DemoProduct(
        "Kericho tea leaves", 150, "Strong and bright, for chai.", "TEA-601", sizes=(("250 g", 150), ("500 g", 280))
    ),
    DemoProduct(
        "Nyeri coffee, 250 g",
        620,
        "Medium roast, roasted in Karatina.",
        "TEA-602",
        sizes=(("Ground", 620), ("Whole beans", 620)),
    ),
    DemoProduct("Brown sugar, 1 kg", 175, "Unrefined, from Mumias.", "PAN-701"),
    DemoProduct(
        "Sunflower oil",
        360,
        "Cold-pressed, light in taste.",
        "PAN-702",
        sizes=(("1 l", 360), ("3 l", 1020), ("5 l", 1650)),
    ),
    DemoProduct("Honey from Baringo, 500 g", 550, "Acacia, strained once.", "PAN-703"),
    DemoProduct("Peanut butter, smooth, 400 g", 320, "Groundnuts and a little salt.", "PAN-704", sale=290),
    DemoProduct("Pilau masala, 100 g", 130, "Cumin, cardamom, cloves, cinnamon.", "PAN-705"),
    DemoProduct("Coconut milk, 400 ml", 185, "From the coast, without thickener.", "PAN-706"),
    DemoProduct("Brown bread, 600 g", 75, "Baked in Umoja before dawn.", "BKR-801"),
    DemoProduct("Mandazi, pack of 6", 90, "With a hint of cardamom.", "BKR-802"),
    DemoProduct("Bar soap, 800 g", 165, "For hands and for laundry.", "HOM-901"),
    DemoProduct("Dishwashing liquid, lemon, 750 ml", 230, "Cuts grease in cold water.", "HOM-902", sale=205),
    DemoProduct("Toilet paper, pack of 10", 395, "Two-ply, unscented.", "HOM-903"),
    DemoProduct("Charcoal briquettes, 5 kg", 480, "Burn long and without smoke.", "HOM-904"),
)


def add_products() -> list[Product]:
    """Create all products and categories in the caller's transaction; return ``ARTICLES`` with variants loaded."""
    products, unit = [], minor_units(get_settings().currency)
    for article in ARTICLES:
        product = add_product(
            article.name,
            article.price * unit,
            description=article.description,
            sku=article.sku,
            sale_price_cents=article.sale * unit if article.sale else None,
            stock_quantity=article.stock,
        )
        for number, (name, price) in enumerate(article.sizes, start=1):
            add_variant(product, name, price * unit, sku=f"{article.sku}-{number}", stock_quantity=article.stock)
        db.session.refresh(product, ["variants"])
        products.append(product)
    for position, (name, prefixes) in enumerate(CATEGORIES.items()):
        category = save_category(None, {"name": name, "position": position}, SYSTEM)
        db.session.add_all(
            ProductCategory(product_id=product.id, category_id=category.id)
            for product in products
            if (product.sku or "").startswith(prefixes)
        )
    return products
