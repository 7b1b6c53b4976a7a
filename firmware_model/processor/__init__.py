"""An ARMv6-M processor (Cortex-M0, M0+): any maker's program, instruction by instruction."""
