"""The gates that enforce an organisation's standards: project, Dockerfile, build and image.

Only the command line may import it.
"""
