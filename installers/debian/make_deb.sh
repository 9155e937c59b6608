#!/bin/sh
# Make a Debian package of a finished bundle: /opt/lablive, a command, a menu entry, the
# rules that open serial ports. It needs no other package; it recommends libportaudio2
# (microphones and cues), which --offline puts beside it with what that needs.
#
# Usage: make_deb.sh BUNDLE OUT_FOLDER [--offline]
set -eu
bundle=$1 out=$2
here=$(dirname "$(readlink -f "$0")")
version=$("$bundle/lablive" --version | sed 's/^LabLive //')
machine=$(dpkg --print-architecture)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"

mkdir -p "$root/DEBIAN" "$root/opt" "$root/usr/bin" "$root/usr/lib/udev/rules.d" \
    "$root/usr/share/applications" "$root/usr/share/icons/hicolor/scalable/apps" \
    "$root/usr/share/doc/lablive"
cp -a "$bundle" "$root/opt/lablive"
chmod -R u=rwX,go=rX "$root/opt/lablive"
ln -s /opt/lablive/lablive "$root/usr/bin/lablive"
cp "$here/70-lablive.rules" "$root/usr/lib/udev/rules.d/"
cp "$here/lablive.desktop" "$root/usr/share/applications/"
cp "$here/../lablive.svg" "$root/usr/share/icons/hicolor/scalable/apps/"
cp "$here/../../LICENSE" "$root/usr/share/doc/lablive/copyright"

# the C library this was built on, or a newer one
libc=$(ldd --version | sed -n '1s/.* //p')
cat >"$root/DEBIAN/control" <<CONTROL
Package: lablive
Version: $version
Architecture: $machine
Maintainer: The LabLive developers <lablive@example.org>
Section: science
Priority: optional
Depends: libc6 (>= $libc)
Recommends: libportaudio2
Suggests: espeak-ng
Installed-Size: $(du -sk "$root/opt" | cut -f1)
Description: live gait lab for one treadmill runner
 Pressure insoles, IMUs, EMG and the sound of the footfall: recorded without loss, shown
 live, replayed, printed. For feedback and records; it makes no diagnosis.
CONTROL
cat >"$root/DEBIAN/postinst" <<'POSTINST'
#!/bin/sh
set -e
if [ "$1" = configure ] && command -v udevadm >/dev/null 2>&1; then
    udevadm control --reload-rules || true
    udevadm trigger --subsystem-match=tty || true
fi
POSTINST
chmod 755 "$root/DEBIAN/postinst"

mkdir -p "$out"
deb=$out/lablive_${version}_$machine.deb
dpkg-deb --root-owner-group -Zxz -z1 --build "$root" "$deb" >/dev/null
if [ "${3:-}" = --offline ]; then # what a bare system lacks for microphones
    needed=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts \
        --no-breaks --no-replaces --no-enhances libportaudio2 | grep -E '^lib' |
        grep -vE '^(libc6|libgcc-s1|libcrypt1|libjack0|libstdc\+\+6)$' | sort -u)
    # shellcheck disable=SC2086 # the list is meant to be split
    (cd "$out" && apt-get download -qq $needed)
fi
ls -l "$out" | awk 'NR > 1 { printf "%6.1f MB  %s\n", $5 / 1e6, $9 }'
