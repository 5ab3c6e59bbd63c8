# ruff: noqa: UP030, UP032 (must run on the Pythons it refuses)
"""Exit with a message unless this Python is new enough for ``python_requires`` in setup.cfg."""

import configparser
import os
import sys

setup = configparser.ConfigParser()
setup.read(os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "setup.cfg"))
needed = setup["options"]["python_requires"].replace(">=", "").strip()
found = ".".join(str(part) for part in sys.version_info[:3])
if sys.version_info < tuple(int(part) for part in needed.split(".")):
    hint = "Choose another: PYTHON=python{0} make run".format(needed)
    sys.exit("Error: Tuza needs Python {0} or later; this is {1}. {2}".format(needed, found, hint))
