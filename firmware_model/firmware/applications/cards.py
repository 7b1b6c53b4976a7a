"""The published applications that a model can name, each with the applets it brings."""

from firmware_model.firmware.applications.context import CardApplication
from firmware_model.firmware.applications.management import MANAGEMENT_APPLET
from firmware_model.firmware.applications.molto2 import MOLTO2
from firmware_model.firmware.applications.ykoath import OATH_APPLET

CARD_APPLICATIONS: dict[str, tuple[CardApplication, ...]] = {
    "ykoath": (OATH_APPLET, MANAGEMENT_APPLET),
    "molto2": (MOLTO2,),
}
