"""NumPy as a contestant: no gradients and no threads but those of its BLAS, so a training step is written out by hand."""

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ.get("CHAIN_THREADS", "1")  # read when NumPy loads the library

import host
import numpy as np
from host import Operation, Training, inputs


def matmul(n):
    a, b = inputs(n * n, 1).reshape(n, n), inputs(n * n, 2).reshape(n, n)
    return Operation(lambda: a @ b)


def product(index):
    a, b = host.product_operands(index)
    return Operation(lambda: a @ b)


def unary(function, make):
    def setup(size):
        x = make(size)
        return Operation(lambda: np.asarray(function(x)))

    return setup


def add(size):
    x, y = inputs(size, 1), inputs(size, 2)
    return Operation(lambda: x + y)


SIZES = [784, 1000, 1000, 10]


def weights(i):
    rows, columns = SIZES[i + 1], SIZES[i]
    return inputs(rows * columns, 100 + i).reshape(rows, columns) * np.float32(np.sqrt(3 / columns))


def images(batch):
    return np.abs(inputs(batch * 784, 7)).reshape(batch, 784)


def forward(parameters, x):
    """Activations of all layers, the input first and the scores last."""
    activations = [x]
    for i in range(3):
        w, b = parameters[2 * i], parameters[2 * i + 1]
        h = activations[-1] @ w.T + b
        activations.append(h if i == 2 else np.maximum(h, 0, out=h))
    return activations


def initial_parameters():
    return [p for i in range(3) for p in (weights(i), np.zeros(SIZES[i + 1], np.float32))]


def mlp_inference(batch):
    parameters, x = initial_parameters(), images(batch)
    return Operation(lambda: forward(parameters, x)[-1])


class Adam:
    def __init__(self, parameters):
        self.parameters = parameters
        self.means = [np.zeros_like(p) for p in parameters]
        self.squares = [np.zeros_like(p) for p in parameters]
        self.count = 0

    def update(self, gradients):
        self.count += 1
        correction = np.float32(1 / (1 - 0.999**self.count))
        rate = np.float32(0.001 / (1 - 0.9**self.count))
        for p, g, m, v in zip(self.parameters, gradients, self.means, self.squares):
            m += np.float32(0.1) * (g - m)
            v += np.float32(0.001) * (g * g - v)
            p -= rate * m / (np.sqrt(correction * v) + np.float32(1e-8))


def mlp_step(_):
    batch = 100
    parameters, x, t = initial_parameters(), images(batch), np.arange(batch) * 7 % 10
    optimizer = Adam(parameters)
    rows = np.arange(batch)

    def step():
        activations = forward(parameters, x)
        scores = activations[-1]
        shifted = scores - scores.max(1, keepdims=True)
        exponentials = np.exp(shifted)
        sums = exponentials.sum(1, keepdims=True)
        loss = np.mean(np.log(sums[:, 0]) - shifted[rows, t])
        gradient = exponentials / sums
        gradient[rows, t] -= 1
        gradient /= np.float32(batch)
        gradients = [None] * 6
        for i in reversed(range(3)):
            gradients[2 * i] = gradient.T @ activations[i]
            gradients[2 * i + 1] = gradient.sum(0)
            if i > 0:
                gradient = (gradient @ parameters[2 * i]) * (activations[i] > 0)
        optimizer.update(gradients)
        return loss

    return Training(step)


host.serve(
    {
        "matmul": matmul,
        "product": product,
        "copy": unary(np.copy, lambda size: inputs(size, 1)),
        "add": add,
        "exp": unary(np.exp, lambda size: inputs(size, 1)),
        "sum": unary(np.sum, lambda size: np.abs(inputs(size, 1))),
        "sumAxis0": unary(lambda x: x.sum(0), lambda size: np.abs(inputs(size, 1)).reshape(size // 100, 100)),
        "tanh": unary(np.tanh, lambda size: inputs(size, 1)),
        "max": unary(np.max, lambda size: inputs(size, 1)),
        "meanAxis1": unary(lambda x: x.mean(1), lambda size: np.abs(inputs(size, 1)).reshape(size // 100, 100)),
        "variance": unary(np.var, lambda size: inputs(size, 1)),
        "argmax": unary(np.argmax, lambda size: inputs(size, 1)),
        "mlpInference": mlp_inference,
        "mlpStep": mlp_step,
    }
)
