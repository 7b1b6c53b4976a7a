"""Straight lines between measured points, in integers: how every data-sheet curve is kept."""

from bisect import bisect_right
from itertools import pairwise
from operator import itemgetter

from firmware_model.datasheet.rules import Curve

_ABSCISSA = itemgetter(0)


def interpolate(curve: Curve, x: int, scale: int = 1) -> int:
    """Return `scale` times y at `x`, to the nearest, on straight lines between points.

    The curve is flat beyond both ends.
    """
    index = bisect_right(curve, x, key=_ABSCISSA)
    if index == 0:
        return curve[0][1] * scale
    if index == len(curve):
        return curve[-1][1] * scale
    x0, y0 = curve[index - 1]
    x1, y1 = curve[index]
    return y0 * scale + (2 * (y1 - y0) * scale * (x - x0) + (x1 - x0)) // (2 * (x1 - x0))


def abscissa_of(curve: Curve, y: int) -> int:
    """Return the first x at which a falling curve is down at `y`; its last x if it never is."""
    for (x0, y0), (x1, y1) in pairwise(curve):
        if y1 <= y < y0:
            return x0 + (x1 - x0) * (y0 - y) // (y0 - y1)
    return curve[0][0] if curve[0][1] <= y else curve[-1][0]
