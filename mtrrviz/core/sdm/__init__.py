"""Memory types by the SDM and AMD's manual: the lookup of real machines."""
