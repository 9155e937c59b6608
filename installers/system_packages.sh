#!/bin/sh
# System libraries LabLive needs on Debian and Ubuntu: installs what is missing when
# root, otherwise prints the one line to type. Other systems bring them with Qt.
#
# Usage: system_packages.sh [app|test|ci|bundle]
#   app < test < ci: each includes the one before; bundle: app, and what makes a bundle
set -eu
command -v dpkg-query >/dev/null 2>&1 || exit 0

# the window and its off-screen twin, microphones
packages="python3-venv libdbus-1-3 libegl1 libfontconfig1 libgl1 libglib2.0-0
libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0
libxcb-render-util0 libxcb-shape0 libxcb-sync1 libxcb-xfixes0 libxcb-xkb1 libx11-xcb1
libxkbcommon-x11-0 libportaudio2"
case "${1:-app}" in # a screen without a monitor, an independent reader of our PDFs
test | ci) packages="$packages poppler-utils xauth xvfb" ;;
esac
case "${1:-app}" in # sound without a sound card, bridges between ports, a voice
ci) packages="$packages pulseaudio socat espeak-ng" ;;
esac
case "${1:-app}" in # reads libraries, makes a network of its own
bundle) packages="$packages binutils iproute2 libpython3-dev" ;;
esac

# names that installed packages have or provide (newer releases have renamed some)
installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}, ${Provides}\n' |
    sed -n 's/^installed //p' | sed 's/([^)]*)//g' | tr -s ', \n' ' ')
missing=""
for package in $packages; do
    case " $installed " in
    *" $package "*) ;;
    *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

line="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" != 0 ]; then
    echo "LabLive needs system libraries. Type this line, then run make again:" >&2
    if command -v sudo >/dev/null 2>&1; then
        echo "    sudo apt-get update && sudo $line" >&2
    else
        echo "    su - -c 'apt-get update && $line'" >&2
    fi
    exit 1
fi
echo "Installing system libraries:$missing"
apt-get update -qq
# shellcheck disable=SC2086 # the list is meant to be split
DEBIAN_FRONTEND=noninteractive $line >/dev/null
