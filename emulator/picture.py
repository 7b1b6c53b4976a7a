"""The display of a fob as one line of SVG 1.1, for reports and browsers."""

from firmware_model.effects import Face

# Ends of each segment's stroke in a cell of 12 by 20; bit 0 = a (top) .. bit 6 = g (middle).
_STROKES = (
    (2, 1, 10, 1),
    (11, 2, 11, 9),
    (11, 11, 11, 18),
    (2, 19, 10, 19),
    (1, 11, 1, 18),
    (1, 2, 1, 9),
    (2, 10, 10, 10),
)
_PITCH = 16
_HEIGHT = 36
_LEFT = 6
_LETTER = 9
_GLASS = "#c8d2c0"
_INK = "#1c241c"


def picture(face: Face) -> str:
    """Return `face` as SVG in one line without double quotes; a dark display is empty.

    A screen, which has no segments, is drawn as its text.
    """
    letters = "" if face.segments else face.text
    width = 2 * _LEFT + max(_PITCH * len(face.segments), _LETTER * len(letters), _PITCH)
    strokes = "".join(
        f"M{_LEFT + _PITCH * position + x1} {9 + y1}L{_LEFT + _PITCH * position + x2} {9 + y2}"
        for position, pattern in enumerate(face.segments)
        for bit, (x1, y1, x2, y2) in enumerate(_STROKES)
        if pattern >> bit & 1
    )
    style = f"font-size='14' font-family='monospace' fill='{_INK}'"
    letters_drawn = f"<text x='{_LEFT}' y='24' {style}>{_escape(letters)}</text>" if letters else ""
    bars = "".join(f"M{_LEFT + 5 * bar} 33h4" for bar in range(face.bars))
    icons = "".join(
        f"<text x='{_LEFT + 40 * place}' y='6' font-size='5' fill='{_INK}'>{_escape(icon)}</text>"
        for place, icon in enumerate(face.icons)
    )
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {_HEIGHT}'>"
        f"<rect width='{width}' height='{_HEIGHT}' rx='3' fill='{_GLASS}'/>"
        f"<path d='{strokes}{bars}' stroke='{_INK}' stroke-width='2' stroke-linecap='round'"
        f" fill='none' opacity='{face.contrast_percent / 100:g}'/>{icons}{letters_drawn}</svg>"
    )


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
