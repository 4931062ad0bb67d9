"""AWS on a loopback port: moto, with what it lacks of CloudFormation and of functions that are images.

Not proved by it: it grants everything, every change is complete at once, and an image is whatever ECR was told of.
"""
