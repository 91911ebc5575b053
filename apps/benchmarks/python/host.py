"""What every contestant in Python shares: host.ts's protocol, JSON lines over the channel that Node opens for a child, and the numbers of contestant.ts."""

import json
import os
import re
import socket
import sys
import time

import numpy as np


def inputs(length, seed):
    """The numbers of contestant.ts's inputs(): a linear congruential generator, all states at once."""
    powers = np.cumprod(np.full(length, 1664525, np.uint32), dtype=np.uint32)
    sums = np.cumsum(np.concatenate([np.ones(1, np.uint32), powers[:-1]]), dtype=np.uint32)
    states = powers * np.uint32(seed) + sums * np.uint32(1013904223)
    return (states / 2.0**31 - 1).astype(np.float32)


def sample(values):
    values = values.reshape(-1)
    step = max(1, len(values) // 7)
    return [float(values[i * step]) for i in range(min(7, len(values)))]


class Operation:
    """An operation whose result is thrown away."""

    def __init__(self, run):
        self.run = run

    def result(self):
        return sample(self.run())


class Training:
    """A training step; its result is the first three losses."""

    def __init__(self, run):
        self.run = run

    def result(self):
        return [float(self.run()) for _ in range(3)]


# Batch, M, K, N, whether B comes transposed: the products of products/shapes.ts.
PRODUCTS = [(1, 1, 784, 1000, True), (1, 20, 650, 2600, True), (1, 20, 2600, 650, False), (1, 64, 1024, 1024, True)]
PRODUCTS += [(1, 128, 256, 256, True), (1, 784, 100, 1000, False), (1, 700, 200, 10000, True), (128, 64, 64, 64, False)]


def product_operands(index):
    """The operands of a product: a (batch, M, K) and b (batch, K, N), which may be a view of (batch, N, K)."""
    batch, m, k, n, transposed = PRODUCTS[index]
    a = inputs(batch * m * k, 1).reshape(batch, m, k)
    b = inputs(batch * k * n, 2)
    b = b.reshape(batch, n, k).transpose(0, 2, 1) if transposed else b.reshape(batch, k, n)
    return (a[0], b[0]) if batch == 1 else (a, b)


class Host:
    """Answers requests as host.ts does."""

    session = None
    expected = None

    def __init__(self, workloads, finish):
        self.workloads = workloads
        self.finish = finish

    def answer(self, request):
        if request["kind"] == "setup":
            setup = self.workloads.get(request["workload"])
            if setup is None:
                return {"kind": "unsupported"}
            self.session, self.expected = setup(request["size"]), None
            return {"kind": "ready", "result": self.session.result()}
        if self.expected is None:
            self.expected = self.warm_up()
        runs = max(1, min(100_000, round(request["seconds"] / self.expected)))
        seconds = self.batch(runs, request["clock"])
        if request["clock"] == "device":
            self.expected = seconds
        return {"kind": "measured", "secondsPerRun": seconds}

    def warm_up(self):
        end = time.perf_counter() + 1
        runs, seconds = 0, 0.0
        while runs < 3 or (time.perf_counter() < end and runs < 1000):
            seconds = self.batch(1, "device")
            runs += 1
        return seconds

    def batch(self, runs, clock):
        start = time.perf_counter()
        for _ in range(runs):
            self.session.run()
        handed_over = time.perf_counter()
        self.finish()
        return ((handed_over if clock == "host" else time.perf_counter()) - start) / runs


def once(workloads, workload, size):
    """Does a workload once, for what a process costs that does nothing else."""
    setup = workloads.get(workload)
    if setup is None:
        return {"kind": "unsupported"}
    result = setup(size).result()
    with open("/proc/self/status") as status:
        peak = 1024 * int(re.search(r"VmHWM:\s*(\d+)", status.read())[1])
    return {"kind": "done", "result": result, "peakBytes": peak}


def serve(workloads, finish=lambda: None):
    """Does what the command line asks for, or answers requests. `finish` waits until a device has done what it was handed."""
    if len(sys.argv) > 1:
        print(json.dumps(once(workloads, sys.argv[1], int(sys.argv[2]))))
        return
    channel = socket.socket(fileno=int(os.environ["NODE_CHANNEL_FD"]))
    host = Host(workloads, finish)

    def send(message):
        channel.sendall((json.dumps(message) + "\n").encode())

    send({"kind": "ready", "result": []})
    for line in channel.makefile("r"):
        try:
            send(host.answer(json.loads(line)))
        except Exception as error:  # the parent reports it and goes on without this contestant
            send({"kind": "failed", "message": repr(error)})
