"""The exceptions of the core: one base class, and the fault a refused register write raises."""

from __future__ import annotations


class MtrrvizError(Exception):
    """Base of every error the program raises on purpose; its text is fit for a user's eyes."""


class GeneralProtectionFault(MtrrvizError):
    """A register access the CPU (or KVM for it) answers with #GP; nothing was changed.

    ``msr`` is the register number, ``value`` the refused value (None for a read) and ``reason``
    names the offending bits or byte and what would have been allowed.
    """

    def __init__(self, msr: int, value: int | None, reason: str) -> None:
        """Record the refused access; ``value`` is None if it was a read."""
        super().__init__(msr, value, reason)
        self.msr = msr
        self.value = value
        self.reason = reason

    def __str__(self) -> str:
        """Return one sentence: the access, then why it faults."""
        where = "CR0" if self.msr < 0 else f"MSR {self.msr:#x}"
        access = f"read of {where}" if self.value is None else f"{where} = {self.value:#x}"
        return f"#GP: {access}: {self.reason}"
