"""DelayedPairedAssociation-v0: do the two stimuli, several steps apart, form a pair?"""

from mpn_rl.tasks.decision import MatchTask


class DelayedPairedAssociation(MatchTask):
    """Delayed paired association: A goes with C, and B with D.

    Phases: sample (A or B, 1 step), delay (`delay` steps), test (C or D, 1 step), decision (1
    step), in which the test stays in view. The stimuli of a pair have no input in common, so that
    the pairs have to be learned.

    Observation (6,): A, B, C, D (1 when shown, 0 otherwise, with Gaussian noise of standard
    deviation `observation_noise` at every step), fixation (1 until the decision), go (1 at the
    decision).

    Actions: 0 no pair, 1 pair. Only the action at the decision is judged (+1 or -1), where the
    sample is gone: without memory half of the answers are right.
    """

    variable_names = ("sample", "test", "pair")
    noisy = 4
    test_inputs = slice(2, 4)
