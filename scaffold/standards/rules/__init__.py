"""An organisation's rules: one module per rule, with its codes, its messages and its fixes.

Each module has a function `check(facts)`, which `scaffold.standards.evaluate` finds by the module's place in this
directory. Only that module and `scaffold.standards.pins` may import it.
"""
