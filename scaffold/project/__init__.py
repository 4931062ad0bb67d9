"""One project on disk: finds it, compares it with a render, and writes it; the only writer of a user's files.

`model_files`, `fleet`, `gates` and the command line may import it; it never imports `dockerfile`.
"""
