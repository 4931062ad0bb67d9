"""Turn lambda-image.yaml into a complete AWS Lambda container-image project, and keep it right."""
