// Every text of the panel in both languages; `say(key, values)` gives it in the present one.
const TEXTS = {
  en: {
    skip: "Skip to the content", rack: "Rack", checks: "Checks", tray: "Tray", other: "日本語", theme_light: "Light", theme_dark: "Dark",
    live: "live", connecting: "connecting", lost: "connection lost", title: "keyfob panel",
    gate_title: "This browser has no session", gate_text: "Open the address that keyfob printed when it started: each one opens one browser, once. To open another browser, make a new address in one that is open.", gate_token: "Or type the port's token", gate_open: "Open",
    new_link: "Address for another browser", link_made: "Open this address in the other browser. It works once:",
    search: "Serial number, model, code", show: "Show", all: "All", lit: "Showing something", dark: "Dark", low: "Low battery", expired: "Expired", off: "Not running", sort: "Sort by", channel: "Channel", serial: "Serial number", charge: "Charge", state: "State", model: "Model",
    count: "{shown} of {all} fobs", none: "No fob is like that.", press: "Press", press_fob: "Press the button of {name}", open_fob: "{name}, {model}, display {text}",
    nothing: "dark", battery: "battery {n} %",
    blank: "blank", personalised: "personalised", sealed: "sealed", "in use": "in use", locked: "locked", terminated: "terminated",
    time: "True time", real: "Real", freeze: "Freeze", frozen: "frozen", times: "× {n}", step: "Next event", ahead: "Ahead", minute: "1 min", hour: "1 h", day: "1 day", month: "30 days", year: "1 year", to_date: "To a date (UTC)", go: "Go", speed: "Speed",
    back: "Back to the rack", turn: "Turn over", hold: "Hold {n} s", button: "Button of the fob. Hold for {n} seconds for a long press.", button_stuck: "The button is stuck.",
    meters: "Meters", volts: "Voltage", loaded: "under load", celsius: "Temperature", presses: "Presses", of: "{n} of {max}", ignored: "Ignored presses", wear: "Flash wear", erases: "{n} of {max} erases",
    clock: "Clock", clock_none: "This fob has no clock that is set.", clock_error: "Error", ahead_by: "{n} s fast", behind_by: "{n} s slow", fob_time: "Its time", windows: "Acceptance windows of known servers, for a step of {n} s",
    slots: "Credentials", slot: "Slot", kind: "Kind", hash: "Hash", digits: "Digits", next: "Next counter", last_step: "Last step", no_slots: "No credential is loaded.", seeds_never: "Seeds are never shown.",
    life: "Life", made: "made", now: "now", end: "cell empty", expiry: "expiry", per_day: "{n} presses a day", expects: "Expected: empty in {date}",
    bench: "Bench", set: "Set", profile: "Profile", cut: "Remove the cell", restore: "Insert the cell", cell: "Cell", key: "Key", stuck: "Let it stick", free: "Free it", fault: "Fault", order: "Order", end_faults: "End all faults", armed: "armed", snapshot: "Snapshot", save: "Save", bring_back: "Restore", forget: "Delete", name: "Name",
    trace: "Trace", no_events: "Nothing has happened yet.", notes: "Program", registers: "Processor", line_at: "at {where}",
    label_serial: "S/N", label_id: "ID", label_expiry: "EXP",
    check_title: "Would that code be accepted?", fob: "Fob", code: "Code", use_shown: "Take the one shown", check: "Check", server: "Server", verdict: "Verdict", reason: "Reason", accepted: "accepted", refused: "refused", unknown: "not known", start_over: "Forget the codes before", check_help: "Each known server is asked as if it had seen the same codes as the others before. Nothing is sent to it.", no_checks: "This emulator was started without the means to check.",
    scenarios: "Scenarios", scenario: "Scenario", play: "Play", playing: "playing …", passed: "passed", failed: "failed", skipped: "skipped", ended: "{n} scenarios: {what}",
    tray_done: "done", tray_next: "Place {n}", tray_scan: "Scan or type the label", tray_code: "Code on the display", answer: "Enter", skip_place: "Skip this place", waiting: "waiting", work: "in work", done: "done", stopped: "stopped", empty: "empty", skipped_place: "skipped", tray_wait: "The station is at work.", tray_ended: "The run has ended.", tray_scan_ask: "Scan the label of place {n}", tray_code_ask: "Press {name} and type its code", tray_counts: "{done} done, {stopped} stopped, {empty} empty",
    no_fob: "There is no such fob.", replay: "Recording", scrub: "Position in the recording", first: "To the beginning", last: "To the end", previous: "Back by one input", following: "On by one input", of_inputs: "input {n} of {all}", differs: "another effect than recorded",
  },
  ja: {
    skip: "本文へ移動", rack: "ラック", checks: "検証", tray: "トレイ", other: "English", theme_light: "ライト", theme_dark: "ダーク",
    live: "接続中", connecting: "接続しています", lost: "切断されました", title: "keyfob パネル",
    gate_title: "このブラウザーにはセッションがありません", gate_text: "keyfob の起動時に表示されたアドレスを開いてください。アドレスは一つのブラウザーで一度だけ使えます。別のブラウザーで開くときは、開いているパネルで新しいアドレスを作ってください。", gate_token: "またはポートのトークンを入力", gate_open: "開く",
    new_link: "別のブラウザー用アドレス", link_made: "別のブラウザーでこのアドレスを開いてください（一度だけ有効）：",
    search: "シリアル番号・機種・コード", show: "表示", all: "すべて", lit: "点灯中", dark: "消灯中", low: "電池残量低下", expired: "有効期限切れ", off: "停止中", sort: "並べ替え", channel: "チャンネル", serial: "シリアル番号", charge: "電池残量", state: "状態", model: "機種",
    count: "{all} 台中 {shown} 台", none: "該当するトークンはありません。", press: "押す", press_fob: "{name} のボタンを押す", open_fob: "{name}、{model}、表示 {text}",
    nothing: "消灯", battery: "電池 {n} %",
    blank: "未設定", personalised: "設定済み", sealed: "封印", "in use": "使用中", locked: "ロック", terminated: "廃止",
    time: "実時刻", real: "実時間", freeze: "停止", frozen: "停止中", times: "× {n}", step: "次の動作へ", ahead: "進める", minute: "1 分", hour: "1 時間", day: "1 日", month: "30 日", year: "1 年", to_date: "日時を指定（UTC）", go: "移動", speed: "速度",
    back: "ラックに戻る", turn: "裏返す", hold: "{n} 秒長押し", button: "トークンのボタン。{n} 秒以上押すと長押しになります。", button_stuck: "ボタンが固着しています。",
    meters: "計測値", volts: "電圧", loaded: "負荷時", celsius: "温度", presses: "押下回数", of: "{max} 回中 {n} 回", ignored: "無視された押下", wear: "フラッシュの消耗", erases: "{max} 回中 {n} 回消去",
    clock: "時計", clock_none: "時計がないか、時刻が設定されていません。", clock_error: "誤差", ahead_by: "{n} 秒進み", behind_by: "{n} 秒遅れ", fob_time: "トークンの時刻", windows: "既知のサーバーの許容範囲（1 ステップ {n} 秒）",
    slots: "クレデンシャル", slot: "スロット", kind: "方式", hash: "ハッシュ", digits: "桁数", next: "次のカウンター", last_step: "最後のステップ", no_slots: "クレデンシャルはありません。", seeds_never: "シードは表示されません。",
    life: "寿命", made: "製造", now: "現在", end: "電池切れ", expiry: "有効期限", per_day: "1 日 {n} 回", expects: "電池切れの見込み：{date}",
    bench: "ベンチ", set: "設定", profile: "温度変化", cut: "電池を抜く", restore: "電池を入れる", cell: "電池", key: "ボタン", stuck: "固着させる", free: "解放する", fault: "障害", order: "発生させる", end_faults: "障害をすべて解除", armed: "待機中", snapshot: "スナップショット", save: "保存", bring_back: "復元", forget: "削除", name: "名前",
    trace: "履歴", no_events: "まだ何も起きていません。", notes: "プログラム", registers: "プロセッサー", line_at: "{where}",
    label_serial: "S/N", label_id: "ID", label_expiry: "EXP",
    check_title: "このコードは受け付けられるか", fob: "トークン", code: "コード", use_shown: "表示中のコードを使う", check: "確認", server: "サーバー", verdict: "判定", reason: "理由", accepted: "受付", refused: "拒否", unknown: "不明", start_over: "以前のコードを忘れる", check_help: "各サーバーがこれまで同じコードを見てきたものとして判定します。サーバーには何も送られません。", no_checks: "このエミュレーターでは検証を使えません。",
    scenarios: "シナリオ", scenario: "シナリオ", play: "実行", playing: "実行中…", passed: "合格", failed: "不合格", skipped: "省略", ended: "シナリオ {n} 件：{what}",
    tray_done: "完了", tray_next: "{n} 番", tray_scan: "ラベルを読み取るか入力", tray_code: "表示されたコード", answer: "入力", skip_place: "この場所を飛ばす", waiting: "待機", work: "作業中", done: "完了", stopped: "停止", empty: "空き", skipped_place: "保留", tray_wait: "ステーションが作業中です。", tray_ended: "作業は終了しました。", tray_scan_ask: "{n} 番のラベルを読み取ってください", tray_code_ask: "{name} のボタンを押し、コードを入力してください", tray_counts: "完了 {done}、停止 {stopped}、空き {empty}",
    no_fob: "そのトークンはありません。", replay: "記録", scrub: "記録内の位置", first: "最初へ", last: "最後へ", previous: "一つ戻る", following: "一つ進む", of_inputs: "入力 {all} 件中 {n} 件目", differs: "記録と異なる結果",
  },
};

