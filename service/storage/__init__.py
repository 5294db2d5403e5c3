"""What is kept: one module per subject, with its SQL inside."""
