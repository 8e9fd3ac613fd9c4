"""Registers from one door: the table, the rules for writes, the ranges and the words.

The parts live in regtable (data), regrules (which writes fault), variable_ranges (pairs) and
describe (plain words); callers import them from here.
"""

from __future__ import annotations

from mtrrviz.core.msr.describe import describe, describe_pair
from mtrrviz.core.msr.regrules import allowed_codes, bit_words, check_write
from mtrrviz.core.msr.regtable import (
    CR0_CD,
    CR0_ID,
    CR0_NW,
    CR0_RESET,
    DEFTYPE,
    FIXED_ENABLE_BIT,
    FIXED_MSRS,
    MAX_PAIRS,
    MTRR_ENABLE_BIT,
    MTRRCAP,
    PAT,
    PAT_RESET,
    PHYSBASE0,
    PHYSMASK0,
    REGISTERS,
    VALID_BIT,
    VARIABLE_PAIRS,
    Field,
    Register,
    fixed_subranges,
    mtrr_msrs,
    register,
    reserved_mask,
)
from mtrrviz.core.variable_ranges import VariableRange, pair_to_range, range_to_pair

__all__ = [
    "CR0_CD",
    "CR0_ID",
    "CR0_NW",
    "CR0_RESET",
    "DEFTYPE",
    "FIXED_ENABLE_BIT",
    "FIXED_MSRS",
    "MAX_PAIRS",
    "MTRRCAP",
    "MTRR_ENABLE_BIT",
    "PAT",
    "PAT_RESET",
    "PHYSBASE0",
    "PHYSMASK0",
    "REGISTERS",
    "VALID_BIT",
    "VARIABLE_PAIRS",
    "Field",
    "Register",
    "VariableRange",
    "allowed_codes",
    "bit_words",
    "check_write",
    "describe",
    "describe_pair",
    "fixed_subranges",
    "mtrr_msrs",
    "pair_to_range",
    "range_to_pair",
    "register",
    "reserved_mask",
]
