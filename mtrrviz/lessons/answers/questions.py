"""The questions that a lesson may ask of the model: one table each, named by its key ``ask``.

A question never holds its answer. Times default to the playhead, vCPU, page and policy to those
selected. Several pages or vCPUs may have several answers: then the answer is the set of them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from mtrrviz.scenario.files.schema import Number, Register, Seconds, StopFile, Strict

Words = Annotated[str, Meta(min_length=1, max_length=200)]
WhichVcpu = Annotated[int, Meta(ge=0, lt=255)] | Literal["every", "shown"]
When = Seconds | Literal["now", "end"]
TypeName = Literal["UC", "WC", "WT", "WP", "WB"]
TypeSource = Literal["fault", "leaf", "mtrr", "sdm"]


class ModelQuestion(Strict, frozen=True, kw_only=True, tag_field="ask"):
    """What every question may name: the time, and the policy if not the selected one."""

    at: When = "now"
    policy: Words | None = None


class PagesQuestion(ModelQuestion, frozen=True, kw_only=True):
    """A question about a page or a range; without any of the keys, about the selected one.

    ``page`` is any address of it; ``start`` and ``size`` or the name of a ``region`` are a range.
    """

    page: Number | None = None
    start: Number | None = None
    size: Number | None = None
    region: Words | None = None


class TypeQuestion(PagesQuestion, frozen=True, kw_only=True, tag="type"):
    """Which memory type the pages have.

    ``source``: what a fault by the vCPU would get ("fault"), what is mapped ("leaf"), what KVM
    finds in the vCPU's own MTRRs ("mtrr"), or what the SDM says of them ("sdm").
    """

    vcpu: WhichVcpu = "shown"
    source: TypeSource = "fault"


class EffectiveQuestion(PagesQuestion, frozen=True, kw_only=True, tag="effective"):
    """Which type the processor uses for the page with an entry of the vCPU's PAT (0 to 7).

    Of the leaf that is mapped, or of the one that a fault would make.
    """

    pat: Annotated[int, Meta(ge=0, le=7)]
    vcpu: WhichVcpu = "shown"
    source: Literal["fault", "leaf"] = "leaf"


class IpatQuestion(PagesQuestion, frozen=True, kw_only=True, tag="ipat"):
    """The IPAT bit of the page's leaf, or of the one that a fault would make."""

    vcpu: WhichVcpu = "shown"
    source: Literal["fault", "leaf"] = "leaf"


class LeafSizeQuestion(PagesQuestion, frozen=True, kw_only=True, tag="leaf-size"):
    """The size of the page's leaf, 0 without one, or of the one that a fault would make."""

    vcpu: WhichVcpu = "shown"
    source: Literal["fault", "leaf"] = "leaf"


class LeafVcpuQuestion(PagesQuestion, frozen=True, kw_only=True, tag="leaf-vcpu"):
    """The vCPU whose fault made the page's leaf."""


class LeavesQuestion(PagesQuestion, frozen=True, kw_only=True, tag="leaves"):
    """How many leaves are mapped; in the whole guest if no page or range is named.

    ``type`` counts those of one type, ``stale`` those that faults of the vCPU would make otherwise.
    """

    type: TypeName | None = None
    stale: bool = False
    vcpu: WhichVcpu = "shown"


class FirstPageQuestion(PagesQuestion, frozen=True, kw_only=True, tag="first-page"):
    """The first address of the range whose page has a type; none if there is none."""

    type: TypeName
    vcpu: WhichVcpu = "shown"
    source: TypeSource = "fault"


class ZapsQuestion(ModelQuestion, frozen=True, kw_only=True, tag="zaps"):
    """How many zaps there have been at a time, by default in the whole run."""

    at: When = "end"
    vcpu: Annotated[int, Meta(ge=0, lt=255)] | None = None
    cause: (
        Literal[
            "MTRR default type", "fixed MTRR", "variable MTRR", "CR0.CD edge", "non-coherent DMA"
        ]
        | None
    ) = None


