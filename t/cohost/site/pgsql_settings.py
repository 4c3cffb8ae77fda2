# SPDX-License-Identifier: Apache-2.0
"""The site of the compat tests, on the PostgreSQL that libpq's variables
(PGHOST and the others) name."""

from settings import *  # noqa: F403

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "ocsp",
        # psycopg reads no other.
        "OPTIONS": {"options": "-c datestyle=ISO"},
    }
}
