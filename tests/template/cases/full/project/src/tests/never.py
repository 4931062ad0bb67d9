raise SystemExit("must not be in the image")
