"""`python -m standin PORT`."""

import os
import sys

# boto3 of the stand-in asks the stand-in.
os.environ |= {
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ENDPOINT_URL": f"http://127.0.0.1:{sys.argv[1]}",
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
}

from moto.server import main

from standin import api, functions, images

functions.install()
api.install()
images.install()
main(["--host", "127.0.0.1", "--port", sys.argv[1]])
