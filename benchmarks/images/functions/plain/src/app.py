import idna

VERSION = "0"


def handler(event, context):
    return {"version": VERSION, "answer": idna.encode(event["name"]).decode()}
