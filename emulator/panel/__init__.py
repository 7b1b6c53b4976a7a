"""The panel: a page on which people see the fobs and press them (PANEL §5)."""
