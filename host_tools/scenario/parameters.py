"""The parameters of step texts: how a fob, a person, a file or a time is written in a scenario."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum, unique
from typing import Any

from cucumber_expressions.parameter_type import ParameterType

from host_tools.seeds.record_mistakes import RecordMistake
from host_tools.services.answers import RefusalReason
from host_tools.services.permission import ONLINE
from host_tools.services.vocabulary import BRANCH, PAPER, PHONE, Act
from host_tools.verification.decision import Verdict

VERDICTS = {
    Verdict.ACCEPTED: ("accepted", "受け付けた"),
    Verdict.WRONG: ("wrong", "誤り"),
    Verdict.REPLAYED: ("replayed", "使用済み"),
    Verdict.LOCKED: ("locked", "ロック中"),
    Verdict.TOO_SOON: ("too soon", "早すぎる"),
    Verdict.UNKNOWN: ("unknown", "不明"),
    Verdict.NOT_ENROLLED: ("not enrolled", "未登録"),
    Verdict.NOT_ACTIVE: ("not active", "使用不可"),
    Verdict.SUSPENDED: ("suspended", "一時停止中"),
    Verdict.EXPIRED: ("expired", "期限切れ"),
}
"""The host's verdicts in English and Japanese; a Japanese line puts them into 「」."""

REASONS = VERDICTS | {
    RefusalReason.NOT_PERMITTED: ("not permitted", "取扱不可"),
    RefusalReason.INCOMPLETE: ("incomplete", "入力不足"),
    RefusalReason.MISMATCH: ("not matching", "不一致"),
    RefusalReason.STOPPED: ("stopped", "利用停止中"),
    RefusalReason.INTERRUPTED: ("interrupted", "一時中断中"),
    RefusalReason.TOO_LATE: ("too late", "期限経過"),
    RefusalReason.TOO_EARLY: ("too early", "時期未到来"),
    RefusalReason.TAKEN: ("taken", "登録済み"),
    RefusalReason.TOO_MANY: ("too many", "超過"),
    RefusalReason.NOT_ELIGIBLE: ("not eligible", "対象外"),
    RefusalReason.ENDED: ("ended", "解約済み"),
    RefusalReason.TEMPORARY: ("temporary", "仮パスワード"),
    RefusalReason.UNFIT: ("unfit", "形式違い"),
}
"""Why a service says no, in both languages: a verdict of the host, or a reason of its own."""

