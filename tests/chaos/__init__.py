"""The machine under us breaks: every command that writes, under every fault a machine has.

`commands.py` lists what writes, `faults.py` what breaks; `test_faults.py` plays one against the
other. `make test` takes a share of the pairs, `make simulate` all of them.
"""
