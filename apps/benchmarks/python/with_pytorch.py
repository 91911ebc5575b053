"""PyTorch as a contestant, on the CPU or, by `CHAIN_BENCH_DEVICE=cuda`, on a GPU."""

import itertools
import os

import host
import numpy as np
import torch
from host import Training

device = os.environ.get("CHAIN_BENCH_DEVICE", "cpu")
if device != "cpu":
    torch.set_default_device(device)  # PyTorch 1 has no such function
torch.set_num_threads(int(os.environ.get("CHAIN_THREADS", "1")))
# float32 means float32.
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False


def inputs(length, seed):
    return torch.from_numpy(host.inputs(length, seed)).to(device)


class Operation(host.Operation):
    def result(self):
        return host.sample(self.run().detach())


def matmul(n):
    a, b = inputs(n * n, 1).reshape(n, n), inputs(n * n, 2).reshape(n, n)
    return Operation(lambda: a @ b)


def product(index):
    a, b = [torch.from_numpy(operand).to(device) for operand in host.product_operands(index)]
    return Operation(lambda: a @ b)


def unary(function, make):
    def setup(size):
        x = make(size)
        return Operation(lambda: function(x))

    return setup


def add(size):
    x, y = inputs(size, 1), inputs(size, 2)
    return Operation(lambda: x + y)


# Batch, channels, outputs, size, kernel, stride, groups: the layers of convolution/layers.ts.
LAYERS = [(128, 3, 16, 32, 3, 1, 1), (128, 16, 16, 32, 3, 1, 1), (128, 16, 32, 32, 3, 2, 1), (128, 16, 32, 32, 1, 2, 1)]
LAYERS += [(128, 32, 32, 16, 3, 1, 1), (128, 32, 64, 16, 3, 2, 1), (128, 32, 64, 16, 1, 2, 1), (128, 64, 64, 8, 3, 1, 1)]
LAYERS += [(4, 64, 64, 56, 3, 1, 1), (4, 256, 64, 56, 1, 1, 1)]
LAYERS += [(32, 64, 64, 56, 3, 1, 64), (32, 128, 128, 56, 3, 2, 128), (32, 256, 256, 14, 3, 1, 256), (32, 64, 64, 28, 5, 1, 64)]


