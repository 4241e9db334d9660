"""Memory cores and the Q-network around them."""
