"""DelayedMatch-v0: was the test stimulus the same as the sample, several steps earlier?"""

from mpn_rl.tasks.decision import MatchTask


class DelayedMatch(MatchTask):
    """Delayed match to sample with two stimuli.

    Phases: sample (1 step), delay (`delay` steps), test (1 step), decision (1 step). Sample and
    test are drawn independently, so that they match in half of the trials. The test stays in view
    for the decision.

    Observation (4,): two stimulus channels (1 for the stimulus shown, 0 otherwise, with Gaussian
    noise of standard deviation `observation_noise` at every step), fixation (1 until the decision),
    go (1 at the decision). There is no step without input, in which a layer whose weights are
    modulated multiplicatively would be blind to its memory.

    Actions: 0 non-match, 1 match. Only the action at the decision is judged: +1 or -1. There the
    observation says nothing of the sample: without memory half of the answers are right.
    """

    variable_names = ("sample", "test", "match")
