#!/bin/sh
# The origin of diversification.json: OpenSSL 3's own SP 800-108 key derivation (KBKDF, counter mode, CMAC), which shares no
# code with keyfob. Its defaults are a 32-bit counter before the label, a zero byte, and a 32-bit length. Usage: sh FILE > JSON
key() { openssl kdf -keylen "$2" -kdfopt mac:CMAC -kdfopt "cipher:AES-$(($2 * 8))-CBC" -kdfopt "hexkey:$1" \
    -kdfopt "salt:$4" -kdfopt "hexinfo:$3" KBKDF | tr -d ':\n' | tr 'A-F' 'a-f'; }
row() { printf '  {"master": "%s", "chip_id": "%s", "enc": "%s", "mac": "%s", "dek": "%s"}%s\n' \
    "$1" "$3" "$(key "$1" "$2" "$3" ENC)" "$(key "$1" "$2" "$3" MAC)" "$(key "$1" "$2" "$3" DEK)" "$4"; }
a=404142434445464748494a4b4c4d4e4f
b=000102030405060708090a0b0c0d0e0f1011121314151617
c=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
printf '{\n "origin": "make_diversification.sh: the OpenSSL 3 command line, KBKDF in counter mode over CMAC (SP 800-108 5.1)",\n "keys": [\n'
row $a 16 00000000000000000000 ,
row $a 16 00010203040506070809 ,
row $b 24 00010203040506070809 ,
row $c 32 ffffffffffffffffffff ''
printf ' ]\n}\n'
