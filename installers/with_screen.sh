#!/bin/sh
# Run a command with a screen that has no monitor (Xvfb); where there is no Xvfb
# (macOS, Windows) on the screen that is there.
#
# Usage: with_screen.sh COMMAND [ARGUMENT ...]
set -eu
command -v xvfb-run >/dev/null 2>&1 || exec "$@"
exec xvfb-run -a -s "-screen 0 1920x1080x24" "$@"
