"""What the log of Linux (and of Xen, in the same words) tells, one kind of lines a module.

Each module has ``take(text, place, facts)``: it uses a line without heads and says whether it
knows it.
"""
