# SPDX-License-Identifier: Apache-2.0
"""Django's manage.py of the site; `manage.py @FILE` runs the command lines in
the file, in this one process, until one fails."""

import os
import shlex
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
if sys.argv[1].startswith("@"):
    for line in Path(sys.argv[1][1:]).read_text().splitlines():
        execute_from_command_line([sys.argv[0], *shlex.split(line)])
else:
    execute_from_command_line(sys.argv)
