"""Problems with files and images: the finding, the text it is about, and the registry of codes.

Every package may import it; it imports only the leaves beside it (`errors`, `locations`).
"""
