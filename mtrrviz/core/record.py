"""Values: records that nobody can change, and that cost little to declare and to make.

A frozen dataclass says the same, but writes and compiles six functions for each class: half a
millisecond for each of the two hundred that a window needs, at every start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, dataclass_transform

import msgspec
from msgspec import Struct, StructMeta

if TYPE_CHECKING:
    from inspect import Signature


@dataclass_transform(frozen_default=True, field_specifiers=(msgspec.field,))
class _RecordType(StructMeta):
    """The type of record classes: their annotations need not be there when the program runs."""

    @property
    def __signature__(self) -> Signature:
        """What ``help()`` shows of the constructor, with annotations as they are written."""
        from inspect import Parameter, Signature, get_annotations  # noqa: PLC0415 - seldom asked for

        names, defaults = self.__struct_fields__, self.__struct_defaults__
        required = len(names) - len(defaults)
        known = {
            name: text
            for base in reversed(self.__mro__)
            for name, text in get_annotations(base).items()
        }
        return Signature(
            [
                Parameter(
                    name,
                    Parameter.POSITIONAL_OR_KEYWORD,
                    default=Parameter.empty if at < required else defaults[at - required],
                    annotation=known.get(name, Parameter.empty),
                )
                for at, name in enumerate(names)
            ]
        )


class Record(Struct, frozen=True, metaclass=_RecordType):
    """Base of immutable values: equal, and hashed, by their fields.

    A class says ``eq=False`` to be equal to itself alone, ``dict=True`` to keep what it has worked
    out, ``weakref=True`` where others keep something for as long as it lives. ``__post_init__`` may
    set fields with :func:`msgspec.structs.force_setattr`; :func:`msgspec.structs.replace` calls it
    as well.
    """
