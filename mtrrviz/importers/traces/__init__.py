"""Traces of KVM: their lines, clocks and threads, whole files and files that still grow."""