def convolution(compute):
    def setup(index):
        batch, channels, outputs, size, kernel, stride, groups = LAYERS[index]
        shapes = [(batch, channels, size, size), (outputs, channels // groups, kernel, kernel)]
        shapes.append((batch, outputs, size // stride, size // stride))
        x, w, gy = [inputs(int(np.prod(shape)), 1 + i).reshape(shape) for i, shape in enumerate(shapes)]
        options = {"stride": stride, "padding": (kernel - 1) // 2, "groups": groups}
        return Operation(lambda: compute(x, w, gy, options))

    return setup


def convolve(x, w, gy, options):
    return torch.nn.functional.conv2d(x, w, **options)


def grad_input(x, w, gy, options):
    return torch.nn.grad.conv2d_input(x.shape, w, gy, **options)


def grad_weight(x, w, gy, options):
    return torch.nn.grad.conv2d_weight(x, w.shape, gy, **options)


# Shape, kernel, stride: those of pooling/windows.ts.
POOLINGS = [((128, 16, 32, 32), 2, 2), ((128, 16, 33, 33), 3, 2), ((32, 64, 57, 57), 3, 2)]


def max_pooling(index):
    shape, kernel, stride = POOLINGS[index]
    x = inputs(int(np.prod(shape)), 1).reshape(shape)
    return Operation(lambda: torch.nn.functional.max_pool2d(x, kernel, stride))


def max_pooling_grad(index):
    shape, kernel, stride = POOLINGS[index]
    x = inputs(int(np.prod(shape)), 1).reshape(shape).requires_grad_()
    y = torch.nn.functional.max_pool2d(x, kernel, stride)
    gy = inputs(y.numel(), 2).reshape(y.shape)
    return Operation(lambda: torch.autograd.grad(y, x, gy, retain_graph=True)[0])


def mlp():
    sizes = [784, 1000, 1000, 10]
    layers = []
    for i in range(3):
        layer = torch.nn.Linear(sizes[i], sizes[i + 1])
        weights = inputs(sizes[i + 1] * sizes[i], 100 + i) * np.float32(np.sqrt(3 / sizes[i]))
        layer.weight.data.copy_(weights.reshape(sizes[i + 1], sizes[i]))
        layer.bias.data.zero_()
        layers += [layer] if i == 2 else [layer, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers)


def mlp_images(batch):
    return inputs(batch * 784, 7).abs().reshape(batch, 784)


def mlp_step(_):
    model = mlp()
    optimizer = torch.optim.Adam(model.parameters())
    x = mlp_images(100)
    t = torch.arange(100) * 7 % 10

    def step():
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), t)
        loss.backward()
        optimizer.step()
        return loss.detach()

    return Training(step)


class Updates:
    """Updates of weights by Adam, with gradients whose norm is clipped."""

    def __init__(self, count):
        matrix = lambda seed: inputs(128 * 128, seed).reshape(128, 128)
        self.weights = [torch.nn.Parameter(matrix(200 + i)) for i in range(count)]
        for i, weight in enumerate(self.weights):
            weight.grad = matrix(300 + i)
        self.optimizer = torch.optim.Adam(self.weights)

    def run(self):
        torch.nn.utils.clip_grad_norm_(self.weights, 1)
        self.optimizer.step()

    def result(self):
        self.run()
        return host.sample(self.weights[0].detach())


def language_model_step(units):
    steps, batch, words = 35, 20, 10_000
    ids = torch.floor((inputs(700, 11).double() + 1) / 2 * words).long() % words
    following = torch.floor((inputs(700, 12).double() + 1) / 2 * 100).long() % 100
    embed = torch.nn.Embedding(words, units)
    lstm = torch.nn.LSTM(units, units, num_layers=2)
    linear = torch.nn.Linear(units, words)
    for layer in range(2):
        getattr(lstm, f"bias_hh_l{layer}").requires_grad_(False)  # the other contestants have one bias a gate
    parameters = [*embed.parameters(), *lstm.parameters(), *linear.parameters()]
    with torch.no_grad():
        for parameter in parameters:
            parameter.zero_()
        embed.weight.copy_(0.1 * inputs(words * units, 21).reshape(words, units))
        linear.weight.copy_(0.1 * inputs(words * units, 41).reshape(words, units))
        for layer in range(2):
            for kind, name in enumerate(["weight_ih", "weight_hh"]):
                gates = 0.1 * inputs(4 * units * units, 31 + 2 * layer + kind)
                candidate, entry, forget, output = gates.reshape(4, units, units)
                getattr(lstm, f"{name}_l{layer}").copy_(torch.cat([entry, forget, candidate, output]))
    parameters = [parameter for parameter in parameters if parameter.requires_grad]
    optimizer = torch.optim.SGD(parameters, lr=0.1)

    def step():
        optimizer.zero_grad()
        h, _ = lstm(embed(ids).reshape(steps, batch, units))
        loss = torch.nn.functional.cross_entropy(linear(h.reshape(steps * batch, units)), following) * steps
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 5)
        optimizer.step()
        return loss.detach()

    return Training(step)


def tiny_rnn(steps):
    units = 32
    x2h, h2h = torch.nn.Linear(units, units), torch.nn.Linear(units, units, bias=False)
    x2h.weight.data.copy_(0.2 * inputs(units * units, 1).reshape(units, units))
    h2h.weight.data.copy_(0.2 * inputs(units * units, 2).reshape(units, units))
    x2h.bias.data.zero_()
    xs = [inputs(units, 10 + t).reshape(1, units) for t in range(steps)]

    def run():
        x2h.zero_grad(), h2h.zero_grad()
        h = None
        for x in xs:
            h = torch.tanh(x2h(x) if h is None else x2h(x) + h2h(h))
        h.sum().backward()
        return h2h.weight.grad

    return Operation(run)


def tree_lstm(units):
    """The trees of tree-lstm/data.ts."""
    trees, leaves = 10, 20
    draws = iter(inputs(trees * leaves, 51).double().tolist())

    def grow(first, count):
        if count == 1:
            return first
        left = 1 + int((next(draws) + 1) / 2 * (count - 1))
        return grow(first, left), grow(first + left, count - left)

    forest = [grow(i * leaves, leaves) for i in range(trees)]
    words = inputs(trees * leaves * units, 52).reshape(trees * leaves, 1, units)
    from_input = torch.nn.Linear(units, 5 * units)
    from_children = [torch.nn.Linear(units, 5 * units, bias=False) for _ in range(2)]
    for i, linear in enumerate([from_input, *from_children]):
        linear.weight.data.copy_(0.2 * inputs(5 * units * units, 53 + i).reshape(5 * units, units))
    from_input.bias.data.zero_()
    zeros = torch.zeros(1, units)

    def state(tree):
        if isinstance(tree, int):
            gates, states = from_input(words[tree]), [zeros, zeros]
        else:
            (c1, h1), (c2, h2) = state(tree[0]), state(tree[1])
            gates, states = from_input(zeros) + from_children[0](h1) + from_children[1](h2), [c1, c2]
        a, i, o, f1, f2 = gates.chunk(5, 1)
        c = torch.tanh(a) * torch.sigmoid(i) + torch.sigmoid(f1) * states[0] + torch.sigmoid(f2) * states[1]
        return c, torch.sigmoid(o) * torch.tanh(c)

    def run():
        for linear in [from_input, *from_children]:
            linear.zero_grad()
        torch.cat([state(tree)[1] for tree in forest]).sum().backward()
        return from_children[0].weight.grad

    return Operation(run)


class ConvBN(torch.nn.Sequential):
    def __init__(self, layer, entry, channels, stride):
        super().__init__(
            torch.nn.Conv2d(entry, channels, 3, stride, 1, bias=False), torch.nn.BatchNorm2d(channels, eps=2e-5)
        )
        weights = inputs(channels * 9 * entry, 200 + layer) * np.float32(np.sqrt(6 / (9 * entry)))
        self[0].weight.data.copy_(weights.reshape(channels, entry, 3, 3))


class Block(torch.nn.Module):
    def __init__(self, layer, entry, channels):
        super().__init__()
        self.more = channels - entry
        self.c1 = ConvBN(layer, entry, channels, 2 if self.more else 1)
        self.c2 = ConvBN(layer + 1, channels, channels, 1)

    def forward(self, x, survives):
        shortcut = torch.nn.functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 0, self.more)) if self.more else x
        return torch.relu(self.c2(torch.relu(self.c1(x))) + shortcut) if survives else shortcut


