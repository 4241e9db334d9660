"""Cores and networks as modules of TensorDicts: the numbers of `MPNDQN.unroll`."""

import pytest
import torch
from tensordict import TensorDict
from torchrl.collectors import Collector
from torchrl.data import Categorical
from torchrl.envs import InitTracker, TransformedEnv, check_env_specs, step_mdp
from torchrl.modules import set_recurrent_mode
from torchrl.modules.utils import get_primers_from_module

from mpn_rl.networks import make_core
from mpn_rl.networks.q_network import MPNDQN
from mpn_rl.parameters.catalogue import CORES
from mpn_rl.tasks import make
from mpn_rl.torchrl import MemoryModule, TaskEnv, q_value_actor

pytestmark = pytest.mark.torchrl
TIME, BATCH, SEEN, HIDDEN, ACTIONS = 7, 3, 5, 8, 2


def network(core):
    return MPNDQN(SEEN, HIDDEN, ACTIONS, core, torch.Generator().manual_seed(0), encoder_dim=6)


def sequences(made):
    """Observations (batch, time, …), a state that is not zero, and starts inside."""
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(BATCH, TIME, SEEN, generator=generator)
    with torch.no_grad():
        _, state = made(x[:, 0], made.init_state(BATCH))
    start = torch.zeros(BATCH, TIME, dtype=torch.bool)
    start[0, 0] = start[1, 3] = start[2, 6] = True
    return x, state, start


def given(x, state, start):
    """As a collector stores it; of the states the module reads the first alone."""
    states = torch.full((BATCH, TIME, *state.shape[1:]), torch.nan)
    states[:, 0] = state
    content = {"observation": x, "recurrent_state": states, "is_init": start.unsqueeze(-1)}
    return TensorDict(content, [BATCH, TIME])


@pytest.mark.parametrize("core", CORES)
def test_outputs_and_gradients_are_those_of_unroll(core):
    made = network(core)
    x, state, start = sequences(made)
    q, last = made.unroll(x.transpose(0, 1), state, start.T)
    weights = [weight for weight in made.parameters() if weight.requires_grad]
    direct = torch.autograd.grad(q.square().sum() + last.square().sum(), weights)
    with set_recurrent_mode(True):
        done = MemoryModule(made)(given(x, state, start))
    values, states = done["action_value"], done["next", "recurrent_state"]
    through = torch.autograd.grad(values.square().sum() + states[:, -1].square().sum(), weights)
    torch.testing.assert_close(values, q.transpose(0, 1), rtol=0, atol=1e-6)
    torch.testing.assert_close(states[:, -1], last, rtol=0, atol=1e-6)
    for one, other in zip(through, direct, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("core", CORES)
def test_step_by_step_it_gives_what_it_gives_over_the_sequence(core):
    made = network(core)
    x, state, start = sequences(made)
    module = MemoryModule(made)
    with torch.no_grad(), set_recurrent_mode(True):
        whole = module(given(x, state, start))["action_value"]
    values = []
    for t in range(TIME):
        step = {"observation": x[:, t], "recurrent_state": state, "is_init": start[:, t : t + 1]}
        with torch.no_grad():
            done = module(TensorDict(step, [BATCH]))
        values.append(done["action_value"])
        state = done["next", "recurrent_state"]
    torch.testing.assert_close(torch.stack(values, 1), whole, rtol=0, atol=1e-6)


def test_a_core_alone_has_the_keys_that_it_is_given():
    core = make_core("gru", input_dim=SEEN, hidden_dim=HIDDEN)
    keys = {"in_keys": ("x", "memory", "is_init"), "out_keys": ("h", ("next", "memory"))}
    module = MemoryModule(core, **keys)
    step = {"x": torch.ones(BATCH, SEEN), "is_init": torch.ones(BATCH, 1, dtype=torch.bool)}
    done = module(TensorDict(step, [BATCH]))
    h, _ = core.step(torch.ones(BATCH, SEEN), core.init_state(BATCH))
    torch.testing.assert_close(done["h"], h)
    assert done["next", "memory"].shape == (BATCH, *core.state_shape)
    with pytest.raises(ValueError, match="in_keys are"):
        MemoryModule(core, in_keys=("x", "memory", "is_init"), out_keys=("h", ("next", "state")))
    with pytest.raises(ValueError, match="the batch's last dimension is time"):
        MemoryModule(core, **keys, default_recurrent_mode=True)(TensorDict({}, []))


def test_stored_states_stay_so_that_next_observations_have_one_to_begin_with():
    made = network("mpn")
    content = given(*sequences(made))
    stored = torch.rand_like(content["recurrent_state"])
    content["next", "recurrent_state"] = stored.clone()
    content["next", "observation"] = content["observation"]
    content["next", "is_init"] = torch.zeros(BATCH, TIME, 1, dtype=torch.bool)
    with set_recurrent_mode(True):
        done = MemoryModule(made)(content)
    assert torch.equal(step_mdp(done)["recurrent_state"][:, 0], stored[:, 0])


def test_the_task_is_an_environment_of_torchrl():
    env = TaskEnv(make("DelayedMatch-v0", num_envs=4, delay=2))
    check_env_specs(env)
    env.set_seed(5)
    torch.manual_seed(0)
    steps = env.rollout(9, break_when_any_done=False)
    task = make("DelayedMatch-v0", num_envs=4, delay=2)
    seen, _ = task.reset(seed=5)
    for t in range(9):
        assert (steps["observation"][:, t].numpy() == seen).all()
        seen, reward, terminated, truncated, _ = task.step(steps["action"][:, t].numpy())
        assert (steps["next", "reward"][:, t, 0].numpy() == reward).all()
        over = terminated | truncated
        assert (steps["next", "done"][:, t, 0].numpy() == over).all()
        if over.any():
            seen, _ = task.reset(options={"reset_mask": over})
    task.close()
    env.close()


def test_a_collector_carries_the_state_and_zeroes_it_where_an_episode_begins():
    task = make("DelayedMatch-v0", num_envs=2, delay=1)
    made = MPNDQN(task.observation_dim, HIDDEN, task.num_actions, "mpn")
    actor = q_value_actor(made, Categorical(task.num_actions))
    env = TransformedEnv(TaskEnv(task), InitTracker())
    env.append_transform(get_primers_from_module(actor))
    with torch.no_grad():
        steps = next(iter(Collector(env, actor, frames_per_batch=12, total_frames=12)))
    length = task.longest_episode
    assert steps.shape == (2, 6)
    begins = torch.arange(6) % length == 0
    assert (steps["is_init"][..., 0] == begins).all()
    states = torch.zeros(2, *made.core.state_shape)
    for t in range(6):
        states = states * ~begins[t]
        q, states = made(steps["observation"][:, t], states)
        torch.testing.assert_close(steps["action_value"][:, t], q, rtol=0, atol=1e-6)
        assert (steps["action"][:, t] == q.argmax(-1)).all()
    env.close()


def test_a_key_that_is_missing_is_named_with_its_writer():
    actor = q_value_actor(
        MPNDQN(4, 8, 2), TaskEnv(make("GoNogo-v0", num_envs=1)).action_spec_unbatched
    )
    seen, start = torch.zeros(3, 4), torch.zeros(3, 1, dtype=torch.bool)
    with pytest.raises(KeyError, match="no 'is_init', which InitTracker"):
        actor(TensorDict({"observation": seen}, [3]))
    with pytest.raises(KeyError, match="no 'observation', which the environment writes"):
        actor(TensorDict({"seen": seen, "is_init": start}, [3]))
