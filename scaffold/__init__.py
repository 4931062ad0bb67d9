"""Turns lambda-image.yaml into a complete AWS Lambda container-image project, and keeps it correct."""
