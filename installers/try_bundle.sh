#!/bin/sh
# Run a whole simulated session with a finished bundle, as on a machine that has neither
# Python nor a network: empty PATH and environment, an own network without any way out.
# Ends with 0 when the session, the count and the PDF are good.
#
# Usage: try_bundle.sh FOLDER|PROGRAM [SECONDS]
set -eu
program=$1
seconds=${2:-10}
[ -d "$program" ] && program=$program/lablive
program=$(readlink -f "$program")
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
mkdir -m 700 "$place/run" "$place/home" "$place/nothing"

cat >"$place/session.sh" <<'SESSION'
program=$1 place=$2 seconds=$3
lablive() {
    env -i PATH="$place/nothing" HOME="$place/home" LANG=C.UTF-8 \
        LABLIVE_RUN="$place/run" LABLIVE_HOME="$place/library" "$program" "$@"
}
set -e
lablive --version
lablive demo --headless --seconds "$seconds" --out "$place/demo"
lablive verify "$place/demo/trial-01.xdf"
lablive analyze "$place/demo/trial-01.xdf" --json "$place/numbers.json" --quiet
lablive report "$place/demo/trial-01.xdf" --pdf "$place/again.pdf" --quiet
lablive devices --json >"$place/devices.json"
SESSION

# every machine can reach itself, a new network has to be told
cat >"$place/apart.sh" <<'APART'
ip link set lo up
exec "$@"
APART

apart=""
if command -v unshare >/dev/null 2>&1 && unshare -rn ip link set lo up 2>/dev/null; then
    apart="unshare -rn sh $place/apart.sh"
else
    echo "No network of its own could be made: tried with this machine's."
fi
$apart sh "$place/session.sh" "$program" "$place" "$seconds"
for pdf in "$place/demo/report.pdf" "$place/again.pdf"; do
    head -c 5 "$pdf" | grep -q '%PDF-' || { echo "no PDF: $pdf" >&2; exit 1; }
done
grep -q '"cadence_spm"' "$place/numbers.json"
echo "The bundle ran a whole session: trial, count, numbers and PDF are there."
