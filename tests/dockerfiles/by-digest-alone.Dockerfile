FROM registry.acme.example/lambda/python@sha256:5b7710125e54887a4f0cf28cae8e30cfcf9dc367e60e6633fc6f48dcb5b3be1b
CMD ["app.handler"]
