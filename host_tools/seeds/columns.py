"""What a column of a table of seeds can mean, and the names that headers and people give it."""

import re
from enum import StrEnum, unique
from unicodedata import normalize

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
    " tokenid deviceserial seriennummer シリアル番号 シリアルナンバー 製造番号 トークン番号"
    " numérodesérie nºdesérie numérosérie númerodeserie númeroserie numerodeserie"
    " nºdeserie 序列号 序號 序列號 令牌序列号 일련번호 시리얼번호",
    Column.ID: "credentialid keyid id publicid",
    Column.SEED: "seed secret secretkey key otpkey sharedsecret tokenseed seedvalue keydata"
    " シード シード値 秘密鍵 共有鍵 シークレット シークレットキー"
    " geheimnis geheimerschlüssel schlüssel startwert clésecrète clé graine secreto"
    " clavesecreta clave semilla 密钥 密鑰 种子 種子 种子密钥 비밀키 시드"
    " トークンシード",
    Column.HEX: "hex hexseed seedhex hexsecret secrethex hexkey keyhex",
    Column.BASE32: "base32 base32seed seedbase32 base32secret secretbase32 keybase32",
    Column.BASE64: "base64 base64seed seedbase64 base64secret secretbase64 keybase64",
    Column.TYPE: "type tokentype otptype kind mode 種類 種別 タイプ"
    " typ tokentyp art tipo tipodetoken 类型 類型 유형 종류",
    Column.HASH: "hash hashlib hashfunction hashalgorithm hashalgo hmac ハッシュ"
    " hashfunktion hashverfahren fonctiondehachage 哈希 杂凑算法 해시",
    Column.ALGORITHM: "algorithm algo crypto アルゴリズム"
    " algorithmus algorithme algoritmo 算法 演算法 알고리즘",
    Column.DIGITS: "digits digit otplen otplength length codelength responselength 桁数"
    " ziffern stellen anzahlziffern chiffres dígitos digitos 位数 位數 자릿수",
    Column.COUNTER: "counter count eventcounter initialcounter movingfactor カウンタ カウンター"
    " zähler zählerstand compteur contador 计数器 計數器 카운터",
    Column.STEP: "step timestep timeinterval timeintervalinseconds interval period timeperiod"
    " 時間間隔 タイムステップ"
    " intervall zeitschritt zeitintervall période pasdetemps intervalle período"
    " periodo intervalo 时间步长 時間步長 时间间隔 주기 시간간격",
    Column.MOVING: "counterorstep counterortimestep counterorinterval",
    Column.T0: "t0 epoch timeorigin",
    Column.DRIFT: "drift timedrift clockdrift",
    Column.USER: "user upn username userid email login account ユーザー ユーザー名"
    " benutzer benutzername utilisateur usuario 用户 用户名 使用者 사용자",
    Column.ISSUER: "issuer 発行者 aussteller émetteur emisor 发行者 发行方 發行者 발급자",
    Column.MANUFACTURER: "manufacturer vendor maker 製造元 メーカー"
    " hersteller fabricant fabricante 制造商 製造商 제조사",
    Column.MODEL: "model product productname producttype 型番 モデル 製品名"
    " modell modèle modelo 型号 型號 모델",
    Column.START: "start startdate validfrom gültigab débutvalidité 开始日期",
    Column.EXPIRY: "expiry expirydate expirationdate expires validto validuntil enddate 有効期限"
    " gültigbis ablaufdatum expiration dateexpiration caducidad fechadecaducidad"
    " 有效期 到期日 만료일",
    Column.IGNORED: "resolver realm description comment comments note notes remark remarks no"
    " number status batch order ordernumber productiondate 備考"
    " bemerkung bemerkungen notiz notizen kommentar remarque commentaire"
    " observaciones 备注 備註 비고",
}
_BY_HEADER = {name: column for column, names in _HEADERS.items() for name in names.split()}
_NOISE = re.compile(r"[\s_./()\[\]\"'-]+|\ufeff")
_UNIT = re.compile(r"[\[(]\s*(?:s|secs?|seconds?|秒)\s*[\])]\s*$", re.IGNORECASE)
_ENCODINGS = {"hex": Column.HEX, "base32": Column.BASE32, "base64": Column.BASE64}


def named_column(header: str) -> Column | None:
    """Return what a header's cell names, None for a word that is not known.

    An encoding may stand before or after the word for the seed: `Secret Key (hex)`.
    """
    word = _NOISE.sub("", _UNIT.sub("", normalize("NFKC", header))).casefold()
    for name, column in _ENCODINGS.items():
        bare = word.removeprefix(name).removesuffix(name)
        if bare != word and _BY_HEADER.get(bare) is Column.SEED:
            return column
    return _BY_HEADER.get(word)


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