ACTS = {
    Act.ORDER: ("an order", "発行申込"),
    Act.REISSUE: ("a reissue", "再発行"),
    Act.ORDER_EXCHANGE: ("an order for exchange", "交換申込"),
    Act.RESEND: ("sending again", "再送付"),
    Act.EXCHANGE: ("an exchange", "交換"),
    Act.SUSPEND: ("a suspension", "一時停止"),
    Act.RESUME: ("a resumption", "停止の解除"),
    Act.UNLOCK: ("an unlocking", "利用再開"),
    Act.RELEASE: ("a release", "利用解除"),
    Act.REVOKE: ("a revocation", "失効"),
    Act.REPORT_LOSS: ("a loss", "紛失届"),
    Act.EMERGENCY_STOP: ("an emergency stop", "緊急時の利用停止"),
    Act.REPORT_LEAK: ("a leak", "漏えいの届出"),
    Act.FIND: ("a find", "発見届"),
    Act.READMIT: ("a readmission", "停止の取りやめ"),
    Act.ISSUE_TOKEN: ("a soft token", "トークン発行"),
    Act.ADD_USER: ("a new user", "利用者の追加"),
    Act.DELETE_USER: ("a deletion", "利用者の削除"),
    Act.REPLACE_ADMINISTRATOR: ("a new administrator", "管理責任者の変更"),
    Act.HAND_IN_CONFIRMATION: ("a printed confirmation", "確認書の提出"),
    Act.CHANGE_ADDRESS: ("a new address", "住所変更"),
    Act.RESET_SECRET: ("a new password", "パスワードの変更"),
    Act.CHANGE_SECRET: ("a change of password", "パスワードの随時変更"),
    Act.REOPEN: ("a reopening", "取扱再開"),
    Act.CHANGE_METHOD: ("another method", "認証方式の変更"),
    Act.ISSUE_CERTIFICATE: ("a certificate", "電子証明書の取得"),
    Act.RENEW_CERTIFICATE: ("a renewed certificate", "電子証明書の更新"),
    Act.DELETE_CERTIFICATE: ("a deleted certificate", "電子証明書の削除"),
    Act.TERMINATE: ("a termination", "解約"),
    Act.TERMINATE_AT_ONCE: ("a termination at once", "通知なしの解約"),
    Act.CANCEL_UNPAID: ("a cancellation for unpaid fees", "長期未払いによる解約"),
    Act.APPLY: ("a new application", "再度の利用申込"),
    Act.STOP_SERVICE: ("a stop of the service", "本サービスの利用停止"),
    Act.INTERRUPT: ("an interruption", "一時中断"),
    Act.RESTORE: ("a restoration", "復旧"),
    Act.CHANGE_FEE: ("a new fee", "手数料改定"),
    Act.CHANGE_TERMS: ("new terms", "規定の変更"),
    Act.CLAIM: ("a compensation", "補償請求"),
    Act.HELP: ("help", "問い合わせ"),
    Act.ABOLISH: ("an abolition", "サービスの廃止"),
    Act.ADD_SERVICE: ("a new service", "サービスの追加"),
    Act.APPLY_SERVICE: ("an application for a service", "サービスの利用申込"),
    Act.FILE_ACCOUNT: ("a related account", "関連口座の届出"),
    Act.NO_RENEWAL: ("no renewal", "契約を継続しない申出"),
    Act.WITHDRAW_ORDER: ("a withdrawal of the order", "組戻"),
    Act.CHANGE_EMAIL: ("a new e-mail address", "メールアドレスの変更"),
}
"""What can be asked of a bank, in both languages; a Japanese line puts them into 『』."""

WAYS = {
    PAPER: ("by paper form", "書面で"),
    PHONE: ("by phone", "電話で"),
    BRANCH: ("at the branch", "窓口で"),
    ONLINE: ("online", "オンラインで"),
}

_WRITTEN = {word: verdict for verdict, (en, ja) in VERDICTS.items() for word in (en, f"「{ja}」")}


@unique
class FrameFault(Enum):
    """What happens to a frame on a bad line: the bench's name below `FAULt:LINE:` (BENCH §14.1)."""

    DELAY = "DELay"
    DROP = "DROP"
    DAMAGE_BIT = "DAMage:BIT"
    DAMAGE_CRC = "DAMage:CRC"
    DAMAGE_LENGTH = "DAMage:LENGth"
    DUPLICATE = "DUPLicate"
    SPLIT = "SPLit"
    DRIBBLE = "DRIBble"
    GARBAGE = "GARBage"
    FOREIGN = "FOReign"
    PARITY = "PARity"
    FRAMING = "FRAMing"
    ECHO = "ECHO"
    TURNAROUND = "TURNaround"


FRAME_FAULTS: dict[FrameFault, tuple[str, str, tuple[str, ...]]] = {
    FrameFault.DELAY: ("late by half a second", "半秒遅れる", ("0.5", "0")),
    FrameFault.DROP: ("lost", "失われる", ()),
    FrameFault.DAMAGE_BIT: ("damaged in one bit", "1ビット壊れる", ()),
    FrameFault.DAMAGE_CRC: ("given a wrong check sequence", "誤ったCRCになる", ()),
    FrameFault.DAMAGE_LENGTH: ("given a wrong length", "誤った長さになる", ()),
    FrameFault.DUPLICATE: ("doubled", "二重になる", ()),
    FrameFault.SPLIT: ("split by a pause", "途中で途切れる", ("0.1",)),
    FrameFault.DRIBBLE: ("sent byte by byte", "1バイトずつになる", ("0.005",)),
    FrameFault.GARBAGE: ("preceded by noise", "雑音の後になる", ("8",)),
    FrameFault.FOREIGN: ("addressed to somebody else", "他の宛先になる", ()),
    FrameFault.PARITY: ("given a parity error", "パリティエラーになる", ()),
    FrameFault.FRAMING: ("given a framing error", "フレーミングエラーになる", ()),
    FrameFault.ECHO: ("echoed", "反響する", ()),
    FrameFault.TURNAROUND: ("lost if sent too soon", "早すぎれば失われる", ("0.01",)),
}
"""In English and Japanese, with the values that the bench takes."""

