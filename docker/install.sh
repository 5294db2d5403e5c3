#!/bin/sh
# Installs Stemlokaal from a checkout into a folder of its own: install.sh FOLDER CHECKOUT
# The image is made by these lines, and so is any machine without containers.
set -eu
folder=$1
checkout=$2

python3 -m venv "$folder"
"$folder/bin/pip" install --no-cache-dir --disable-pip-version-check "$checkout"
"$folder/bin/stemlokaal" --help >/dev/null
