"""Classifies an iris by the nearest of the model's centroids."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

# Read once, when the container starts.
MODEL = json.loads((Path(os.environ["MODEL_DIR"]) / "centroids.json").read_text(encoding="utf-8"))
SPECIES = list(MODEL["centroids"])
CENTROIDS = np.array(list(MODEL["centroids"].values()))


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer a request whose body holds the four measurements, in centimetres."""
    measurements = json.loads(event["body"])["measurements"]
    if len(measurements) != CENTROIDS.shape[1]:
        return respond(400, {"error": f"measurements must be {', '.join(MODEL['measurements'])}"})
    distances = np.linalg.norm(CENTROIDS - np.array(measurements), axis=1)
    return respond(200, {"species": SPECIES[int(distances.argmin())]})


def respond(status: int, body: dict[str, Any]) -> dict[str, Any]:
    """Return a response in the form API Gateway expects: the body is a string."""
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}
