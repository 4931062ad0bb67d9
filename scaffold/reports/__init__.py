"""Findings as text, JSON, SARIF, JUnit and GitHub annotations.

Every package above it may import it; it imports `findings`.
"""
