"""An organisation's standards: the file, its consistency, its rules and waivers, and the pins of its images.

`project`, `dockerfile` and the packages above them may import it; it imports `rendering` and `oci`.
"""
