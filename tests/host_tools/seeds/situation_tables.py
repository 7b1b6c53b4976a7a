"""Situations of tables with headers, of Entra, multiOTP and Yubico."""

import base64
from functools import partial

from tests.host_tools.seeds.situation_oath import B32, B64, HEX, OTHER
from tests.host_tools.seeds.situations import Situation

WHEN = "1.2.26 9:00"
ENTRA = "upn,serial number,secret key,time interval,manufacturer,model\n"
table = partial(Situation, "table")
entra = partial(Situation, "entra-csv")
multi = partial(Situation, "multiotp-csv")
yubico = partial(Situation, "yubico")
log = partial(Situation, "yubico-traditional")

TABLES = [
    table(
        "English header, columns in any order",
        f"Type,Time Step,Secret Key (hex),Serial No.\nTOTP,60,{HEX},A1\n",
    ),
    table(
        "Japanese header in Shift_JIS",
        f"製造番号,シークレットキー,種別,タイムステップ\nA1,{B32},TOTP,60\n".encode("cp932"),
    ),
    table(
        "German header",
        f"Seriennummer;Geheimnis;Typ;Ziffern;Intervall\nA1;{HEX};TOTP;6;60\n".encode("cp1252"),
    ),
    table(
        "French header in cp1252",
        f"Numéro de série;Clé secrète;Type;Période\nA1;{HEX};TOTP;60\n".encode("cp1252"),
    ),
    table("Spanish header", f"Número de serie;Clave secreta;Tipo;Período\nA1;{HEX};TOTP;60\n"),
    table(
        "Chinese header in UTF-16",
        f"序列号\t密钥\t类型\t时间步长\nA1\t{HEX}\tTOTP\t60\n".encode("utf-16"),
    ),
    table("Korean header", f"일련번호,비밀키,유형,주기\nA1,{HEX},TOTP,60\n"),
    table(
        "header of unknown words",
        f"Wobble;Flob;Zing\nTS000001;{HEX};totp\nTS000002;{OTHER};totp\n",
        "doubted",
        "line 1",
        keys=2,
    ),
    table(
        "titles before the header, `sep=;`",
        f"sep=;\nExported on Monday\nserial;secret;step\nA1;{HEX};60\n",
        "doubted",
        "it does not name its type",
    ),
    table(
        "a column of unknown meaning",
        f"serial,seed,type,wobble\nA1,{HEX},hotp,3\n",
        "doubted",
        "the column 'wobble' is not read",
    ),
    table(
        "notes with a hexadecimal word",
        f"serial,seed,type,notes\nA1,{HEX},hotp,{OTHER[:20]} {OTHER[20:]}\n",
    ),
    table(
        "T0 column",
        f"serial,seed,type,step,t0\nA1,{HEX},totp,60,3600\n",
        "refused",
        "T0 = 3600 s",
        keys=0,
    ),
    table("epoch column, 0", f"serial,seed,type,step,epoch\nA1,{HEX},totp,60,0\n"),
    table(
        "key of a rejected type (`pin`)",
        f"serial,seed,type\nA1,{HEX},hotp\nA2,{OTHER},pin\n",
        "left out",
        "line 3, A2: left out: a PIN",
    ),
    table(
        "two columns look like seeds",
        f"{HEX},{OTHER},A1\n",
        "refused",
        "several columns look like a seed",
        keys=0,
    ),
    table(
        "no seed column",
        f"serial;model;type\nA1;{HEX};totp\n",
        "refused",
        "the header names no seed column",
        keys=0,
    ),
    table(
        "two seed columns",
        f"serial,seed,seed\nA1,{HEX},{OTHER}\n",
        "refused",
        "the header names seed twice",
        keys=0,
    ),
    table(
        "row shifted by a lost cell",
        f"serial,user,seed,type\nA1,kim,{HEX},hotp\nA2,{OTHER},hotp\n",
        "refused",
        "line 3: 3 columns instead of 4",
        keys=0,
    ),
    table(
        "row shifted by an empty cell moved",
        f"serial,user,seed,type\nA1,kim,{HEX},hotp\nA2,{OTHER},lee,hotp\n",
        "refused",
        "line 3",
        keys=0,
    ),
    table(
        "seed in a neighbour's column",
        f"serial,user,seed,type\n{HEX},kim,A1,hotp\n",
        "refused",
        "line 2: its serial number looks like a seed",
        keys=0,
    ),
    table(
        "formula in a name",
        f'serial,seed,type,user\nA1,{HEX},hotp,"=HYPERLINK(1)"\n',
        "doubted",
        "its user begins as a formula",
    ),
    table(
        "escape character in a name",
        f"serial,seed,type,user\nA1,{HEX},hotp,a\x1b[2J\n",
        "refused",
        "U+001B at position 2",
        keys=0,
    ),
    table(
        "seed in base64, once more encoded",
        f"serial,base64,type\nA1,{base64.b64encode(B64.encode()).decode()},hotp\n",
        "doubted",
        "text: it was probably not decoded",
        seed=B64.encode(),
    ),
    table(
        "hexadecimal under a base32 header",
        f"serial,base32,type\nA1,{HEX},hotp\n",
        "refused",
        "line 2, A1: its seed looks like hexadecimal",
        keys=0,
    ),
    table(
        "decimal counter",
        f"serial,seed,type,counter\nA1,{HEX},hotp,7.0\n",
        "refused",
        "its counter is no whole number: '7.0'",
        keys=0,
    ),
    table(
        "dates that are no dates",
        f"serial,seed,type,expiry\nA1,{HEX},hotp,soon\n",
        "refused",
        "its expiry date is no date",
        keys=0,
    ),
    table(
        "header in full-width letters",
        f"ｓｅｒｉａｌ,ｓｅｅｄ\nA1,{HEX}\n",
        "doubted",
        "HOTP taken",
    ),
    table(
        "header quoted, with units",
        f'"Serial Number","Secret Key (Base32)","Time Interval [s]"\n"A1","{B32}","60"\n',
        "doubted",
        "TOTP taken",
    ),
    table(
        "drift and dates",
        f"serial,seed,type,step,drift,start,expiry\nA1,{HEX},totp,60,-2,2026-01-01,2040-12-31\n",
    ),
    table(
        "start after the end",
        f"serial,seed,type,start,expiry\nA1,{HEX},hotp,2031-01-01,2030-01-01\n",
        "refused",
        "it expires before it starts",
        keys=0,
    ),
    table(
        "seed column named by --columns",
        f"x,A1,{HEX}\n",
        "doubted",
        "does not name its type",
        options=("--columns", "-,serial,hex"),
    ),
    table(
        "code page named by --encoding",
        f"serial,seed,type,maker\nA1,{HEX},hotp,日本語株式会社\n".encode("euc-jp"),
        options=("--encoding", "euc-jp"),
    ),
]
ENTRAS = [
    entra("Entra's upload", f"{ENTRA}kim@x.y,A1,{B32},60,Acme,M\n"),
    entra(
        "without upn (Token2, Deepnet)",
        f"serial number,secret key,time interval,manufacturer,model\nA1,{B32},30,Token2,c202\n",
    ),
    entra("seed in lower case", f"{ENTRA}kim@x.y,A1,{B32.lower()},60,Acme,M\n"),
    entra("names in cp1252", (ENTRA + f"jürgen@x.y,A1,{B32},60,Société,M\n").encode("cp1252")),
    entra(
        "time step 45", f"{ENTRA}kim@x.y,A1,{B32},45,Acme,M\n", "doubted", "its time step is 45 s"
    ),
    entra(
        "Feitian at 30 s",
        f"{ENTRA}kim@x.y,A1,{B32},30,Feitian,c200\n",
        "doubted",
        "fobs of this maker run at 60 s",
    ),
    entra(
        "hexadecimal in place of base32",
        f"{ENTRA}kim@x.y,A1,{HEX},60,Acme,M\n",
        "refused",
        "line 2, A1: its seed looks like hexadecimal",
        keys=0,
    ),
    entra(
        "characters of the seed lost",
        f"{ENTRA}kim@x.y,A1,{B32[:-5]},60,Acme,M\n",
        "refused",
        "line 2, A1: its seed is cut off",
        keys=0,
    ),
    entra(
        "time step with a unit",
        f"{ENTRA}kim@x.y,A1,{B32},60 s,Acme,M\n",
        "refused",
        "its time step is no whole number: '60 s'",
        keys=0,
    ),
]
OTHERS = [
    multi("multiOTP's table", f"A1;Acme;TOTP;{HEX};6;60\n"),
    multi("with commas", f"A1,Acme,HOTP,{HEX},6,7\n"),
    multi(
        "mOTP beside a good row",
        f"A2;Acme;mOTP;{OTHER[:32]};6;10\nA1;Acme;HOTP;{HEX};6;0\n",
        "left out",
        "line 1, A2: left out: an mOTP key",
    ),
    multi(
        "a row of four columns",
        f"A1;Acme;HOTP;{HEX};6;0\nA2;Acme;HOTP;{OTHER}\n",
        "refused",
        "line 2: 4 columns instead of 5 to 6",
        keys=0,
    ),
    yubico(
        "OATH at moving factor 16",
        f"508326,ubhe00508326,16,{HEX},,2026-02-01T09:00:00,\n",
        "doubted",
        "6 digits taken",
    ),
    yubico(
        "AES key beside",
        f"508326,,32,{HEX},,2026-02-01T09:00:00,\n508326,cccccccccccc,83cebdfb7b93,{OTHER[:32]},,2026-02-01T09:00:00,\n",
        "left out",
        "line 2, 508326: left out: a Yubico OTP key",
    ),
    yubico(
        "moving factor 17",
        f"508326,,17,{HEX},,2026-02-01T09:00:00,\n",
        "refused",
        "no multiple of 16",
        keys=0,
    ),
    log(
        "OATH-HOTP, moving factor 32",
        f"LOGGING START,{WHEN}\nOATH-HOTP,{WHEN},1,cccccccccccd,,{HEX},,,0,0,0,8,32,0,0,0,0,0\n",
    ),
    log(
        "static password and challenge-response beside",
        f"Static Password: Scan Code,{WHEN},1,05122c,,,,,0,0,0,0,0,0,0,0,0,0\n"
        f"Challenge-Response: HMAC-SHA1,{WHEN},2,,,{OTHER},,,0,0,0,0,0,0,0,0,0,0\n"
        f"OATH-HOTP,{WHEN},1,cccccccccccd,,{HEX},,,0,0,0,6,0,0,0,0,0,0\n",
        "left out",
        "left out: a challenge-response key",
    ),
    log(
        "no public ID",
        f"OATH-HOTP,1.2.26 9:00,1,,,{HEX},,,0,0,0,6,0,0,0,0,0,0\n",
        "refused",
        "line 1: its public ID in column 4 is empty",
        keys=0,
    ),
    log(
        "fields shifted",
        f"OATH-HOTP,1,cccccccccccd,,{HEX},,,0,0,0,6,0,0,0,0,0,0\n",
        "refused",
        "line 1: its",
        keys=0,
    ),
]
