"""What KVM and the CPU do: memory types, MTRRs, EPT entries, policies and costs.

Numpy and the standard library only. Nothing in here knows about scenarios, files or windows.
"""
