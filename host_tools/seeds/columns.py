"""What a column of a table of seeds can mean, and the names that headers and people give it."""

import re
from enum import StrEnum, unique

from firmware_model.errors import BadInput


@unique
class Column(StrEnum):
    """The meaning of one column; the value is its name for `--columns`."""

    SERIAL = "serial"
    ID = "id"
    SEED = "seed"
    HEX = "hex"
    BASE32 = "base32"
    BASE64 = "base64"
    TYPE = "type"
    HASH = "hash"
    ALGORITHM = "algorithm"
    DIGITS = "digits"
    COUNTER = "counter"
    STEP = "step"
    MOVING = "counter-or-step"
    T0 = "t0"
    DRIFT = "drift"
    USER = "user"
    ISSUER = "issuer"
    MANUFACTURER = "manufacturer"
    MODEL = "model"
    START = "start"
    EXPIRY = "expiry"
    IGNORED = "-"


SEEDS = frozenset({Column.SEED, Column.HEX, Column.BASE32, Column.BASE64})
"""The columns that hold the seed: in an encoding found by content, or in a named one."""

_HEADERS: dict[Column, str] = {
    Column.SERIAL: "serial serialnumber serialno serialnr sn tokenserial tokenserialnumber token"
    " tokenid deviceserial seriennummer シリアル番号 シリアルナンバー 製造番号 トークン番号",
    Column.ID: "credentialid keyid id publicid",
    Column.SEED: "seed secret secretkey key otpkey sharedsecret tokenseed seedvalue keydata"
    " シード シード値 秘密鍵 共有鍵 シークレット シークレットキー",
    Column.HEX: "hex hexseed seedhex hexsecret secrethex hexkey keyhex",
    Column.BASE32: "base32 base32seed seedbase32 base32secret secretbase32 keybase32",
    Column.BASE64: "base64 base64seed seedbase64 base64secret secretbase64 keybase64",
    Column.TYPE: "type tokentype otptype kind mode 種類 種別 タイプ",
    Column.HASH: "hash hashlib hashfunction hashalgorithm hashalgo hmac ハッシュ",
    Column.ALGORITHM: "algorithm algo crypto アルゴリズム",
    Column.DIGITS: "digits digit otplen otplength length codelength responselength 桁数",
    Column.COUNTER: "counter count eventcounter initialcounter movingfactor カウンタ カウンター",
    Column.STEP: "step timestep timeinterval timeintervalinseconds interval period timeperiod"
    " 時間間隔 タイムステップ",
    Column.MOVING: "counterorstep counterortimestep counterorinterval",
    Column.T0: "t0 epoch timeorigin",
    Column.DRIFT: "drift timedrift clockdrift",
    Column.USER: "user upn username userid email login account ユーザー ユーザー名",
    Column.ISSUER: "issuer 発行者",
    Column.MANUFACTURER: "manufacturer vendor maker 製造元 メーカー",
    Column.MODEL: "model product productname producttype 型番 モデル 製品名",
    Column.START: "start startdate validfrom",
    Column.EXPIRY: "expiry expirydate expirationdate expires validto validuntil enddate 有効期限",
    Column.IGNORED: "resolver realm description comment comments note notes remark remarks no"
    " number status batch order ordernumber productiondate 備考",
}
_BY_HEADER = {name: column for column, names in _HEADERS.items() for name in names.split()}
_NOISE = re.compile(r"[\s_./()\[\]\"'-]+|\ufeff")


def named_column(header: str) -> Column | None:
    """Return what a header's cell names, None for a word that is not known."""
    return _BY_HEADER.get(_NOISE.sub("", header).casefold())


def parse_columns(text: str) -> tuple[Column, ...]:
    """Return the columns that `--columns` names, from the first on, with commas between.

    Raises:
        BadInput: a name is unknown or there twice, or serial number or seed is missing.
    """
    columns = []
    for name in text.split(","):
        word = name.strip()
        try:
            columns.append(Column(word.casefold() or "-"))
        except ValueError:
            raise BadInput(
                f"--columns: unknown column {word!r:.40}; known: {', '.join(Column)}"
            ) from None
    given = [column for column in columns if column is not Column.IGNORED]
    if len(set(given)) != len(given) or len(SEEDS.intersection(given)) != 1:
        raise BadInput("--columns: each column once, and exactly one of seed, hex, base32, base64")
    if Column.SERIAL not in given:
        raise BadInput("--columns: serial is missing: it names the token")
    return tuple(columns)
