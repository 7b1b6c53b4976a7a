#!/bin/sh
# Bring in the third-party programs the tests talk to. Never fails: a test without its peer skips and says why.
want=""
command -v oathtool >/dev/null 2>&1 || want="$want oathtool"
[ -z "$want" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    # A fresh machine has no package lists yet, so ask for them first.
    { apt-get install -y -qq $want || { apt-get update -qq && apt-get install -y -qq $want; }; } >/dev/null 2>&1 && exit 0
fi
echo "note: tests that talk to these programs will be skipped; to run them, install:$want" >&2
exit 0
