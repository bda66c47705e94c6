#!/usr/bin/env bash
# python-xlib 0.33 (the newest on PyPI), any X server with the RANDR extension.
#
# Display() loads all extensions that it knows. Its RANDR module registers the extension's errors with the
# codes 0, 1 and 2, as they are numbered within the extension, not counted from the extension's first error.
# Codes 1 and 2 are the core protocol's BadRequest and BadValue. Seen:
#
#     core:    1 BadRequest, 2 BadValue
#     display: 1 BadRRCrtcError, 2 BadRRModeError
#
# So a program that catches Xlib.error.BadValue never sees one: the server's arrives as another class.
# Exits with 0 while that is so, with 1 if it has changed, with 2 if it cannot be tried.
set -euo pipefail
command -v xvfb-run >/dev/null || { echo "xvfb-run is needed (Debian: xvfb)."; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check python-xlib==0.33
cat >"$folder/show.py" <<'PY'
import sys

from Xlib.display import Display
from Xlib.error import xerror_class

core = {code: xerror_class[code].__name__ for code in (1, 2)}
display = Display()
known = display.display.error_classes
own = {code: known[code].__name__ for code in (1, 2)}
print("core:   ", core)
print("display:", own)
sys.exit(0 if core == {1: "BadRequest", 2: "BadValue"} and own != core else 1)
PY
xvfb-run --auto-servernum "$folder/env/bin/python" "$folder/show.py"
