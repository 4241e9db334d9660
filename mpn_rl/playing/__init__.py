"""Networks and other agents at play on tasks: seeds, episodes, evaluation, recording, baselines."""
