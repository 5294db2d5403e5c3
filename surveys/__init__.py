"""What we ask, and what may be told: values in, values out."""
