"""`python -m infra.reference`: fetch the reference engine."""

import sys

from infra.local.engine import CannotStartError
from infra.reference.engine import fetch

try:
    fetch()
except CannotStartError as refused:
    sys.exit(str(refused))
