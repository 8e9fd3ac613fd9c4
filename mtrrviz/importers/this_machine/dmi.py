"""/sys/devices/virtual/dmi/id: what the machine calls itself.

See drivers/firmware/dmi-id.c. Serial numbers, which only root may read, are not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.importers.facts import short
from mtrrviz.importers.notes import NoteKind, Place
from mtrrviz.importers.this_machine.bounded_files import Unreadable
from mtrrviz.scenario.scenario_error import printable

if TYPE_CHECKING:
    from mtrrviz.importers.this_machine.machine_sources import Sources

DMI = "/sys/devices/virtual/dmi/id"
_MODEL = ("sys_vendor", "product_name")
_FIRMWARE = ("bios_vendor", "bios_version", "bios_date")


def read_dmi(sources: Sources) -> str:
    """Return maker and model, "" if unknown; note them with the firmware's version."""
    model, firmware = (_words(sources, names) for names in (_MODEL, _FIRMWARE))
    if model or firmware:
        text = f"the machine is {model or 'unnamed'}, its firmware {firmware or 'unnamed'}"
        sources.facts.note(NoteKind.INFO, text, Place(DMI))
    return model


def _words(sources: Sources, names: tuple[str, ...]) -> str:
    """Return what the files say, one after the other, without what cannot be read."""
    found: list[str] = []
    for name in names:
        try:
            found.append(printable(short(sources.tree.word(f"{DMI}/{name}"))))
        except Unreadable:
            continue
    return " ".join(filter(None, found))
