"""Files as owners have them: semicolons, Windows-1252, empty lines, prices with currency, phones in every writing."""

import csv
import io

GOODS = ("Unga wa dola, 2 kg", "Maziwa Lala 500 ml", "Chai – Kericho Gold", "Sukari 1kg", 'Mkate "Supaloaf" 400 g')
PRICES = ("KES 1,250.00", "185", "65.50", "Ksh 99/=", " 1 450.00 ")
FIRST = ("Wanjiku", "Achieng’", "ABDI", "  Njeri ", "Zoë")
LAST = ("Kamau", "Otieno", "HASSAN", "wa Mwangi", "Ng’ang’a")


def ugly_products(rows: int) -> bytes:
    """Return so many products; besides them a line without a name, one without a price, and one that is there twice."""
    out = io.StringIO()
    write = csv.writer(out, delimiter=";").writerow
    write([])
    write(["Item Code", "Product Name", "Selling Price", "Buying price", "Qty", "Category", "Remarks"])
    for number in range(rows):
        name = f"{GOODS[number % 5]} no. {number}"
        stock = ["", "40", "1,200", " 12 ", "40"][number % 5]
        write([f"A{number:04}", name, PRICES[number % 5], "50.00", stock, "Food > Dairy", "two\nlines"])
        if number % 20 == 0:
            write([])
    write([f"A{rows:04}", "", "100", "", "", "", ""])
    write([f"A{rows + 1:04}", "No price", "", "", "", "", ""])
    write(["A0000", "Twice", "100", "", "", "", ""])
    return out.getvalue().encode("cp1252", "replace")


def ugly_customers(rows: int) -> bytes:
    """Return so many customers, most without an e-mail; besides them one without phone and e-mail, and one twice."""
    out = io.StringIO()
    write = csv.writer(out).writerow
    write(["Customer Name", "Mobile No.", "E-mail", "Points", "DOB", "Estate", "Accepts SMS Marketing"])
    for number in range(rows):
        name = f"{FIRST[number % 5]} {LAST[number // 5 % 5]} {number}"
        digits = f"7{number:08}"
        phone = (f"0{digits}", f"+254 {digits[:3]} {digits[3:]}", f"254{digits}", digits, f"0{digits[:3]}-{digits[3:]}")
        email = f" Mteja{number}@Example.com " if number % 4 == 0 else ""
        write(
            [
                name,
                phone[number % 5],
                email,
                ["", "0", "250", "1,480", "12"][number % 5],
                "12/04/1990",
                "Kilimani",
                "yes",
            ]
        )
    write(["Nobody", "", "", "", "", "", ""])
    write(["Twice", "0700000000", "", "", "", "", ""])
    return b"\xef\xbb\xbf" + out.getvalue().encode()
