"""The page as it ships: small, complete in both languages, nothing from elsewhere."""

import re

from emulator.panel.page_files import page_files
from firmware_model.effects import DarkReason, FobEvent
from host_tools.provisioning.station.states import FailureCause

PAGE_BYTES_MAX = 150_000
FILES = {path: content.decode() for path, (content, _) in page_files().items()}
SCRIPTS = "\n".join(text for path, text in FILES.items() if path.endswith(".js"))


def test_the_page_is_small() -> None:
    assert (
        sum(len(text.encode()) for path, text in FILES.items() if path != "/panel/")
        < PAGE_BYTES_MAX
    )


def test_nothing_comes_from_elsewhere_and_nothing_is_inline() -> None:
    for path, text in FILES.items():
        found = re.findall(r"(?:https?:)?//[\w.-]+", re.sub(r"//\s[^\n]*", "", text))
        assert set(found) <= {"http://www.w3.org"}, path
        if path.endswith(".html"):
            assert not re.search(r"\son\w+=|style=|<script>|javascript:", text)
        assert "innerHTML" not in text
        assert "eval(" not in text
        assert "document.write" not in text


def test_every_text_is_there_in_both_languages() -> None:
    texts = FILES["/panel/texts.js"]
    english, japanese = (
        set(re.findall(r'(?:^|[ {,])"?(\w[\w ]*?)"?: "', block))
        for block in re.findall(r"^  (?:en|ja): \{\n(.*?)^  \},", texts, re.MULTILINE | re.DOTALL)
    )
    assert english == japanese
    assert len(english) > 100
    used = set(re.findall(r'\bsay\("(\w+)"', SCRIPTS)) | set(
        re.findall(r'data-text="(\w+)"', FILES["/panel/index.html"])
    )
    assert used <= english


def test_every_reason_and_event_of_the_model_is_translated() -> None:
    texts = FILES["/panel/texts.js"]
    for one in (*DarkReason, *FobEvent, *FailureCause):
        assert re.search(rf'(?<!\w)"?{re.escape(one.value)}"?: ["\[]', texts), one