RECORD_MISTAKES = {
    RecordMistake.STEP: ("for the wrong time step", "誤った時間間隔で"),
    RecordMistake.HEX: ("as its hexadecimal digits", "16進数の文字のまま"),
    RecordMistake.BASE32: ("as its Base32 text", "Base32の文字のまま"),
    RecordMistake.BASE64: ("as its Base64 text", "Base64の文字のまま"),
}
"""What is wrong in a record that the host gets, in both languages."""

_RECORD_MISTAKES = {word: one for one, words in RECORD_MISTAKES.items() for word in words}
_FRAME_FAULTS = {word: fault for fault, words in FRAME_FAULTS.items() for word in words[:2]}
_REASONS = {word: reason for reason, (en, ja) in REASONS.items() for word in (en, f"「{ja}」")}
_ACTS = {word: act for act, (en, ja) in ACTS.items() for word in (en, f"『{ja}』")}
_WAYS = {word: way for way, words in WAYS.items() for word in words}
_UNITS = {
    "second": 1,
    "minute": 60,
    "hour": 3_600,
    "day": 86_400,
    "year": 31_557_600,  # 365.25 days
    "秒": 1,
    "分": 60,
    "時間": 3_600,
    "日": 86_400,
    "年": 31_557_600,
}
_NAMED = r'(?:the (?:fob|generator)(?: "([^"]+)")?)|(?:(?:トークン|生成機)(?:「([^」]+)」)?)'


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter type: `samples` show how it is written in English and in Japanese."""

    name: str
    pattern: str
    reading: Callable[..., Any]
    samples: tuple[str, str]

    def as_type(self) -> ParameterType:
        """Return it in the form of the cucumber-expressions library."""
        return ParameterType(self.name, re.compile(self.pattern), object, self.reading)


def _either(*written: str | None) -> str:
    return next((text for text in written if text is not None), "")


def _seconds(*written: str | None) -> int:
    count, unit = (text for text in written if text is not None)
    return int(count) * _UNITS[unit]


def _any_of(words: Iterable[str]) -> str:
    # The longest first: `a new password` is not `a new` anything else.
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


PARAMETERS = (
    Parameter("fob", _NAMED, _either, ('the generator "A"', "生成機「A」")),
    Parameter(
        "user", r'user "([^"]+)"|利用者「([^」]+)」', _either, ('user "Sato"', "利用者「佐藤」")
    ),
    Parameter("quoted", r'"([^"]*)"|「([^」]*)」', _either, ('"A"', "「A」")),
    Parameter(
        "duration",
        r"([0-9]+) (second|minute|hour|day|year)s?|([0-9]+) ?(秒|分|時間|日|年)",
        _seconds,
        ("60 seconds", "60秒"),
    ),
    Parameter(
        "verdict",
        "|".join(_WRITTEN),
        _WRITTEN.__getitem__,
        ("replayed", "「使用済み」"),
    ),
    Parameter(
        "reason",
        _any_of(_REASONS),
        _REASONS.__getitem__,
        ("not permitted", "「取扱不可」"),
    ),
    Parameter("act", _any_of(_ACTS), _ACTS.__getitem__, ("a reissue", "『再発行』")),
    Parameter(
        "record_mistake",
        _any_of(_RECORD_MISTAKES),
        _RECORD_MISTAKES.__getitem__,
        ("as its Base32 text", "Base32の文字のまま"),
    ),
    Parameter(
        "frame_fault", _any_of(_FRAME_FAULTS), _FRAME_FAULTS.__getitem__, ("lost", "失われる")
    ),
    Parameter("way", _any_of(_WAYS), _WAYS.__getitem__, ("by paper form", "書面で")),
)
"""Beside these, the library's own {int} and {word} may be used."""
