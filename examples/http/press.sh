#!/bin/sh
# Press a fob and read its code with curl: sh press.sh URL TOKEN FOB
set -e
bench() {  # METHOD PATH [JSON]
    curl --silent --show-error --fail-with-body --request "$1" "$url$2" --header "Authorization: Bearer $token" \
        ${3:+--header "Content-Type: application/json" --data "$3"}
}
url=$1 token=$2 fob=$3
bench POST "/fobs/$fob/button/press?wait=true" '{"duration": 0.2}'
bench GET "/fobs/$fob/display/text" | sed 's/.*"value":"\([^"]*\)".*/\1/'
