"""News in, conflict events out."""
