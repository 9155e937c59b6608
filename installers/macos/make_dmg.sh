#!/bin/sh
# Make a disk image of the finished LabLive.app. Not yet run by us: the workflow
# .github/workflows/bundles.yml does, after `pyinstaller installers/lablive.spec` has
# made dist/LabLive.app.
#
# Usage: make_dmg.sh APP OUT_FOLDER
# With SIGN_AS (a Developer ID) the app is signed, with NOTARY (a keychain profile of
# notarytool) also notarised; without them macOS asks the user once (docs/installing.md).
set -eu
app=$1 out=$2
version=$("$app/Contents/MacOS/lablive" --version | sed 's/^LabLive //')
here=$(cd "$(dirname "$0")" && pwd)
image=$out/lablive-$version-macos-$(uname -m).dmg
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

if [ -n "${SIGN_AS:-}" ]; then
    codesign --force --deep --timestamp --options runtime \
        --entitlements "$here/entitlements.plist" --sign "$SIGN_AS" "$app"
    codesign --verify --deep --strict "$app"
fi
cp -R "$app" "$stage/"
ln -s /Applications "$stage/Applications"
mkdir -p "$out"
rm -f "$image"
hdiutil create -quiet -volname "LabLive $version" -srcfolder "$stage" -format UDZO "$image"
if [ -n "${SIGN_AS:-}" ] && [ -n "${NOTARY:-}" ]; then
    xcrun notarytool submit "$image" --keychain-profile "$NOTARY" --wait
    xcrun stapler staple "$image"
fi
ls -l "$image"
