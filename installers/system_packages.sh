#!/bin/sh
# System libraries LabLive needs on Debian and Ubuntu: installs what is missing when
# root, otherwise prints the one line to type. Other systems bring them with Qt.
set -eu
command -v dpkg-query >/dev/null 2>&1 || exit 0

packages="python3-venv xvfb xauth libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0
libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0
libxcb-shape0 libxcb-xinerama0 libxcb-xkb1 libdbus-1-3 libfontconfig1
libportaudio2 pulseaudio poppler-utils socat"

missing=""
for package in $packages; do
    state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

line="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" = 0 ]; then
    apt-get update -qq
    # shellcheck disable=SC2086 # the list is meant to be split
    DEBIAN_FRONTEND=noninteractive $line >/dev/null
else
    echo "LabLive needs system libraries. Type this line, then run make again:" >&2
    echo "    sudo $line" >&2
    exit 1
fi
