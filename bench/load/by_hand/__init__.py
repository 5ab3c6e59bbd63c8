"""The reference: the smallest Flask views that do the same work on the same tables, with raw psycopg or sqlite3.

They look up no shop, check no key, and validate, log and limit nothing; the list's total is not counted.
"""

from flask import Flask

from bench.load.by_hand import reads, writes

app = Flask(__name__)
reads.add_to(app)
writes.add_to(app)
