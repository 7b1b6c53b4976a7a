#!/bin/sh
# Bring in the third-party programs the tests talk to: sh tests/peers.sh PYTHON
# Never fails: a test without its peer skips and says why.
python=${1:-python3}

# Without their own dependencies: of yubikey-manager only the SCP03 host is wanted, not its USB drivers, which must be compiled.
"$python" -m pip install --quiet --no-deps yubikey-manager==5.9.2 fido2==2.2.1 >/dev/null 2>&1 ||
    echo "note: the tests that talk to yubikey-manager will be skipped; it could not be installed" >&2

want=""
for program in oathtool pskctool; do
    command -v $program >/dev/null 2>&1 || want="$want $program"
done
[ -z "$want" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    # A fresh machine has no package lists yet, so ask for them first.
    { apt-get install -y -qq $want || { apt-get update -qq && apt-get install -y -qq $want; }; } >/dev/null 2>&1 && exit 0
fi
echo "note: tests that talk to these programs will be skipped; to run them, install:$want" >&2
exit 0
