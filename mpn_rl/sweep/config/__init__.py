"""What a user may ask for: hyper-parameters, sweeps and their schema."""
