"""What a spec names on disk: its code, its handlers and its other paths."""
