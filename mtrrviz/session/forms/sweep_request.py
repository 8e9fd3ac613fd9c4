"""What a sweep is asked for, read from what people type."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.record import Record
from mtrrviz.core.wording.number_lists import memory_list, vcpu_list
from mtrrviz.scenario.generated.boot_machine import check

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mtrrviz.sim.cost_model import CostModel


_Number = TypeVar("_Number", int, float)


class SweepRequest(Record):
    """A firmware, the numbers of vCPUs, the sizes of memory, the policies, and the constants."""

    firmware: str
    vcpus: tuple[int, ...]
    memory_gib: tuple[float, ...]
    policies: tuple[str, ...]
    costs: CostModel


def read_request(
    firmware: str, vcpus: str, memory: str, policies: Sequence[str], costs: CostModel
) -> SweepRequest:
    """Return the request of lists such as "1,2,4,...,255" and "2,16".

    MtrrvizError for what is no list, for guests that cannot be, and where no policy is chosen.
    """
    # A number that is given twice would be worked out twice and drawn as one.
    numbers = tuple(dict.fromkeys(_read("vCPUs", vcpu_list, vcpus)))
    sizes = tuple(dict.fromkeys(_read("memory", memory_list, memory)))
    for count in numbers:
        check(firmware, count, sizes[0])
    for size in sizes:
        check(firmware, numbers[0], size)
    if not policies:
        raise MtrrvizError("no policy is chosen: expected one or more")
    return SweepRequest(firmware, numbers, sizes, tuple(policies), costs)


def _read(what: str, reader: Callable[[str], list[_Number]], text: str) -> list[_Number]:
    """Read a list; MtrrvizError says which one is wrong."""
    try:
        return reader(text)
    except MtrrvizError as error:
        raise MtrrvizError(f"{what}: {error}") from None
