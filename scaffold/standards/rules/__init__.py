"""An organisation's rules: one module a rule, with its codes, its messages and its fixes.

Each module has a function `check(facts)`, and `scaffold.standards.evaluate` finds it by its place in this folder. Only
that module and `scaffold.standards.pins` may import it.
"""
