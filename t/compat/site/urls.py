# SPDX-License-Identifier: Apache-2.0
"""django-ca below /django_ca/, where its manual has it."""

from django.urls import include, path

urlpatterns = [path("django_ca/", include("django_ca.urls"))]
