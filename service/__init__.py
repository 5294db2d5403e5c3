"""The web service around the core: pages, storage, sealing and the keeper."""
