"""Situations of OATH CSV: delimiters, encodings, cells, foreign keys."""

import base64
from functools import partial

from tests.host_tools.seeds.situations import SEED, Situation

HEX = SEED.hex()
B32 = base64.b32encode(SEED).decode()
B64 = base64.b64encode(SEED).decode()
HEX32 = (SEED + bytes(range(100, 112))).hex()
OTHER = bytes(reversed(SEED)).hex()
GROUPS = " ".join(HEX.upper()[at : at + 4] for at in range(0, 40, 4))
GOOD = f"A1,{HEX},totp,6,60\n"
oath = partial(Situation, "oath-csv")

OATH = [
    oath("commas", GOOD),
    oath("semicolons", GOOD.replace(",", ";")),
    oath("tabs", GOOD.replace(",", "\t")),
    oath("bars", GOOD.replace(",", "|")),
    oath("blanks only", f"2600124809778  {HEX}\n2600124809779  {OTHER}\n", keys=2),
    oath("commas set out with tabs", GOOD.replace(",", ",\t")),
    oath("quoted, CR LF", f'"A1","{HEX}","totp","6","60"\r\n'),
    oath(
        "lines ended by CR",
        GOOD.replace("\n", "\r") + GOOD.replace("A1", "A2").replace("\n", "\r"),
        "doubted",
        "same seed",
        keys=2,
    ),
    oath("delimiters at the end of rows", f"A1,{HEX},totp,6,60,,,\n"),
    oath("comments and empty lines", f"# from the vendor\n\n{GOOD}\n"),
    oath("UTF-8 with byte order mark", GOOD.encode("utf-8-sig")),
    oath("UTF-16 with byte order mark", GOOD.encode("utf-16")),
    oath("UTF-16 without byte order mark", GOOD.encode("utf-16-le")),
    oath("UTF-16 big-endian without mark", GOOD.encode("utf-16-be")),
    oath("`0x` before the seed", f"A1,0x{HEX},totp,6,60\n"),
    oath("seed in capitals and groups", f"A1,{GROUPS},totp,6,60\n"),
    oath('cells as `="…"`', f'="A1",="{HEX}",totp,6,60\n'),
    oath("no type", f"A1,{HEX}\n"),
    oath("version 2", f"# version: 2\nkim,local,bank,A1,{HEX},hotp,6,7\n"),
    oath("hash column", f"A1,{HEX},totp,6,60,sha256\n"),
    oath("counter 2^64-1", f"A1,{HEX},hotp,6,{2**64 - 1}\n"),
    oath("7 digits", f"A1,{HEX},totp,7,60\n"),
    oath(
        "no time step", f"A1,{HEX},totp,6\n", "doubted", "line 1, A1: it does not say its time step"
    ),
    oath(
        "32-byte seed without hash",
        f"A1,{HEX32},totp,6,60\n",
        "doubted",
        "SHA256 taken from",
        seed=bytes.fromhex(HEX32),
    ),
    oath(
        "time step of two days", f"A1,{HEX},totp,6,172800\n", "doubted", "its time step is 172800 s"
    ),
    oath(
        "the same row twice",
        GOOD + GOOD,
        "doubted",
        "line 2, A1: the same key is there twice",
        keys=2,
    ),
    oath(
        "one seed in two rows",
        GOOD + GOOD.replace("A1", "A2"),
        "doubted",
        "line 2, A2: the same seed",
        keys=2,
    ),
    oath(
        "published test seed",
        f"A1,{b'12345678901234567890'.hex()},hotp\n",
        "doubted",
        "published test seed",
        seed=b"12345678901234567890",
    ),
    oath(
        "seed of 8 bytes",
        f"A1,{HEX[:16]},hotp\n",
        "doubted",
        "shorter than 128 bits",
        seed=SEED[:8],
    ),
    oath(
        "seed that is hexadecimal text",
        f"A1,{HEX.encode().hex()},hotp\n",
        "doubted",
        "text: it was probably not decoded",
        seed=HEX.encode(),
    ),
    oath(
        "columns in another order",
        f"{HEX},TS000001,totp\n{OTHER},TS000002,totp\n",
        "doubted",
        "found by content",
        keys=2,
    ),
    oath(
        "OCRA beside a good row",
        f"A2,{OTHER},ocra\n{GOOD}",
        "left out",
        "line 1, A2: left out: an OCRA key",
    ),
    oath(
        "mOTP beside a good row",
        f"{GOOD}A2,{OTHER},motp\n",
        "left out",
        "line 2, A2: left out: an mOTP key",
    ),
    oath(
        "only OCRA",
        f"A1,{HEX},ocra,OCRA-1:HOTP-SHA1-6:QN08\n",
        "refused",
        "line 1, A1: left out: an OCRA key",
        keys=0,
    ),
    oath(
        "base32 in place of hexadecimal",
        f"{GOOD}A2,{B32},totp,6,60\n",
        "refused",
        "line 2, A2: its seed looks like base32",
        keys=0,
    ),
    oath(
        "base64 in place of hexadecimal",
        f"{GOOD}A2,{B64},totp,6,60\n",
        "refused",
        "line 2, A2: its seed looks like base64",
        keys=0,
    ),
    oath(
        "one digit of the seed lost",
        f"{GOOD}A2,{HEX[1:]},totp,6,60\n",
        "refused",
        "line 2, A2: its seed has an odd number",
        keys=0,
    ),
    oath(
        "seed as a spreadsheet's number",
        f"{GOOD}A2,1.2E+39,totp,6,60\n",
        "refused",
        "line 2, A2: its seed is lost",
        keys=0,
    ),
    oath(
        "serial as a spreadsheet's number",
        f"{GOOD}1.00013E+12,{OTHER},totp,6,60\n",
        "refused",
        "line 2, 1.00013E+12: its serial number is lost",
        keys=0,
    ),
    oath(
        "seed and serial swapped in one row",
        f"{GOOD}{GOOD.replace('A1', 'A3')}{OTHER},260012480002,totp,6,60\n",
        "refused",
        "line 3: its serial number looks like a seed",
        keys=0,
    ),
    oath(
        "a column too many",
        f"{GOOD}A2,x,{OTHER},totp,6,60,sha1\n",
        "refused",
        "line 2: 7 columns instead of 2 to 6",
        keys=0,
    ),
    oath(
        "notes with a hexadecimal word",
        f"{GOOD}A2,{OTHER},totp,6,60,sha1,{OTHER[:20]}\n",
        "refused",
        "line 2: 7 columns",
        keys=0,
    ),
    oath(
        "unknown type", f"{GOOD}A2,{OTHER},tutp\n", "refused", "line 2, A2: its type 'tutp'", keys=0
    ),
    oath("unknown hash", f"{GOOD}A2,{OTHER},totp,6,60,md5\n", "refused", "its hash 'md5'", keys=0),
    oath(
        "11 digits", f"{GOOD}A2,{OTHER},totp,11,60\n", "refused", "its codes have 11 digits", keys=0
    ),
    oath("time step 0", f"{GOOD}A2,{OTHER},totp,6,0\n", "refused", "its time step of 0 s", keys=0),
    oath(
        "counter 2^64",
        f"{GOOD}A2,{OTHER},hotp,6,{2**64}\n",
        "refused",
        "its counter is not within",
        keys=0,
    ),
    oath(
        "negative counter",
        f"{GOOD}A2,{OTHER},hotp,6,-1\n",
        "refused",
        "no whole number: '-1'",
        keys=0,
    ),
    oath(
        "right-to-left mark in a serial",
        f"{GOOD}A\u202e2,{OTHER},hotp\n",
        "refused",
        "line 2, A?2: its serial number has the control",
        keys=0,
    ),
    oath("zero byte", f"{GOOD}A2,\0{OTHER},hotp\n", "refused", "line 2: a zero byte", keys=0),
    oath(
        "quotation mark left open",
        f'{GOOD}A2,"{OTHER},hotp\n',
        "refused",
        "line 2: a quotation mark is not closed",
        keys=0,
    ),
    oath(
        "bytes of no known encoding",
        GOOD.encode() + b"A\x81\xff\xfe\x8d,00\n",
        "refused",
        "line 2: not UTF-8 text",
        keys=0,
    ),
]
