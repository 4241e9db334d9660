"""An MPN-DQN as it is commonly written: eager torch, one transition at a time.

Every transition is stored with the modulation M before and after it, an update is one step of
learning on a batch of single transitions, and one update follows each step of one environment.
"""

import gymnasium
import numpy as np
import torch
from torch import Tensor

from mpn_rl.networks import plasticity
from mpn_rl.networks.initialisation import input_weights

HIDDEN, BATCH, CAPACITY = 64, 64, 10_000
GAMMA, EPSILON, LEARNING_RATE, ETA, LAMBDA = 0.99, 0.1, 1e-3, 0.1, 0.95


class Network(torch.nn.Module):
    """Observation and M to Q-values and M, by the equations of `plasticity`."""

    def __init__(self, obs_dim: int, num_actions: int) -> None:
        super().__init__()
        self.W = input_weights(HIDDEN, obs_dim, None)
        self.b = torch.nn.Parameter(torch.zeros(HIDDEN))
        self.q_head = torch.nn.Linear(HIDDEN, num_actions)
        self.eta, self.lambda_decay = torch.tensor(ETA), torch.tensor(LAMBDA)

    def forward(self, observation: Tensor, M: Tensor) -> tuple[Tensor, Tensor]:
        """observation (batch, obs_dim), M (batch, hidden, obs_dim) → q (batch, action), M."""
        h, M = plasticity.step(observation, M, self.W, self.b, self.eta, self.lambda_decay)
        return self.q_head(h), M


class EagerDQN:
    """One environment, one network step, one stored transition and one update at a time."""

    def __init__(self, seed: int = 0) -> None:
        torch.manual_seed(seed)
        self.random = np.random.default_rng(seed)
        self.env = gymnasium.make("CartPole-v1")
        self.online, self.target = Network(4, 2), Network(4, 2)
        self.optimizer = torch.optim.Adam(self.online.parameters(), lr=LEARNING_RATE)
        self.memory: list[tuple[Tensor, ...]] = []
        self._begin()

    def _begin(self) -> None:
        self.observation = torch.from_numpy(self.env.reset()[0])
        self.M = torch.zeros(HIDDEN, 4)

    @torch.no_grad()
    def act(self) -> None:
        """One step of the environment, stored."""
        q, M = self.online(self.observation[None], self.M[None])
        greedy = self.random.random() >= EPSILON
        action = int(q.argmax()) if greedy else int(self.random.integers(2))
        seen, reward, terminated, truncated, _ = self.env.step(action)
        after = torch.from_numpy(seen)
        transition = (
            self.observation,
            self.M,
            torch.tensor(action),
            torch.tensor(float(reward)),
            after,
            M[0],
            torch.tensor(float(terminated)),
        )
        self.memory.append(transition)
        if len(self.memory) > CAPACITY:
            del self.memory[0]
        self.observation, self.M = after, M[0]
        if terminated or truncated:
            self._begin()

    def learn(self) -> None:
        """One update on BATCH single transitions."""
        drawn = [self.memory[i] for i in self.random.integers(len(self.memory), size=BATCH)]
        columns = [torch.stack(column) for column in zip(*drawn, strict=True)]
        observation, M, action, reward, after, M_after, terminated = columns
        with torch.no_grad():
            value = self.target(after, M_after)[0].max(-1).values
            goal = reward + GAMMA * (1.0 - terminated) * value
        q = self.online(observation, M)[0].gather(1, action[:, None]).squeeze(1)
        loss = torch.nn.functional.smooth_l1_loss(q, goal)
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.online.parameters(), 10.0)
        self.optimizer.step()
