"""The demo's customers: sixty people in Nairobi, from regulars to members without an order."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

GUESTS = 4
ORDERS_BY_CUSTOMER = (25, 24, 22, 18, 15, 13, 12, 11, 9, 8, 8, 7, 6, 6) + (5, 4, 3, 3, 2, 2) * 4 + (1,) * 10 + (0,) * 8
"""A long tail: few buy often, many sometimes, some never. The guests follow, with one order each."""

FIRST_NAMES = (
    "Wanjiku Otieno Amina Kamau Achieng Mwangi Njoki Kiprono Fatuma Omondi Wambui Mutua Chebet Hassan Nyambura Ochieng "
    "Mumbi Kipchoge Zawadi Barasa Atieno Njoroge Halima Kimani Akinyi Musyoka Jepkosgei Juma Wairimu Odhiambo Makena "
    "Ndungu Salome Kariuki Adhiambo Mutiso Cherono Abdi Nyokabi Wekesa Moraa Maina Rehema Gitonga Awino Kilonzo "
    "Jelagat Said Wangari Onyango Kendi Githinji Mwende Karanja Apiyo Nzioka Jerop Bakari Wacera Simiyu"
)
LAST_NAMES = (
    "Njenga Owino Mohamed Waweru Oduor Gathoni Muriuki Rotich Ali Okoth Ngugi Kioko Koech Yusuf Macharia Ouma Kinyua "
    "Kiptoo Mwakio Nafula Okello Muthoni Noor Kiarie Anyango Mbithi Lagat Mwinyi Nderitu Obiero Murithi Mbugua Nyaboke "
    "Gachanja Awuor Munyao Chepkemoi Farah Muigai Wafula Nyamweya Thuku Charo Mugambi Aoko Musembi Kosgei Omar Kuria "
    "Were Kagwiria Irungu Ndunda Chege Auma Mutinda Sang Mwangi Wanyama Kimathi"
)
STREETS = (
    ("Westlands", "Mpaka Road", "00800"),
    ("Kilimani", "Argwings Kodhek Road", "00100"),
    ("Lavington", "James Gichuru Road", "00603"),
    ("South B", "Mchumbi Road", "00200"),
    ("South C", "Muhoho Avenue", "00200"),
    ("Umoja II", "Moi Drive", "00515"),
    ("Donholm", "Savannah Road", "00515"),
    ("Buruburu Phase 4", "Mumias South Road", "00515"),
    ("Kasarani", "Mwiki Road", "00608"),
    ("Roysambu", "Lumumba Drive", "00618"),
    ("Langata", "Otiende Road", "00509"),
    ("Kileleshwa", "Kandara Road", "00100"),
    ("Parklands", "Third Parklands Avenue", "00623"),
    ("Embakasi", "Fedha Estate, Outer Ring Road", "00521"),
    ("Ngara", "Desai Road", "00610"),
    ("Karen", "Dagoretti Road", "00502"),
)
HOUSES = ("House", "Flat", "Apartment", "Court, door", "Block B, door")
NOTES = (
    "Prefers delivery after five in the evening.",
    "Ring the bell twice; the gate guard knows our rider.",
    "Asks for ripe avocados, never hard ones.",
    "Buys for a chama at the end of the month.",
    "Allergic to groundnuts: check before offering something else.",
    "Pays by M-Pesa from another number.",
    "Wants the receipt by e-mail for the office.",
    "Leave the bag with the caretaker when nobody is home.",
    "Was unhappy about bruised tomatoes in the spring; we replaced them.",
    "Runs a small kibanda and asks for prices of larger bags.",
    "Speaks Swahili on the phone.",
    "Promised a jar of honey with the fiftieth order.",
)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A customer of the demo."""

    first_name: str
    last_name: str
    email: str
    phone: str
    estate: str
    street: str
    postcode: str
    orders: int
    note: str | None
    is_guest: bool

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


def people(chance: Random) -> Iterator[DemoPerson]:
    """Return the sixty customers, most frequent first, guests last."""
    names = list(zip(FIRST_NAMES.split(), LAST_NAMES.split(), strict=True))
    numbers = chance.sample(range(10_000_000, 39_999_999), len(names))
    orders = ORDERS_BY_CUSTOMER + (1,) * GUESTS
    for index, (first, last) in enumerate(names):
        estate, street, postcode = chance.choice(STREETS)
        is_guest = index >= len(names) - GUESTS
        yield DemoPerson(
            first_name=first,
            last_name=last,
            email=f"{first}.{last}@example.com".lower(),
            phone=f"+2547{numbers[index]}",
            estate=estate,
            street=f"{street}, {chance.choice(HOUSES)} {chance.randint(1, 140)}",
            postcode=postcode,
            orders=orders[index],
            note=chance.choice(NOTES) if not is_guest and (chance.random() < 0.45 or index < 3) else None,
            is_guest=is_guest,
        )
