"""What is measured on trained agents."""
