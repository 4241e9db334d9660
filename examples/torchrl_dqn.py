"""An MPN learns DelayedMatch by TorchRL's own collector, replay buffer and double DQN loss.

    pip install 'mpn-rl[torchrl]'
    python examples/torchrl_dqn.py

It ends once 95 of 100 answers of the greedy agent are right, after at most 120,000 steps.
"""

import argparse

import torch
from tensordict.nn import TensorDictSequential
from torchrl.collectors import Collector
from torchrl.data import LazyTensorStorage, TensorDictReplayBuffer
from torchrl.envs import ExplorationType, InitTracker, TransformedEnv, set_exploration_type
from torchrl.modules import EGreedyModule
from torchrl.modules.utils import get_primers_from_module
from torchrl.objectives import DQNLoss, SoftUpdate

from mpn_rl.networks.q_network import MPNDQN
from mpn_rl.tasks import make
from mpn_rl.torchrl import TaskEnv, q_value_actor

ENVS, UPDATES, BATCH = 32, 4, 64
WANTED = 0.95


def environment(delay: int, actor: TensorDictSequential | None = None) -> TransformedEnv:
    """The task in lockstep, which tells where episodes begin and carries the actor's memory."""
    env = TransformedEnv(
        TaskEnv(make("DelayedMatch-v0", num_envs=ENVS, delay=delay)), InitTracker()
    )
    if actor is not None:
        env.append_transform(get_primers_from_module(actor))
    return env


@torch.no_grad()
def accuracy(env: TransformedEnv, actor: TensorDictSequential, length: int) -> float:
    """The fraction of right answers over 10 rounds of episodes, played greedily."""
    with set_exploration_type(ExplorationType.DETERMINISTIC):
        played = env.rollout(10 * length, actor, break_when_any_done=False)
    ended = played["next", "done"]
    return float(played["next", "correct"][ended].mean())


def train(core: str, delay: int, seed: int, most_steps: int) -> float:
    """Train until WANTED is reached or so many steps are taken; the last accuracy."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    bare = environment(delay)
    task = bare.base_env.task
    length, spec = task.longest_episode, bare.action_spec_unbatched
    network = MPNDQN(task.observation_dim, 64, task.num_actions, core, encoder_dim=32)
    actor = q_value_actor(network, spec)
    explorer = EGreedyModule(spec, annealing_num_steps=20_000, eps_init=1.0, eps_end=0.05)
    env, apart = environment(delay, actor), environment(delay, actor)
    env.set_seed(seed)
    apart.set_seed(seed + 1_000_000)
    # each item is one whole episode, so that no sequence crosses an end
    replay = TensorDictReplayBuffer(storage=LazyTensorStorage(1000), batch_size=BATCH)
    loss = DQNLoss(actor, action_space=spec, delay_value=True, double_dqn=True)
    loss.make_value_estimator(gamma=0.99)
    target, adam = SoftUpdate(loss, eps=0.99), torch.optim.Adam(network.parameters(), 2e-3)
    frames, reached = ENVS * length, 0.0
    policy = TensorDictSequential(actor, explorer)
    collector = Collector(env, policy, frames_per_batch=frames, total_frames=most_steps)
    for round_, episodes in enumerate(collector, start=1):
        replay.extend(episodes.detach())
        explorer.step(frames)
        for _ in range(UPDATES):
            adam.zero_grad()
            loss(replay.sample())["loss"].backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
            adam.step()
            target.step()
        if round_ % 25 == 0:
            reached = accuracy(apart, actor, length)
            print(f"{round_ * frames:7,} steps: {reached:.3f} of the answers are right", flush=True)
            if reached >= WANTED:
                break
    collector.shutdown()
    for one in (bare, apart):
        one.close()
    return reached


def main() -> None:
    """Train as the command line says; end with 1 where WANTED is not reached."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--core", default="mpn", help="memory core (%(default)s)")
    parser.add_argument("--delay", type=int, default=6, help="delay of the task (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="seed (%(default)s)")
    parser.add_argument("--steps", type=int, default=120_000, help="at most (%(default)s)")
    asked = parser.parse_args()
    raise SystemExit(train(asked.core, asked.delay, asked.seed, asked.steps) < WANTED)


if __name__ == "__main__":
    main()