// Why a display is dark, and what happened to a fob: the emulator's words -> [English, Japanese].
const DARK = {
  "no cell": ["there is no cell in the fob", "電池が入っていません"], "device off": ["the device is off", "端末の電源が切れています"], "cell empty": ["the cell is empty", "電池が切れています"],
  "too hot": ["the glass is black: it is too hot", "高温のため画面全体が黒くなっています"], "too cold": ["too faint to read: it is too cold", "低温のため表示が薄くて読めません"], "cell low": ["too faint to read: the cell is nearly empty", "電池残量が少なく、表示が薄くて読めません"],
  "nothing driven": ["the program drives no segment", "プログラムは何も表示していません"], "not installed": ["the app is not installed", "アプリがインストールされていません"], "not activated": ["the app is not activated", "アプリが有効化されていません"],
  terminated: ["the fob is terminated", "トークンは廃止されています"], "no seed": ["no seed is loaded", "シードが設定されていません"], sealed: ["the fob is sealed: hold the button", "封印されています。ボタンを長押ししてください"], expired: ["the fob has expired", "有効期限が切れています"],
  computing: ["a code is being computed", "コードを計算しています"], "not pressed": ["the button has not been pressed yet", "ボタンはまだ押されていません"], restarted: ["the fob restarted and the button has not been pressed since", "再起動後、ボタンは押されていません"],
  "code over": ["the code's time is over", "コードの表示時間が終わりました"], "step ended": ["the code's time is over: its step ended", "タイムステップが終わりました"], "message over": ["the message's time is over", "メッセージの表示時間が終わりました"], "switched off": ["switched off by a second press", "もう一度押して消灯しました"], "started over": ["switched off by a change of the fob's state", "状態が変わったため消灯しました"],
};
const EVENTS = {
  booted: "起動", pressed: "ボタンが押された", "low battery": "電池残量低下", "expiry notice": "有効期限の予告", expired: "有効期限切れ", died: "電池切れで停止", "browned out": "電圧低下で停止", "power lost": "電源断", "self-test failed": "自己診断に失敗", zeroised: "鍵情報を消去", activated: "使用開始", "press ignored": "押下は無視された", "program reset": "プログラムのリセット", "program stopped": "プログラムの停止",
};
// What the world did to a fob in a recording: the emulator's words -> Japanese.
const INPUTS = [
  [/^time passes$/, "時間が経過"], [/^the program starts$/, "プログラムが起動"], [/^the contact closes$/, "接点が閉じた"], [/^the contact opens$/, "接点が開いた"], [/^the host sends (\d+) bytes$/, "ホストが $1 バイト送信"], [/^the host sets the modem lines$/, "ホストがモデム信号を変更"], [/^the temperature changes$/, "温度が変化"], [/^the charge is set to (.+)$/, "電池残量を $1 に設定"], [/^the cell is taken out$/, "電池が抜かれた"], [/^the cell is put in$/, "電池が入れられた"], [/^a cut is armed at flash operation (\d+)$/, "フラッシュ操作 $1 回目で電源断を予約"], [/^a cut is armed at cycle (\d+)$/, "サイクル $1 で電源断を予約"], [/^the key sticks$/, "ボタンが固着"], [/^the key comes up$/, "ボタンが解放"], [/^segments fail$/, "セグメントが故障"], [/^all segments are mended$/, "セグメントをすべて修理"], [/^the clock is shifted$/, "時計がずれた"], [/^the crystal stops$/, "水晶が停止"], [/^the crystal swings again$/, "水晶が再び発振"], [/^bits of flash page (\d+) flip$/, "フラッシュのページ $1 のビットが反転"], [/^flash page (\d+) is worn$/, "フラッシュのページ $1 が摩耗"], [/^the app is installed$/, "アプリをインストール"], [/^the app is copied to another device$/, "アプリを別の端末に複製"], [/^the user types IDs and start password$/, "ID と開始パスワードを入力"], [/^the user taps (.+)$/, "$1 をタップ"], [/^a snapshot is restored$/, "スナップショットを復元"],
];
const CAUSES = {
  "serial number twice": "シリアル番号の重複", "seed twice": "シードの重複", "record expired": "レコードの期限切れ", "already personalised": "設定済みのトークン", "already sealed": "封印済みのトークン", "locked or terminated": "ロックまたは廃止", "fob and ledger disagree": "台帳と不一致", "given up": "断念", "belongs to another batch": "別のバッチのもの", "belongs to another seed file": "別のシードファイルのもの", "in another desk's ledger": "別の作業台の台帳にある", "no record for it": "該当レコードなし", "wrong keys": "鍵の不一致", "no tries left": "試行回数超過", "no answer": "応答なし", "bad answer": "不正な応答", "refused by the fob": "トークンが拒否", "another seed in it": "別のシードが入っている", "code not confirmed": "コード未確認", "clock jumped": "時計の飛び", "clock lost": "時計の消失", "line too slow": "回線が遅すぎる", skipped: "保留", withdrawn: "取り下げ",
};
// Phrases of the servers' reasons, longest first.
const REASONS = [
  [/used already or passed over, which it refuses/, "使用済みか読み飛ばされたコードで、拒否される"], [/used already or passed over, which it does not notice/, "使用済みか読み飛ばされたコードだが、検出されない"], [/used already or passed over; what it does then is not known/, "使用済みか読み飛ばされたコード。動作は不明"],
  [/it takes no press-counted codes/, "回数同期のコードは扱わない"], [/no code of this token within (\d+) of where it stands/, "現在位置から $1 以内にこのコードはない"], [/whether it remembers the clock's drift is not known/, "時計のずれを記憶するかは不明"], [/how far it looks is not known/, "許容範囲は不明"],
  [/it allows (\d+) (?:press(?:es)?)/, "許容 $1 回"], [/it allows (\d+) (?:steps?)/, "許容 $1 ステップ"], [/(\d+) press(?:es)? ahead/, "$1 回先"], [/(\d+) press(?:es)? behind/, "$1 回前"], [/(\d+) steps? ahead/, "$1 ステップ先"], [/(\d+) steps? behind/, "$1 ステップ前"], [/on time/, "ずれなし"], [/\(measured\)/, "（実測）"], [/\(documented\)/, "（文書による）"],
];

const kept = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
export const keep = (name, value) => { try { localStorage.setItem(name, value); } catch { /* a browser that keeps nothing */ } };
export const remembered = kept;

let language = kept("language") ?? (navigator.language.startsWith("ja") ? "ja" : "en");
export const lang = () => language;
export function setLang(to) {
  language = to;
  keep("language", to);
  document.documentElement.lang = to;
}
export function say(key, values = {}) {
  const text = TEXTS[language][key] ?? TEXTS.en[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}
export const whyDark = (fob) => (fob.dark ? (DARK[fob.dark] ?? [fob.dark, fob.dark])[language === "ja" ? 1 : 0] : "");
export const event = (text) => (language === "ja" ? (EVENTS[text] ?? text.replace(/^restored: incarnation (\d+)/, "復元：第 $1 代")) : text);
export const reason = (text) => (language === "ja" ? REASONS.reduce((said, [from, to]) => said.replace(from, to), text).replaceAll("; ", "。") : text);
export const input = (text) => (language === "ja" ? INPUTS.reduce((said, [from, to]) => said.replace(from, to), text) : text);
export const cause = (text) => (language === "ja" ? (CAUSES[text] ?? text) : text);
export const number = (value, digits = 0) => value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
export function stamp(seconds, { seconds: withSeconds = true } = {}) {
  const text = new Date(seconds * 1000).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, withSeconds ? 19 : 16)}`;
}
export const day = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 10);
