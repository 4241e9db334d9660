"""The bare kernels that the limit is measured with compute what they say."""

import numpy as np

from benchmarks.limit import back, forward


def test_bare_kernels_are_an_mpn_layer_and_its_gradient():
    random = np.random.default_rng(0)
    steps, batch, inputs, hidden, eta, decay = 5, 2, 3, 4, 0.3, 0.8
    x, W = random.normal(size=(steps, batch, inputs)), random.normal(size=(inputs, hidden))
    weight = random.normal(size=(steps, batch, hidden))

    def loss(x, W):
        h = np.empty((steps, batch, hidden))
        forward(x, np.zeros((batch, inputs, hidden)), W, eta, decay, h)
        return float((weight * h).sum()), h

    M = np.zeros((inputs, hidden))
    _, h = loss(x, W)
    for t in range(steps):
        expected = ((M + 1) * W * x[t, 0, :, None]).sum(0)
        np.testing.assert_allclose(h[t, 0], expected, rtol=1e-10)
        M = decay * M + eta * x[t, 0, :, None] * expected
    grad_x, grad_W = np.zeros_like(x), np.zeros_like(W)
    kept, G = np.zeros((steps + 1, inputs, hidden)), np.zeros((inputs, hidden))
    back(x, h, W, (eta, decay), weight, kept, G, grad_x, grad_W)
    for array, gradient in ((x, grad_x), (W, grad_W)):
        for place in [(0,) * array.ndim, tuple(n - 1 for n in array.shape)]:
            moved = array.copy()
            moved[place] += 1e-6
            given = (moved, W) if array is x else (x, moved)
            slope = (loss(*given)[0] - loss(x, W)[0]) / 1e-6
            np.testing.assert_allclose(gradient[place], slope, rtol=1e-4)
