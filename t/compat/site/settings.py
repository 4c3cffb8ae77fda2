# SPDX-License-Identifier: Apache-2.0
"""The least site that django-ca's manual allows. What it writes goes into the
folder named by SITE, where ocsp_urls.json may hold CA_OCSP_URLS."""

import json
import os
from pathlib import Path

SITE = Path(os.environ["SITE"])
SECRET_KEY = "only for tests"
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django_object_actions",
    "django_ca",
]
ROOT_URLCONF = "urls"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": SITE / "db.sqlite3",
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "Europe/Vienna"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
    "django-ca": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        # SITE_STORAGE: more options, as JSON.
        "OPTIONS": {
            "location": SITE / "files",
            **json.loads(os.environ.get("SITE_STORAGE", "{}")),
        },
    },
}
CA_USE_CELERY = False
CA_DEFAULT_HOSTNAME = "ca.example.com"

urls = SITE / "ocsp_urls.json"
CA_OCSP_URLS = json.loads(urls.read_text()) if urls.exists() else {}
