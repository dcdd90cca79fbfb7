"""`python -m infra.keycloak` fetches Keycloak with Java and Maven."""

import sys

from infra.keycloak.server import fetch
from infra.local.engine import CannotStartError

try:
    fetch()
except CannotStartError as refused:
    sys.exit(str(refused))
