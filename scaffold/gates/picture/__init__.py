"""A picture of an image: its layers and largest contents, what is its base's, what a code edit pushes, what changed."""