class ResidualNetwork(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.c0 = ConvBN(0, 3, 16, 1)
        blocks, layer, entry = [], 1, 16
        for channels in [16, 32, 64]:
            for _ in range(3):
                blocks.append(Block(layer, entry, channels))
                layer, entry = layer + 2, channels
        self.blocks = torch.nn.ModuleList(blocks)
        self.fc = torch.nn.Linear(64, 10)
        self.fc.weight.data.copy_((inputs(640, 200 + layer) * np.float32(np.sqrt(6 / 64))).reshape(10, 64))
        self.fc.bias.data.zero_()

    def forward(self, x, survives=None):
        h = torch.relu(self.c0(x))
        for i, block in enumerate(self.blocks):
            h = block(h, survives is None or survives[i])
        return self.fc(h.mean((2, 3)))


def residual_network_images(batch):
    return inputs(batch * 3 * 32 * 32, 7).reshape(batch, 3, 32, 32)


def residual_network_step(stochastic):
    def setup(batch):
        model = ResidualNetwork()
        for parameter in model.parameters():
            parameter.grad = torch.zeros_like(parameter)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
        x, t = residual_network_images(batch), torch.arange(batch) * 7 % 10
        steps = itertools.count()

        def survives():
            return [(d + 1) / 2 < 1 - 0.5 * (i + 1) / 9 for i, d in enumerate(inputs(9, 1000 + next(steps)).tolist())]

        def step():
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(x, survives() if stochastic else None), t)
            loss.backward()
            optimizer.step()
            return loss.detach()

        return Training(step)

    return setup


def inference(make_model, images):
    def setup(batch):
        model, x = make_model().eval(), images(batch)

        def run():
            with torch.inference_mode():
                return model(x)

        return Operation(run)

    return setup


def chained(backward):
    def setup(length):
        x = torch.tensor([1.0, 2.0], requires_grad=True)

        def run():
            h = x
            for _ in range(length):
                h = h + 1
            if backward:
                h.backward(torch.ones(2))
                x.grad = None
            return h

        return Operation(run)

    return setup


def dispatches(length):
    x = inputs(2, 1)

    def run():
        h = x
        for _ in range(length):
            h = h + 1
        return h

    return Operation(run)


workloads = {
    "matmul": matmul,
    "product": product,
    "copy": unary(torch.clone, lambda size: inputs(size, 1)),
    "add": add,
    "exp": unary(torch.exp, lambda size: inputs(size, 1)),
    "sum": unary(torch.sum, lambda size: inputs(size, 1).abs()),
    "sumAxis0": unary(lambda x: torch.sum(x, 0), lambda size: inputs(size, 1).abs().reshape(size // 100, 100)),
    "tanh": unary(torch.tanh, lambda size: inputs(size, 1)),
    "max": unary(torch.max, lambda size: inputs(size, 1)),
    "meanAxis1": unary(lambda x: torch.mean(x, 1), lambda size: inputs(size, 1).abs().reshape(size // 100, 100)),
    "variance": unary(lambda x: torch.var(x, unbiased=False), lambda size: inputs(size, 1)),
    "argmax": unary(torch.argmax, lambda size: inputs(size, 1)),
    "convolution": convolution(convolve),
    "convolutionGradInput": convolution(grad_input),
    "convolutionGradWeight": convolution(grad_weight),
    "maxPooling": max_pooling,
    "maxPoolingGrad": max_pooling_grad,
    "mlpStep": mlp_step,
    "languageModelStep": language_model_step,
    "mlpInference": inference(mlp, mlp_images),
    "residualNetworkStep": residual_network_step(False),
    "stochasticResidualNetworkStep": residual_network_step(True),
    "residualNetworkInference": inference(ResidualNetwork, residual_network_images),
    "clippedUpdate": Updates,
    "tinyRnn": tiny_rnn,
    "treeLstm": tree_lstm,
    "dispatch": dispatches,
    "chainForward": chained(False),
    "chainForwardBackward": chained(True),
}


def finish():
    if device == "cuda":
        torch.cuda.synchronize()


host.serve(workloads, finish)
