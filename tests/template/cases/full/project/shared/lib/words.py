WORD = "vendored"
