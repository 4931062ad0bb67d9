import pytest


@pytest.fixture
def batch() -> str:
    return "10"
