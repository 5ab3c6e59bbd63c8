"""The limit: the smallest Flask views that do the same work on the same tables, by raw psycopg or sqlite3.

No shop is looked up, no key is checked, nothing is validated, logged or limited; the list's total is not counted. What
is slower than this is the price of everything else.
"""

from flask import Flask

from bench.load.by_hand import reads, writes

app = Flask(__name__)
reads.add_to(app)
writes.add_to(app)