class ZapVcpuQuestion(ModelQuestion, frozen=True, kw_only=True, tag="zap-vcpu"):
    """Which vCPUs zap at exactly the time."""


class FigureQuestion(ModelQuestion, frozen=True, kw_only=True, tag="figure"):
    """A figure of the run up to a time, by default of the whole run."""

    figure: Literal[
        "faults",
        "refaults",
        "leaves-dropped",
        "contended-zaps",
        "zap-mcycles",
        "stall-s",
        "boot-s",
    ]
    at: When = "end"


class RegisterQuestion(ModelQuestion, frozen=True, kw_only=True, tag="register"):
    """What a register holds: all of it, or the field of a name such as "Type"."""

    register: Register
    field: Words | None = None
    vcpu: WhichVcpu = "shown"


class RangeQuestion(ModelQuestion, frozen=True, kw_only=True, tag="range"):
    """What KVM makes of a variable pair: where its range begins and ends, or its size."""

    pair: Annotated[int, Meta(ge=0, lt=32)]
    part: Literal["first", "last", "size", "type", "valid"]
    vcpu: WhichVcpu = "shown"


class PairQuestion(ModelQuestion, frozen=True, kw_only=True, tag="pair"):
    """The base or the mask, V included, that a range of one pair is written with."""

    start: Number
    size: Number
    type: TypeName
    part: Literal["base", "mask"]


class MomentQuestion(ModelQuestion, frozen=True, kw_only=True, tag="moment"):
    """When the run fulfils a stop condition: the first time, the last, or every one."""

    stop: StopFile
    which: Literal["first", "last", "every"] = "first"


class PlayheadQuestion(ModelQuestion, frozen=True, kw_only=True, tag="playhead"):
    """Where the playhead is."""


class DmaQuestion(ModelQuestion, frozen=True, kw_only=True, tag="dma"):
    """How many devices with non-coherent DMA are attached."""


class CacheDisableQuestion(ModelQuestion, frozen=True, kw_only=True, tag="cd"):
    """The bit CR0.CD of the vCPU."""

    vcpu: WhichVcpu = "shown"


class AlikeQuestion(ModelQuestion, frozen=True, kw_only=True, tag="alike"):
    """Whether all vCPUs have the same MTRRs, yes or no; the PAT is none."""


class ProblemsQuestion(ModelQuestion, frozen=True, kw_only=True, tag="problems"):
    """How many problems the checks find: errors and warnings, or those of one severity or rule."""

    severity: Literal["error", "warning", "note"] | None = None
    rule: Words | None = None
    vcpu: WhichVcpu = "every"


class SpeedQuestion(ModelQuestion, frozen=True, kw_only=True, tag="speed"):
    """How long a write to memory of a type takes, as measured, in ns.

    With ``than`` it is how many times longer than to that type. ``cpu`` is a measured CPU.
    """

    type: TypeName
    than: TypeName | None = None
    cpu: Words | None = None


class SelectionQuestion(ModelQuestion, frozen=True, kw_only=True, tag="shown"):
    """What is selected in the window."""

    part: Literal["policy", "compare", "panel", "page", "vcpu", "register", "scenario", "map"]


QUESTIONS: dict[str, type[ModelQuestion]] = {
    str(kind.__struct_config__.tag): kind
    for kind in (
        TypeQuestion,
        EffectiveQuestion,
        IpatQuestion,
        LeafSizeQuestion,
        LeafVcpuQuestion,
        LeavesQuestion,
        FirstPageQuestion,
        ZapsQuestion,
        ZapVcpuQuestion,
        FigureQuestion,
        RegisterQuestion,
        RangeQuestion,
        PairQuestion,
        MomentQuestion,
        PlayheadQuestion,
        DmaQuestion,
        CacheDisableQuestion,
        AlikeQuestion,
        ProblemsQuestion,
        SpeedQuestion,
        SelectionQuestion,
    )
}
"""The kinds of questions by the word that asks them."""
