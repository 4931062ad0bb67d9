"""Names the species of an iris: the nearest of the model's centroids."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

# Read when the container starts, so that every later event finds it in memory.
MODEL = json.loads((Path(os.environ["MODEL_DIR"]) / "centroids.json").read_text(encoding="utf-8"))
SPECIES = list(MODEL["centroids"])
CENTROIDS = np.array(list(MODEL["centroids"].values()))


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer a request whose body holds the four measures in centimetres."""
    measures = json.loads(event["body"])["measures"]
    if len(measures) != CENTROIDS.shape[1]:
        return respond(400, {"error": f"measures must be {', '.join(MODEL['measures'])}"})
    distances = np.linalg.norm(CENTROIDS - np.array(measures), axis=1)
    return respond(200, {"species": SPECIES[int(distances.argmin())]})


def respond(status: int, body: dict[str, Any]) -> dict[str, Any]:
    """Give the answer the shape API Gateway wants: the body is a string."""
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}
