"""From a spec to its problems, its plan and its files; the only home of Jinja.

`standards`, `project` and the packages above them may import it; it never imports `oci`.
"""
