"""One module per page family. Pages never import pages."""
