# Trains one block of seeds of one run.
#
# out: the experiment directory's config, history and checkpoints (seed -> weights)
# An unfinished block keeps its state in results/.work/{run}/seeds_{block}, which no rule declares.


rule train:
    """Train the seeds of one block, as many at once as the job has threads."""
    input:
        with_records_looked_at,
    output:
        config="results/runs/{run}/seeds_{block}/config.json",
        history="results/runs/{run}/seeds_{block}/training_history.json",
        best="results/runs/{run}/seeds_{block}/checkpoints/best_model.pt",
        final="results/runs/{run}/seeds_{block}/checkpoints/final_model.pt",
        record="results/runs/{run}/seeds_{block}/records/train.json",
    log:
        "results/logs/train/{run}_seeds_{block}.log",
    benchmark:
        "results/benchmarks/train/{run}_seeds_{block}.tsv"
    threads: seeds_at_once
    resources:
        # seconds between saves of the resumable state: `--set-resources train:save_seconds=10`
        save_seconds=60,
        # processes that step the environments of a task that others wrote, which changes no result:
        # `--set-resources train:env_processes=4 --set-threads train=4`
        env_processes=1,
        # 1: curves for TensorBoard, in results/logs/tensorboard
        tensorboard=int(SWEEP.logging.tensorboard),
        # 1: the state stays when training is complete, for a run that asks for more steps
        keep_state=0,
        # for a pool without shared files: the state that a failed attempt sent back
        htcondor_transfer_input_files=saved_training,
    params:
        hyperparameters=setting("train", "hyperparameters"),
        code=code_of("train"),
    message:
        "Training {wildcards.run}, seeds {wildcards.block}"
    script:
        "../scripts/stage.py"
