"""What all functions of the repository share."""

import six


def greet(name):
    assert six.PY3
    return f"Hello, {name}!"
